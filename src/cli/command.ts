/**
 * What a command is: one row of the table that parsing, help, completions and the reference are made of.
 *
 * @module
 */
import type { Context } from "./terminal/context.ts";

/** Where a command stands in the list of all commands; in this order. */
export const COMMAND_GROUPS = [
  "Run",
  "People",
  "Messages",
  "Find out",
  "Set up",
  "Other",
] as const;

/** One of the groups. */
export type CommandGroup = typeof COMMAND_GROUPS[number];

/** An option, as in `--state-dir DIR`. */
export interface OptionSpec {
  /** Without dashes. */
  readonly name: string;
  /** One letter, for `-x`. */
  readonly short?: string;
  readonly kind: "boolean" | "string" | "number";
  /** Whether it may be given several times. */
  readonly repeat?: boolean;
  /** What the value is called in help, as in `DIR`. */
  readonly value?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** One line for help. */
  readonly meaning: string;
}

/** An argument, as in `approve CODE`. */
export interface ArgumentSpec {
  /** As help shows it, in capitals. */
  readonly name: string;
  readonly meaning: string;
  /** Required when left out. */
  readonly optional?: boolean;
  /** Whether it takes all that follow. */
  readonly rest?: boolean;
  /** The only values allowed. */
  readonly choices?: readonly string[];
}

/** What a user gave a command, checked against its specification. */
export interface Parsed {
  /** Whether a boolean option was given. */
  flag(option: string): boolean;
  /** The value of a string option (the last one), or undefined. */
  text(option: string): string | undefined;
  /** All values of a repeatable string option. */
  texts(option: string): readonly string[];
  /** The value of a number option, or undefined. */
  number(option: string): number | undefined;
  /** The value of an argument; undefined only for an optional one that was left out. */
  argument(name: string): string | undefined;
  /** All values of a `rest` argument. */
  rest(name: string): readonly string[];
}

/** What the process ends with. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/** A command of the program. */
export interface Command {
  /** Its words, as in `["pair", "approve"]`. */
  readonly path: readonly string[];
  /** Other words for the same, as in `["pairing", "approve", "sms"]`. */
  readonly aliases?: readonly (readonly string[])[];
  readonly group: CommandGroup;
  /** One line for the list of all commands. */
  readonly summary: string;
  /** What help says below the usage line, if more than the summary. */
  readonly details?: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Whole command lines, without the program's name; at least one. */
  readonly examples: readonly string[];
  /** Does it. Expected failures are thrown as {@linkcode Failure}s, or told in an exit code. */
  run(context: Context, parsed: Parsed): ExitCode | Promise<ExitCode>;
}

/** `--json`: one object on stdout, or one error envelope on stderr. */
export const JSON_OPTION: OptionSpec = {
  name: "json",
  kind: "boolean",
  meaning: "print one JSON object",
};
/** `--account ID`. */
export const ACCOUNT_OPTION: OptionSpec = {
  name: "account",
  kind: "string",
  value: "ID",
  meaning: "the account to work on, if not the default one",
};
/** `--channel sms`, so that command lines of OpenClaw's documentation work as they are. */
export const CHANNEL_OPTION: OptionSpec = {
  name: "channel",
  kind: "string",
  value: "CHANNEL",
  choices: ["sms"],
  meaning: "as with openclaw; there is only sms",
};
/** `--config FILE`. */
export const CONFIG_OPTION: OptionSpec = {
  name: "config",
  kind: "string",
  value: "FILE",
  meaning: "the configuration file to read",
};
/** `--state-dir DIR`. */
export const STATE_DIR_OPTION: OptionSpec = {
  name: "state-dir",
  kind: "string",
  value: "DIR",
  meaning: "where the store and the control socket are",
};
/** Options that every command takes. */
export const EVERYWHERE_OPTIONS: readonly OptionSpec[] = [
  { name: "help", short: "h", kind: "boolean", meaning: "show this help" },
  { name: "no-color", kind: "boolean", meaning: "no colours, as with NO_COLOR" },
];

/** All options of a command, its own first. */
export function optionsOf(command: Command): readonly OptionSpec[] {
  return [...command.options ?? [], ...EVERYWHERE_OPTIONS];
}

/** A command's words as one string. */
export function commandName(command: Command): string {
  return command.path.join(" ");
}
