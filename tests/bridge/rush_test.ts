import { assertEquals } from "@std/assert";
import { createRush } from "../../src/bridge/rush.ts";
import { createSimClock } from "../../src/sim/clock.ts";

const signal = new AbortController().signal;

/** A rush in which so many texts are being taken in, and what was let go on. */
function pressed(texts: number) {
  const clock = createSimClock();
  const rush = createRush(clock, signal);
  const gate = Promise.withResolvers<void>();
  const taken = Array.from({ length: texts }, () => rush.during(() => gate.promise));
  const wentOnAtMs: number[] = [];
  const beganAtMs = clock.now();
  rush.over().then(() => wentOnAtMs.push(clock.now() - beganAtMs));
  const end = async () => (gate.resolve(), void await Promise.all(taken));
  return { clock, rush, wentOnAtMs, end };
}

Deno.test("Rush.over() keeps nobody where few texts are taken in", async () => {
  const { clock, wentOnAtMs, end } = pressed(3);
  await clock.advance(0);
  assertEquals(wentOnAtMs, [0]);
  await end();
});

Deno.test("Rush.over() waits until many texts have been taken in", async () => {
  const { clock, wentOnAtMs, end } = pressed(4);
  await clock.advance(50);
  assertEquals(wentOnAtMs, []);
  await end();
  await clock.advance(10);
  assertEquals(wentOnAtMs, [55]);
});

Deno.test("Rush.over() does not wait for ever", async () => {
  const { clock, wentOnAtMs, end } = pressed(4);
  await clock.advance(1_000);
  assertEquals(wentOnAtMs, [200]);
  await end();
});
