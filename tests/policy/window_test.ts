import { assert, assertEquals } from "@std/assert";
import {
  addSpent,
  freesAtMs,
  recentTimes,
  SLOTS,
  type Spent,
  spentIn,
} from "../../src/policy/window.ts";
import { seededRandom } from "../../src/system/random.ts";

const HOUR_MS = 3_600_000;

Deno.test("recentTimes() drops what has left the window, and what is further ahead than that", () => {
  assertEquals(recentTimes([0, 1, 999, 1000, 1999, 2000], 1000, 1000), [1, 999, 1000, 1999]);
});

Deno.test("spentIn() forgets an amount a window and a slot after it was spent, not before", () => {
  const spent = addSpent([], 7, 1_000, HOUR_MS);
  const slotMs = HOUR_MS / SLOTS;
  assertEquals(spentIn(spent, 1_000, HOUR_MS), 7);
  assertEquals(spentIn(spent, 1_000 + HOUR_MS + slotMs - 1, HOUR_MS), 7);
  assertEquals(spentIn(spent, 1_000 + HOUR_MS + slotMs, HOUR_MS), 0);
});

Deno.test("spentIn() counts what a bridge has spent whose clock is ahead, unless by more than a window", () => {
  const ahead = addSpent([], 7, 5 * 60_000, HOUR_MS);
  assertEquals(spentIn(ahead, 0, HOUR_MS), 7);
  assertEquals(spentIn(addSpent(ahead, 2, 0, HOUR_MS), 0, HOUR_MS), 9);
  assertEquals(spentIn(ahead, 5 * 60_000 - HOUR_MS - 1, HOUR_MS), 0);
});

Deno.test("freesAtMs() says when an amount fits, or that it never does", () => {
  const spent = addSpent(addSpent([], 4, 0, HOUR_MS), 4, HOUR_MS / 2, HOUR_MS);
  const nowMs = HOUR_MS * 0.75;
  const slotMs = HOUR_MS / SLOTS;
  assertEquals(freesAtMs(spent, 2, 10, nowMs, HOUR_MS), nowMs);
  assertEquals(freesAtMs(spent, 3, 10, nowMs, HOUR_MS), HOUR_MS + slotMs);
  assertEquals(freesAtMs(spent, 9, 10, nowMs, HOUR_MS), HOUR_MS * 1.5 + slotMs);
  assertEquals(freesAtMs([], 10, 10, nowMs, HOUR_MS), nowMs);
  assertEquals(freesAtMs(spent, 11, 10, nowMs, HOUR_MS), null);
});

Deno.test("addSpent() with freesAtMs() never lets more than the limit into any window", () => {
  const seed = 11;
  const random = seededRandom(seed);
  const limit = 60;
  let spent: Spent = [];
  let nowMs = 0;
  let passed: { atMs: number; amount: number }[] = [];
  for (let i = 0; i < 20_000; i++) {
    nowMs += random.below(3) === 0 ? random.below(HOUR_MS / 4) : random.below(1_000);
    const amount = 1 + random.below(10);
    const atMs = freesAtMs(spent, amount, limit, nowMs, HOUR_MS)!;
    if (atMs > nowMs) {
      assert(freesAtMs(spent, amount, limit, atMs, HOUR_MS) === atMs, `seed ${seed}: frees later`);
      continue;
    }
    spent = addSpent(spent, amount, nowMs, HOUR_MS);
    passed = [...passed.filter((one) => nowMs - one.atMs < HOUR_MS), { atMs: nowMs, amount }];
    const sum = passed.reduce((total, one) => total + one.amount, 0);
    assert(sum <= limit, `seed ${seed}: ${sum} in one hour`);
    assert(spent.length <= SLOTS + 1, `seed ${seed}: ${spent.length} slots`);
  }
});
