import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { commandName } from "../../src/cli/command.ts";
import { renderHelp, renderOverview } from "../../src/cli/help.ts";
import { paint } from "../../src/cli/terminal/output.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { displayWidth } from "../../src/cli/terminal/width.ts";
import { SAMPLE_COMMANDS } from "./sample_commands.ts";

const PLAIN = paint(false);

Deno.test("renderOverview() lists commands by group, one line each", () => {
  assertEquals(
    renderOverview(SAMPLE_COMMANDS, [], PLAIN, 80).replace(/\nTopics\n[^]*?\n\n/, "\n"),
    `Text an OpenClaw agent by SMS, through Twilio.

Usage: sms-bridge <command> [options]

Used most
  sms-bridge pair list                 list who waits to be let in
  sms-bridge pair approve ABCD2345     let the sender of a code in
  sms-bridge send +15551234567 "Done"  send a message

People
  pair list     list who waits to be let in
  pair approve  let the sender of a code in

Messages
  send          send a message

sms-bridge help TOPIC tells more about one of them.
sms-bridge <command> --help shows a command's options and examples.
`,
  );
});

Deno.test("renderOverview() lists the commands that begin with some words", () => {
  const text = renderOverview(SAMPLE_COMMANDS, ["pairing"], PLAIN, 80);
  assertMatch(text, /^Usage: sms-bridge pairing <command>/);
  assert(text.includes("pair approve") && !text.includes("send  "));
});

Deno.test("renderHelp() shows usage, arguments, options, other spellings and examples", () => {
  assertEquals(
    renderHelp(SAMPLE_COMMANDS[1]!, PLAIN, 80),
    `Usage: sms-bridge pair approve CODE [options]

Let the sender of a code in.

Arguments
  CODE  the code that was sent

Options
  --json      print one JSON object
  -y, --yes   do not ask
  -h, --help  show this help
  --no-color  no colours, as with NO_COLOR

Also
  sms-bridge pairing approve sms

Examples
  sms-bridge pair approve ABCD2345
`,
  );
});

Deno.test("renderHelp() shows the values that options take", () => {
  const text = renderHelp(SAMPLE_COMMANDS[2]!, PLAIN, 80);
  assertMatch(text, /Usage: sms-bridge send NUMBER TEXT\.\.\. \[options\]/);
  assertMatch(text, /--media URL  +a file/);
  assertMatch(text, /-n, --limit COUNT/);
  assertMatch(text, /--encoding gsm\|ucs2/);
});

Deno.test("COMMANDS have words, examples and help that fit the program", () => {
  const names = COMMANDS.flatMap(({ path, aliases = [] }) =>
    [path, ...aliases].map((words) => words.join(" "))
  );
  assertEquals(new Set(names).size, names.length);
  for (const command of COMMANDS) {
    const name = commandName(command);
    assert(command.examples.length > 0, `${name} has an example`);
    for (const example of command.examples) {
      const words = example.replace(/ [>|<].*/, "").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      const args = words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
      const request = parseCommandLine(COMMANDS, args);
      const asked = request.kind === "run" ? commandName(request.command) : request.kind;
      assertEquals([example, asked], [example, name]);
    }
    for (const line of renderHelp(command, PLAIN, 80).split("\n")) {
      if (!line.startsWith("  sms-bridge")) assertLess(displayWidth(line), 81, line);
    }
  }
  for (const line of renderOverview(COMMANDS, [], PLAIN, 80).split("\n")) {
    assertLess(displayWidth(line), 81, line);
  }
});

Deno.test("help begins with ten commands that are there, each with an example that works", () => {
  const [, most = ""] = /Used most\n([^]*?)\n\n/.exec(renderOverview(COMMANDS, [], PLAIN, 200)) ??
    [];
  const lines = [...most.matchAll(/^ {2}sms-bridge (.+?) {2,}\S/gm)].map(([, line]) => line!);
  assertEquals(lines.length, 10);
  for (const line of lines) {
    const words = (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ""));
    assertEquals([line, parseCommandLine(COMMANDS, words).kind], [line, "run"]);
  }
});

Deno.test("help is wrapped to the terminal's width", () => {
  for (const columns of [50, 64, 80]) {
    for (const line of renderOverview(COMMANDS, [], PLAIN, columns).split("\n")) {
      assertLess(displayWidth(line), columns + 1, line);
    }
  }
});
