import { assertEquals } from "@std/assert";
import { startSeries } from "../../src/daemon/series.ts";
import { createTally } from "../../src/bridge/tally.ts";
import { utcDay, utcHour } from "../../src/policy/utc_day.ts";
import { NO_COUNTS, seriesDayKey, seriesHourKey } from "../../src/store/series_row.ts";
import type { Store } from "../../src/store/kv.ts";
import { createKit } from "../bridge/kit.ts";

Deno.test("startSeries() adds what happened, and whether the Gateway was there, to its hour and day", async () => {
  await using kit = await createKit();
  const stop = new AbortController();
  const context = { ...kit.context, stopping: stop.signal };
  const beganMs = kit.clock.now();
  let up = true;
  const running = startSeries(context, () => up);
  kit.context.tally.count("turns", "answered", 2);
  kit.context.tally.count("turns", "refused");
  kit.context.tally.count("messages", "expired");
  kit.context.tally.count("messages", "sent");
  await kit.clock.advance(20_000);
  const seen = { texts: 3, answered: 2, givenUp: 1, upMs: 20_000, awayMs: 0 };
  assertEquals(running.since(), seen, "what is in no series yet");
  await kit.clock.advance(40_000);
  assertEquals(running.since(), NO_COUNTS);
  up = false;
  await kit.clock.advance(60_000);
  const hour = await kit.store.get(seriesHourKey(utcHour(beganMs)));
  const counts = { texts: 3, answered: 2, givenUp: 1, upMs: 60_000, awayMs: 60_000 };
  assertEquals(hour?.value, counts);
  await kit.clock.advance(3_600_000);
  stop.abort();
  await running.ended;
  const day = await kit.store.get(seriesDayKey(utcDay(beganMs)));
  assertEquals([day?.value.texts, day?.value.upMs], [3, 60_000]);
});

Deno.test("startSeries() loses no count of two bridges that share a store, and counts the time of the one that answers", async () => {
  await using kit = await createKit();
  const stop = new AbortController();
  const beganMs = kit.clock.now();
  const bothHaveRead = Promise.withResolvers<void>();
  let commits = 0;
  const store: Store = {
    get: (key) => kit.store.get(key),
    list: (range) => kit.store.list(range),
    close() {},
    async commit(change) {
      if (++commits === 2) bothHaveRead.resolve();
      await bothHaveRead.promise;
      return await kit.store.commit(change);
    },
  };
  const bridges = [true, null].map((up) => {
    const context = { ...kit.context, store, tally: createTally(), stopping: stop.signal };
    return { context, series: startSeries(context, () => up) };
  });
  bridges.forEach(({ context }) => context.tally.count("turns", "answered"));
  await kit.clock.advance(120_000);
  stop.abort();
  await Promise.all(bridges.map(({ series }) => series.ended));
  const hour = await kit.store.get(seriesHourKey(utcHour(beganMs)));
  const counts = { texts: 2, answered: 2, givenUp: 0, upMs: 120_000, awayMs: 0 };
  assertEquals(hour?.value, counts);
});
