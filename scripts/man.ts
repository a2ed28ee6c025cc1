/**
 * The manual page, made from the table of commands: `man sms-bridge`.
 *
 * @module
 */
import {
  type Command,
  COMMAND_GROUPS,
  EVERYWHERE_OPTIONS,
  type OptionSpec,
} from "../src/cli/command.ts";
import { EXIT_CODES } from "../src/cli/failure.ts";
import { optionText, usageText } from "../src/cli/help.ts";

/** Text as roff reads it: nothing in it is a request or an escape. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^([.'])/gm, "\\&$1")
    .replace(
      /\P{ASCII}/gu,
      (char) => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}

function optionLines(options: readonly OptionSpec[]): string[] {
  return options.flatMap((
    option,
  ) => [".TP", `.B ${roff(optionText(option))}`, roff(option.meaning)]);
}

function commandLines(command: Command): string[] {
  const { summary, details, options = [], aliases = [], examples } = command;
  const also = aliases.map((path) => path.join(" ")).join(", ");
  return [
    ".TP",
    `.B ${roff(usageText(command))}`,
    roff(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`),
    ...(details === undefined
      ? []
      : [".sp", ...details.split("\n").filter((line) => line !== "").map(roff)]),
    ...(also === "" ? [] : [".sp", roff(`Also: ${also}.`)]),
    ".RS",
    ...optionLines(options),
    ".TP",
    "Example:",
    `.B ${roff(`sms-bridge ${examples[0]!}`)}`,
    ".RE",
  ];
}

/** The page in roff, for section 1. */
export function manPage(commands: readonly Command[], version: string): string {
  const lines = [
    `.TH SMS\\-BRIDGE 1 "" "sms\\-bridge ${roff(version)}"`,
    ".SH NAME",
    "sms\\-bridge \\- text an OpenClaw agent by SMS, through Twilio",
    ".SH SYNOPSIS",
    ".B sms\\-bridge",
    ".I command",
    "[options]",
    ".SH DESCRIPTION",
    "Runs beside an OpenClaw Gateway: checks the texts that Twilio posts, decides who may talk,",
    "hands them to the agent, and texts its answers back.",
    ".B sms\\-bridge help",
    "lists chapters on topics such as money, security and troubleshooting.",
    ...COMMAND_GROUPS.flatMap((group) => {
      const members = commands.filter((command) => command.group === group);
      return members.length === 0
        ? []
        : [`.SH "${group.toUpperCase()}"`, ...members.flatMap(commandLines)];
    }),
    ".SH OPTIONS OF EVERY COMMAND",
    ...optionLines(EVERYWHERE_OPTIONS),
    ".SH EXIT STATUS",
    ...Object.entries(EXIT_CODES).flatMap((
      [code, meaning],
    ) => [".TP", `.B ${code}`, roff(meaning)]),
    ".SH FILES",
    ".TP",
    ".I ~/.openclaw/sms\\-bridge",
    "the state directory: store, control socket, config.json5, env",
  ];
  return lines.map((line) => `${line}\n`).join("");
}
