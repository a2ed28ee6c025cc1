import { assertEquals, assertMatch } from "@std/assert";
import { wantsColour } from "../../../src/cli/terminal/context.ts";
import { startProgress } from "../../../src/cli/terminal/progress.ts";
import { createSimClock } from "../../../src/sim/clock.ts";
import { createTestContext } from "../test_context.ts";

Deno.test("startProgress() shows nothing when stderr is no terminal", async () => {
  const clock = createSimClock();
  const context = createTestContext({ clock });
  const progress = startProgress(context, "sending");
  await clock.advance(1_000);
  progress.end();
  assertEquals([context.err, clock.timers], ["", 0]);
});

Deno.test("startProgress() turns on the terminal's stderr and leaves an empty line", async () => {
  const clock = createSimClock();
  const terminal = { stdin: true, stdout: false, stderr: true };
  const context = createTestContext({ clock, terminal });
  const progress = startProgress(context, "sending");
  progress.say("sent, waiting");
  await clock.advance(100);
  progress.end();
  assertMatch(context.err, /⠋ sending.*⠙ sent, waiting/s);
  assertEquals([context.err.endsWith("\r\x1b[2K"), clock.timers, context.out], [true, 0, ""]);
});

Deno.test("wantsColour() follows NO_COLOR, then FORCE_COLOR, then the terminal", () => {
  const wants = (variables: Record<string, string>, terminal: boolean) =>
    wantsColour((name) => variables[name], terminal);
  assertEquals([wants({}, true), wants({}, false)], [true, false]);
  assertEquals(wants({ NO_COLOR: "1", FORCE_COLOR: "1" }, true), false);
  assertEquals(wants({ NO_COLOR: "" }, true), true);
  assertEquals([wants({ FORCE_COLOR: "1" }, false), wants({ FORCE_COLOR: "0" }, true)], [
    true,
    false,
  ]);
  assertEquals(wants({ TERM: "dumb" }, true), false);
});
