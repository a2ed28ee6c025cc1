import { assertEquals } from "@std/assert";
import { createSimClock } from "../../src/sim/clock.ts";
import { gatherLines } from "../../src/system/gather_lines.ts";

function gathering() {
  const clock = createSimClock(0);
  const written: string[] = [];
  return { clock, written, lines: gatherLines(clock, (text) => written.push(text)) };
}

Deno.test("gatherLines() writes the lines of a moment together, soon", async () => {
  const { clock, written, lines } = gathering();
  lines.add("one\n", false);
  lines.add("two\n", false);
  assertEquals(written, []);
  await clock.advance(10);
  lines.add("three\n", false);
  await clock.advance(10);
  assertEquals([written, clock.timers], [["one\ntwo\n", "three\n"], 0]);
});

Deno.test("gatherLines() writes what is urgent at once, after what came before it", async () => {
  const { clock, written, lines } = gathering();
  lines.add("one\n", false);
  lines.add("trouble\n", true);
  assertEquals(written, ["one\ntrouble\n"]);
  lines.add("two\n", false);
  lines.flush();
  await clock.advance(20);
  assertEquals(written, ["one\ntrouble\n", "two\n"]);
});

Deno.test("gatherLines() holds no more than a pipe takes in one piece", () => {
  const { written, lines } = gathering();
  const line = `${"x".repeat(999)}\n`;
  for (let i = 0; i < 7; i++) lines.add(line, false);
  lines.flush();
  assertEquals(written.map(({ length }) => length), [3_000, 3_000, 1_000]);
});
