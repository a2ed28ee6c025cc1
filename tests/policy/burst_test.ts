import { assert, assertEquals, assertThrows } from "@std/assert";
import { decideBurst } from "../../src/policy/burst.ts";
import { seededRandom } from "../../src/system/random.ts";

const windowMs = 1_500;
const decide = (arrivedAtMs: readonly number[], nowMs: number) =>
  decideBurst({ arrivedAtMs, windowMs, nowMs });

Deno.test("decideBurst() waits a window after the last text, then takes them all", () => {
  assertEquals(decide([0], 0), { kind: "wait", untilMs: 1_500 });
  assertEquals(decide([0, 1_000], 1_500), { kind: "wait", untilMs: 2_500 });
  assertEquals(decide([0, 1_000], 2_499), { kind: "wait", untilMs: 2_500 });
  assertEquals(decide([0, 1_000], 2_500), { kind: "take", count: 2 });
});

Deno.test("decideBurst() takes all that came while the turn before ran, however far apart", () => {
  assertEquals(decide([0, 20_000, 60_000], 70_000), { kind: "take", count: 3 });
});

Deno.test("decideBurst() does not wait for someone who goes on and on", () => {
  const arrivedAtMs = [0, 1_400, 2_800, 4_200, 5_600];
  assertEquals(decide(arrivedAtMs, 5_600), { kind: "wait", untilMs: 6_000 });
  assertEquals(decide([...arrivedAtMs, 6_500], 6_500), { kind: "take", count: 6 });
  assertEquals(decide(Array.from({ length: 11 }, (_, i) => i), 10), { kind: "take", count: 10 });
});

Deno.test("decideBurst() waits for nothing when the window is 0", () => {
  const at = (...arrivedAtMs: number[]) => decideBurst({ arrivedAtMs, windowMs: 0, nowMs: 5 });
  assertEquals(at(5), { kind: "take", count: 1 });
  assertEquals(at(4, 5), { kind: "take", count: 2 });
  assertEquals(at(...Array(11).fill(5)), { kind: "take", count: 10 });
});

Deno.test("decideBurst() does not wait for a time before the texts came", () => {
  assertEquals(decide([10_000], 0), { kind: "take", count: 1 });
});

Deno.test("decideBurst() refuses to group nothing", () => {
  assertThrows(() => decide([], 0), RangeError, "Cannot group texts");
});

Deno.test("decideBurst() takes every text once, in order, within four windows", () => {
  const seed = 51;
  const random = seededRandom(seed);
  let atMs = 0;
  const arrivedAtMs = Array.from({ length: 2_000 }, () => atMs += random.below(4_000));
  let nowMs = 0;
  for (let taken = 0; taken < arrivedAtMs.length;) {
    nowMs = Math.max(nowMs, arrivedAtMs[taken]!);
    const here = arrivedAtMs.slice(taken).filter((time) => time <= nowMs);
    const decision = decide(here, nowMs);
    if (decision.kind === "wait") {
      assert(
        decision.untilMs > nowMs && decision.untilMs <= here[0]! + 4 * windowMs,
        `seed ${seed}`,
      );
      const next = arrivedAtMs[taken + here.length] ?? Infinity;
      nowMs = Math.min(decision.untilMs, Math.max(next, nowMs));
      continue;
    }
    assert(decision.count >= 1 && decision.count <= here.length, `seed ${seed}`);
    taken += decision.count;
  }
});
