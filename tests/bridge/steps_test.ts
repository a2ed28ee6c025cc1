import { assertEquals } from "@std/assert";
import { untilFinished } from "../../src/bridge/steps.ts";
import { StoreError, TooMuchError } from "../../src/store/kv.ts";
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

Deno.test("untilFinished() gives a row up that fails three times, but never for the disk's sake", async () => {
  const cases = [
    [new Error("bug"), 3],
    [new TooMuchError("a row is too large"), 3],
    [new StoreError("full"), 20],
  ] as const;
  for (const [error, expected] of cases) {
    const p = parts();
    let looks = 0;
    const gaveUp: string[] = [];
    const done = untilFinished(p, "x.failed", () => {
      if (++looks === 20) return Promise.resolve("finished");
      return Promise.reject(error);
    }, (detail) => {
      gaveUp.push(detail);
      return Promise.resolve("finished");
    });
    await p.clock.advance(200_000);
    await done;
    assertEquals([looks, gaveUp.length], [expected, expected === 3 ? 1 : 0]);
  }
});
