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
import { factLines, hanging, textColumns } from "./terminal/facts.ts";
import type { Paint } from "./terminal/output.ts";
import { TOPICS } from "./topics.ts";

/** What people do most, as they type it; help tells these before it lists everything. */
const EVERYDAY: readonly (readonly [command: string, line: string])[] = [
  ["setup", "setup"],
  ["serve", "serve"],
  ["service install", "service install"],
  ["status", "status"],
  ["doctor", "doctor"],
  ["pair list", "pair list"],
  ["pair approve", "pair approve ABCD2345"],
  ["send", 'send +15551234567 "Done"'],
  ["messages", "messages --since 1h"],
  ["service logs", "service logs --follow"],
];

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

/** The commands that people use most, of those that are there, each with an example. */
function everydayLines(commands: readonly Command[], columns: number): string[] {
  const rows = EVERYDAY.flatMap(([name, line]) => {
    const command = commands.find((one) => commandName(one) === name);
    return command === undefined ? [] : [[`sms-bridge ${line}`, command.summary] as const];
  });
  return factLines(rows, columns, 2);
}

/** All commands, or those that begin with `words`, by group and one line each. */
export function renderOverview(
  commands: readonly Command[],
  words: readonly string[],
  { bold }: Paint,
  columns: number,
): string {
  const begins = ({ path, aliases = [] }: Command) =>
    [path, ...aliases].some((path) => words.every((word, i) => path[i] === word));
  const here = commands.filter(begins);
  const top = words.length === 0;
  const width = textColumns(columns);
  const nameWidth = Math.max(...here.map((command) => commandName(command).length));
  const name = ["sms-bridge", ...words].join(" ");
  const lines = [
    ...(top ? ["Text an OpenClaw agent by SMS, through Twilio.", ""] : []),
    `${bold("Usage:")} ${name} <command> [options]`,
    ...(top ? ["", bold("Used most"), ...everydayLines(here, width)] : []),
  ];
  for (const group of COMMAND_GROUPS) {
    const members = here.filter((command) => command.group === group);
    if (members.length === 0) continue;
    lines.push("", bold(group));
    lines.push(
      ...factLines(
        members.map((one) => [commandName(one).padEnd(nameWidth), one.summary]),
        width,
        2,
      ),
    );
  }
  if (top) {
    const topics = Object.values(TOPICS).join(", ");
    lines.push("", bold("Topics"), ...hanging("  ", topics, width));
    lines.push("", ...hanging("", `${name} help TOPIC tells more about one of them.`, width));
  }
  lines.push(
    ...(top ? [] : [""]),
    ...hanging("", `${name} <command> --help shows a command's options and examples.`, width),
  );
  return lines.map((line) => `${line}\n`).join("");
}

/** Details as written, with those lines wrapped that are too long. */
function detailLines(details: string, columns: number): string[] {
  return details.split("\n").flatMap((line) => {
    const indent = /^ */.exec(line)![0];
    return line.trim() === "" ? [""] : hanging(indent, line.trim(), columns);
  });
}

/** Everything about one command. */
export function renderHelp(command: Command, { bold }: Paint, columns: number): string {
  const width = textColumns(columns);
  const { summary, details, aliases = [], examples } = command;
  const args = command.arguments ?? [];
  const options = [...command.options ?? [], ...EVERYWHERE_OPTIONS];
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", bold(title), ...lines];
  const lines = [
    `${bold("Usage:")} sms-bridge ${usageText(command)}`,
    "",
    ...hanging("", `${summary[0]!.toUpperCase()}${summary.slice(1)}.`, width),
    ...(details === undefined ? [] : ["", ...detailLines(details, width)]),
    ...(args.length === 0 ? [] : section(
      "Arguments",
      factLines(args.map((argument) => [argument.name, argument.meaning]), width, 2),
    )),
    ...section(
      "Options",
      factLines(options.map((option) => [optionText(option), option.meaning]), width, 2),
    ),
    ...section("Also", aliases.map((path) => `  sms-bridge ${path.join(" ")}`)),
    ...section("Examples", examples.map((example) => `  sms-bridge ${example}`)),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
