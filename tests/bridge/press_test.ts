import { assertEquals } from "@std/assert";
import { createPress } from "../../src/bridge/press.ts";
import { createSimClock } from "../../src/sim/clock.ts";

const signal = new AbortController().signal;

/** A press in which so many texts are being taken in, and what was let go on. */
function pressed(texts: number) {
  const clock = createSimClock();
  const press = createPress(clock, signal);
  const gate = Promise.withResolvers<void>();
  const taken = Array.from({ length: texts }, () => press.during(() => gate.promise));
  const wentOnAtMs: number[] = [];
  const beganAtMs = clock.now();
  press.over().then(() => wentOnAtMs.push(clock.now() - beganAtMs));
  const end = async () => (gate.resolve(), void await Promise.all(taken));
  return { clock, press, wentOnAtMs, end };
}

Deno.test("Press.over() keeps nobody where few texts are taken in", async () => {
  const { clock, wentOnAtMs, end } = pressed(3);
  await clock.advance(0);
  assertEquals(wentOnAtMs, [0]);
  await end();
});

Deno.test("Press.over() waits until many texts have been taken in", async () => {
  const { clock, wentOnAtMs, end } = pressed(4);
  await clock.advance(50);
  assertEquals(wentOnAtMs, []);
  await end();
  await clock.advance(10);
  assertEquals(wentOnAtMs, [55]);
});

Deno.test("Press.over() does not wait for ever", async () => {
  const { clock, wentOnAtMs, end } = pressed(4);
  await clock.advance(1_000);
  assertEquals(wentOnAtMs, [200]);
  await end();
});
