import { assertEquals } from "@std/assert";
import { createSimClock } from "../../src/sim/clock.ts";
import { createLog } from "../../src/system/log.ts";
import { rememberTroubles } from "../../src/system/recent_troubles.ts";

Deno.test("rememberTroubles() keeps the latest of each warning and error, newest first", async () => {
  const clock = createSimClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = rememberTroubles(
    createLog({ clock, format: "json", level: "info", colour: false, write }),
    clock,
  );
  log.warn("gateway.lost", { reason: "first" });
  log.info("text.received");
  log.error("deliver.failed");
  await clock.advance(5);
  log.warn("gateway.lost", { reason: "second" });
  const start = clock.now() - 5;
  assertEquals(log.troubles(), [
    {
      atMs: start + 5,
      level: "warn",
      event: "gateway.lost",
      fields: { reason: "second" },
      count: 2,
    },
    { atMs: start, level: "error", event: "deliver.failed", fields: {}, count: 1 },
  ]);
  assertEquals(lines.length, 4, "everything is still logged");
});

Deno.test("rememberTroubles() does not grow with the number of events", () => {
  const clock = createSimClock();
  const write = () => {};
  const log = rememberTroubles(
    createLog({ clock, format: "json", level: "info", colour: false, write }),
    clock,
  );
  for (let i = 0; i < 1_000; i++) log.warn(`event-${i}`);
  assertEquals(log.troubles().length, 100);
  assertEquals(log.troubles()[0]!.event, "event-999");
});
