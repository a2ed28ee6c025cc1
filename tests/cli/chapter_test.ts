import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { chapters, renderChapter } from "../../src/cli/chapter.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { runCli } from "../../src/cli/run.ts";
import { SYNONYMS } from "../../src/cli/synonyms.ts";
import { paint } from "../../src/cli/terminal/output.ts";
import { displayWidth } from "../../src/cli/terminal/width.ts";
import { createTestContext } from "./test_context.ts";

const PLAIN = paint(false);

Deno.test("`help TOPIC` prints every chapter of README, and `help` lists the topics", async () => {
  const top = createTestContext();
  assertEquals(await runCli(["help"], top, COMMANDS), 0);
  assertLess(15, chapters.length);
  for (const { topic, title } of chapters) {
    assertStringIncludes(top.out.replace(/\s+/g, " "), ` ${topic}`);
    const context = createTestContext();
    assertEquals([topic, await runCli(["help", topic], context, COMMANDS)], [topic, 0]);
    assert(context.out.startsWith(`${title}\n\n`), topic);
    assertLess(200, context.out.length, topic);
  }
});

Deno.test("`help TOPIC` is wrapped to the terminal's width, but for code", () => {
  for (const columns of [44, 60, 80]) {
    for (const chapter of chapters) {
      for (const line of renderChapter(chapter, PLAIN, columns).split("\n")) {
        const unbroken = /^ {4}/.test(line) || !line.trim().includes(" ") || /https?:/.test(line) ||
          /\w{25}/.test(line);
        if (!unbroken) assertLess(displayWidth(line), columns + 1, `${chapter.topic}: ${line}`);
      }
    }
  }
});

Deno.test("renderChapter() draws tables, lists, code and links as text", () => {
  const text = "See [above](#x) and [there](https://a.example), **now**.\n\n" +
    "| A | B |\n| --- | --- |\n| one | `two` |\n\n- first\n  more\n- second\n\n```sh\nls  -l\n```";
  assertEquals(
    renderChapter({ topic: "t", title: "Title", text }, PLAIN, 80),
    "Title\n\nSee above and there (https://a.example), now.\n\n" +
      "A    B\none  `two`\n\n- first more\n- second\n\n    ls  -l\n",
  );
});

Deno.test("a topic that is not there is wrong usage, and the nearest is named", async () => {
  const context = createTestContext();
  assertEquals(await runCli(["help", "monney"], context, COMMANDS), 2);
  assertEquals(
    context.err,
    'error: Cannot find help on "monney"\nhint: did you mean: sms-bridge help money\n',
  );
  const far = createTestContext();
  assertEquals(await runCli(["help", "zzzzqqqq"], far, COMMANDS), 2);
  assertStringIncludes(far.err, "sms-bridge --help lists all topics");
});

Deno.test("words of other programs lead to the command that does it", async () => {
  for (
    const [typed, meant] of [
      ["stop", "service stop"],
      ["logs", "service logs"],
      ["restart", "service restart"],
      ["update", "upgrade"],
      ["approve", "pair approve"],
      ["block", "pair block"],
      ["init", "setup"],
    ] as const
  ) {
    const context = createTestContext();
    assertEquals(await runCli([typed, "--follow"], context, COMMANDS), 2);
    assertStringIncludes(context.err, `did you mean: sms-bridge ${meant}\n`);
  }
  const names = new Set(
    COMMANDS.flatMap(({ path, aliases = [] }) => [path, ...aliases]).map(([first]) => first),
  );
  for (const [typed, meant] of Object.entries(SYNONYMS)) {
    assert(!names.has(typed), `${typed} is a command`);
    const first = parseCommandLine(COMMANDS, typed.split(" "));
    assertEquals(first.kind === "failure" && first.error.code, "unknown-command", typed);
    const words = meant.split(" ");
    const request = parseCommandLine(COMMANDS, words);
    const lacksOnly = request.kind === "failure" && request.error.code === "missing-argument";
    assert(lacksOnly || request.kind !== "failure", `${typed}: ${meant}`);
  }
});

Deno.test("a remark behind a command stands above it where the terminal is too narrow", async () => {
  const context = createTestContext({ columns: 60 });
  assertEquals(await runCli(["help", "money"], context, COMMANDS), 0);
  const lines = context.out.split("\n");
  assertEquals(lines.filter((line) => line.length > 60), []);
  const at = lines.indexOf("    sms-bridge spend --balance");
  assertEquals(lines[at - 1], "    # and what is left at Twilio, and for how long");
});
