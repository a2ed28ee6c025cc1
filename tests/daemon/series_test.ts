import { assertEquals } from "@std/assert";
import { startSeries } from "../../src/daemon/series.ts";
import { utcDay, utcHour } from "../../src/policy/utc_day.ts";
import { seriesDayKey, seriesHourKey } from "../../src/store/series_row.ts";
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
  await kit.clock.advance(60_000);
  up = false;
  await kit.clock.advance(60_000);
  const hour = await kit.store.get(seriesHourKey(utcHour(beganMs)));
  const counts = { texts: 3, answered: 2, givenUp: 1, upMs: 60_000, awayMs: 60_000 };
  assertEquals(hour?.value, counts);
  await kit.clock.advance(3_600_000);
  stop.abort();
  await running;
  const day = await kit.store.get(seriesDayKey(utcDay(beganMs)));
  assertEquals([day?.value.texts, day?.value.upMs], [3, 60_000]);
});
