import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  commandReference,
  markdownTable,
  settingsReference,
  withReference,
} from "../scripts/reference.ts";
import { chaptersJson } from "../scripts/chapters.ts";
import { commandName } from "../src/cli/command.ts";
import { COMMANDS } from "../src/cli/commands/table.ts";
import { allRows } from "../src/config/rows/setting_rows.ts";

Deno.test("README.md has the reference that the program's tables give", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  assert(withReference(readme) === readme, "run `deno task docs`");
});

Deno.test("the program holds README's chapters as they are", async () => {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  const held = await Deno.readTextFile(new URL("../src/cli/chapters.json", import.meta.url));
  assert(chaptersJson(readme) === held, "run `deno task docs`");
});

Deno.test("withReference() replaces what is between markers, and nothing else", () => {
  const text = "before\n<!-- exit-codes -->\nold\n<!-- /exit-codes -->\nafter\n";
  const made = withReference(text);
  assert(
    made.startsWith("before\n<!-- exit-codes -->\n\n| Exit code | Meaning |\n| --- | --- |\n"),
  );
  assert(made.endsWith("\n\n<!-- /exit-codes -->\nafter\n"));
  assert(!made.includes("old"));
  assertEquals(withReference(made), made);
  assertEquals(withReference("no markers"), "no markers");
});

Deno.test("commandReference() and settingsReference() name every command and every setting", () => {
  const commands = commandReference(COMMANDS);
  for (const command of COMMANDS) assertStringIncludes(commands, `| \`${commandName(command)}`);
  const settings = settingsReference(allRows());
  for (const { path } of allRows()) assertStringIncludes(settings, `| \`${path}\` |`);
});

Deno.test("markdownTable() keeps a cell in one line and one column", () => {
  assertEquals(markdownTable(["A"], [["x | y\nz"]]), "| A |\n| --- |\n| x \\| y z |");
});
