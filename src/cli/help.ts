/**
 * Help, made from the table of commands.
 *
 * @module
 */
import {
  type ArgumentSpec,
  type Command,
  COMMAND_GROUPS,
  commandName,
  EVERYWHERE_OPTIONS,
  type OptionSpec,
} from "./command.ts";
import type { Paint } from "./terminal/output.ts";
import { displayWidth } from "./terminal/width.ts";

/** An argument as a usage line shows it. */
function argumentText({ name, optional, rest }: ArgumentSpec): string {
  const text = rest ? `${name}...` : name;
  return optional ? `[${text}]` : text;
}

/** An option as help shows it, with its short form and its value. */
export function optionText({ name, short, value, kind, choices }: OptionSpec): string {
  const shown = kind === "boolean" ? "" : ` ${choices?.join("|") ?? value ?? "VALUE"}`;
  return `${short === undefined ? "" : `-${short}, `}--${name}${shown}`;
}

/** The usage line of a command, without the program's name. */
export function usageText(command: Command): string {
  const own = command.options ?? [];
  const args = (command.arguments ?? []).map(argumentText);
  return [commandName(command), ...args, ...(own.length > 0 ? ["[options]"] : [])].join(" ");
}

/** Two columns, the left one as wide as its widest entry. */
function pairs(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => displayWidth(left)));
  return rows.map(([left, right]) =>
    `  ${left}${" ".repeat(width - displayWidth(left) + 2)}${right}`
  );
}

/** All commands, or those that begin with `words`, by group and one line each. */
export function renderOverview(
  commands: readonly Command[],
  words: readonly string[],
  { bold }: Paint,
): string {
  const begins = ({ path, aliases = [] }: Command) =>
    [path, ...aliases].some((path) => words.every((word, i) => path[i] === word));
  const here = commands.filter(begins);
  const width = Math.max(...here.map((command) => commandName(command).length));
  const name = ["sms-bridge", ...words].join(" ");
  const lines = [
    ...(words.length === 0 ? ["Text an OpenClaw agent by SMS, through Twilio.", ""] : []),
    `${bold("Usage:")} ${name} <command> [options]`,
  ];
  for (const group of COMMAND_GROUPS) {
    const members = here.filter((command) => command.group === group);
    if (members.length === 0) continue;
    lines.push("", bold(group));
    for (const command of members) {
      lines.push(`  ${commandName(command).padEnd(width)}  ${command.summary}`);
    }
  }
  lines.push("", `${name} <command> --help shows a command's options and examples.`);
  return lines.map((line) => `${line}\n`).join("");
}

/** Everything about one command. */
export function renderHelp(command: Command, { bold }: Paint): string {
  const { summary, details, aliases = [], examples } = command;
  const args = command.arguments ?? [];
  const options = [...command.options ?? [], ...EVERYWHERE_OPTIONS];
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", bold(title), ...lines];
  const lines = [
    `${bold("Usage:")} sms-bridge ${usageText(command)}`,
    "",
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    ...(details === undefined ? [] : ["", details]),
    ...(args.length === 0 ? [] : section(
      "Arguments",
      pairs(args.map((argument) => [argument.name, argument.meaning])),
    )),
    ...section("Options", pairs(options.map((option) => [optionText(option), option.meaning]))),
    ...section("Also", aliases.map((path) => `  sms-bridge ${path.join(" ")}`)),
    ...section("Examples", examples.map((example) => `  sms-bridge ${example}`)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
