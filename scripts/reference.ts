// deno-lint-ignore-file no-console
/**
 * The reference in README.md: commands, exit codes and settings, made from the same tables as the
 * program. What stands between `<!-- NAME -->` and `<!-- /NAME -->` is replaced.
 *
 *     deno task docs            writes it
 *     deno task docs --check    fails when it is not up to date
 *
 * @module
 */
import { type Command, COMMAND_GROUPS, type OptionSpec } from "../src/cli/command.ts";
import { EXIT_CODES } from "../src/cli/failure.ts";
import { optionText, usageText } from "../src/cli/help.ts";
import { COMMANDS } from "../src/cli/commands/table.ts";
import type { SettingRow } from "../src/config/rows/setting_row.ts";
import { allRows } from "../src/config/rows/setting_rows.ts";

/** A cell of a Markdown table: one line, no column of its own. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s+/g, " ");
}

/** A Markdown table. */
export function markdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Options that almost every command has; the reference tells them once. */
const SHARED = new Set(["config", "state-dir", "account", "json", "channel"]);

function optionsText(options: readonly OptionSpec[]): string {
  return options.filter(({ name }) => !SHARED.has(name))
    .map((option) => `\`${optionText(option)}\` ${option.meaning}`).join("; ");
}

function commandRow(command: Command): string[] {
  const { summary, options = [], aliases = [] } = command;
  const usage = usageText(command).replace(/ \[options\]$/, "");
  const also = aliases.map((words) => `\`${words.join(" ")}\``).join(", ");
  const does = [summary, ...(also === "" ? [] : [`also ${also}`])].join("; ");
  return [`\`${usage}\``, does, optionsText(options)];
}

/** All commands, a table for each group. */
export function commandReference(commands: readonly Command[]): string {
  const groups = COMMAND_GROUPS.flatMap((group) => {
    const rows = commands.filter((command) => command.group === group).map(commandRow);
    const titles = ["Command", "What it does", "Its own options"];
    return rows.length === 0 ? [] : [`#### ${group}`, markdownTable(titles, rows)];
  });
  return groups.join("\n\n");
}

/** What the exit codes mean. */
export function exitCodeReference(): string {
  const rows = Object.entries(EXIT_CODES).map(([code, meaning]) => [`\`${code}\``, meaning]);
  return markdownTable(["Exit code", "Meaning"], rows);
}

function valueText(value: unknown): string {
  return value === undefined ? "" : `\`${JSON.stringify(value)}\``;
}

/** All settings, from their rows. */
export function settingsReference(
  rows: readonly { readonly path: string; readonly row: SettingRow }[],
): string {
  return markdownTable(
    ["Setting", "Default", "Variables", "Meaning"],
    rows.map(({ path, row }) => [
      `\`${path}\``,
      valueText(row.fallback),
      row.variables.map((name) => `\`${name}\``).join(", "),
      row.meaning,
    ]),
  );
}

/** What stands between which markers. */
const SECTIONS: Readonly<Record<string, () => string>> = {
  commands: () => commandReference(COMMANDS),
  "exit-codes": exitCodeReference,
  settings: () => settingsReference(allRows()),
};

/** The text with its sections made anew; sections without markers are left out. */
export function withReference(text: string): string {
  let result = text;
  for (const [name, make] of Object.entries(SECTIONS)) {
    const pattern = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    result = result.replace(pattern, (_, begin, end) => `${begin}\n${make()}\n\n${end}`);
  }
  return result;
}

if (import.meta.main) {
  const path = new URL("../README.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  const next = withReference(text);
  if (Deno.args.includes("--check")) {
    if (next !== text) {
      console.error("README.md: the reference is not up to date; `deno task docs` writes it");
      Deno.exit(1);
    }
    console.log("reference: ok");
  } else {
    await Deno.writeTextFile(path, next);
    console.log(next === text ? "README.md was up to date" : "README.md: the reference is new");
  }
}
