import { assert, assertEquals } from "@std/assert";
import { createSimClock } from "../../src/sim/clock.ts";
import { sleep, systemClock } from "../../src/system/clock.ts";

Deno.test("systemClock.now() is the time since the Unix epoch", () => {
  assert(Math.abs(systemClock.now() - Date.now()) < 1_000);
});

Deno.test("systemClock.after() calls once", async () => {
  let calls = 0;
  await new Promise<void>((resolve) => {
    systemClock.after(0, () => {
      calls++;
      systemClock.after(5, resolve);
    });
  });
  assertEquals(calls, 1);
});

Deno.test("systemClock.after() calls nothing once cancelled", async () => {
  let called = false;
  const cancel = systemClock.after(0, () => called = true);
  cancel();
  cancel();
  await new Promise<void>((resolve) => systemClock.after(5, resolve));
  assertEquals(called, false);
});

Deno.test("systemClock.after() does not fire at once when the delay is longer than setTimeout can", async () => {
  let called = false;
  const cancel = systemClock.after(2 ** 31, () => called = true);
  await new Promise<void>((resolve) => systemClock.after(10, resolve));
  cancel();
  assertEquals(called, false);
});

Deno.test("sleep() resolves after the delay, not before", async () => {
  const clock = createSimClock();
  let awake = false;
  const slept = sleep(clock, 1_000).then(() => awake = true);
  await clock.advance(999);
  assertEquals(awake, false);
  await clock.advance(1);
  assertEquals(awake, true);
  await slept;
});

Deno.test("sleep() resolves at once when aborted, and leaves no timer", async () => {
  const clock = createSimClock();
  const stop = new AbortController();
  const slept = sleep(clock, 1_000, stop.signal);
  assertEquals(clock.timers, 1);
  stop.abort();
  await slept;
  assertEquals(clock.timers, 0);
});

Deno.test("sleep() takes no timer when it was aborted before", async () => {
  const clock = createSimClock();
  await sleep(clock, 1_000, AbortSignal.abort());
  assertEquals(clock.timers, 0);
});

Deno.test("sleep() lets go of its signal", async () => {
  const clock = createSimClock();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const slept = sleep(clock, 10, signal);
  assertEquals(listeners, 1);
  await clock.advance(10);
  await slept;
  assertEquals(listeners, 0);
});
