import { assertEquals } from "@std/assert";
import { untilFinished } from "../../src/bridge/steps.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { createLog } from "../../src/system/log.ts";

function parts() {
  const clock = createSimClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLog({ clock, format: "text", level: "debug", colour: false, write });
  const stop = new AbortController();
  return { clock, lines, log, stop, stopping: stop.signal };
}

Deno.test("untilFinished() looks again until the work is finished", async () => {
  let looks = 0;
  await untilFinished(
    parts(),
    "x.failed",
    () => Promise.resolve(++looks < 3 ? "again" : "finished"),
  );
  assertEquals(looks, 3);
});

Deno.test("untilFinished() goes on after an error, logged, when the pause is over", async () => {
  const p = parts();
  let looks = 0;
  const done = untilFinished(p, "x.failed", () => {
    if (++looks === 1) return Promise.reject(new Error("disk full"));
    return Promise.resolve("finished");
  });
  await p.clock.advance(4_999);
  assertEquals(looks, 1);
  await p.clock.advance(1);
  await done;
  assertEquals(looks, 2);
  assertEquals(p.lines.length, 1);
  assertEquals(p.lines[0]!.includes('x.failed error="disk full"'), true);
});

Deno.test("untilFinished() gives up its pause when the bridge stops", async () => {
  const p = parts();
  const done = untilFinished(p, "x.failed", () => Promise.reject(new Error("disk full")));
  await p.clock.advance(0);
  p.stop.abort();
  await done;
});
