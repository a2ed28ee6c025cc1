import { assertEquals } from "@std/assert";
import { createPace } from "../../src/outbound/pace.ts";
import { createSimClock } from "../../src/sim/clock.ts";

Deno.test("Pace.turn() spaces the messages of one sender and leaves other senders alone", async () => {
  const clock = createSimClock(0);
  const pace = createPace(clock);
  const signal = new AbortController().signal;
  const times: [string, number][] = [];
  const note = (name: string) => times.push([name, clock.now()]);
  for (let i = 0; i < 3; i++) pace.turn("+1", 2, signal).then(() => note("one"));
  pace.turn("+2", 2, signal).then(() => note("two"));
  await clock.advance(2_000);
  assertEquals(times, [["one", 0], ["two", 0], ["one", 500], ["one", 1_000]]);
});

Deno.test("Pace.turnWithin() takes a turn only where it comes soon enough", async () => {
  const clock = createSimClock(0);
  const pace = createPace(clock);
  assertEquals([pace.turnWithin(0, "+1", 1), pace.turnWithin(999, "+1", 1)], [0, null]);
  assertEquals([pace.turnWithin(0, "+2", 100), pace.turnWithin(25, "+2", 100)], [0, 10]);
  await clock.advance(1_000);
  pace.hold("+1", 10);
  assertEquals([pace.turnWithin(0, "+1", 1), pace.turnWithin(0, "+2", 1)], [null, 0]);
});

Deno.test("Pace.hold() stops a sender for the time that Twilio asked for", async () => {
  const clock = createSimClock(0);
  const pace = createPace(clock);
  pace.hold("+1", 30_000);
  let sentAtMs = -1;
  pace.turn("+1", 1, new AbortController().signal).then(() => (sentAtMs = clock.now()));
  await clock.advance(29_999);
  assertEquals(sentAtMs, -1);
  await clock.advance(1);
  assertEquals(sentAtMs, 30_000);
});

Deno.test("Pace.turn() ends its wait when the bridge stops", async () => {
  const clock = createSimClock(0);
  const pace = createPace(clock);
  const stop = new AbortController();
  pace.hold("+1", 30_000);
  const turn = pace.turn("+1", 1, stop.signal);
  stop.abort();
  await turn;
  assertEquals(clock.timers, 0);
});
