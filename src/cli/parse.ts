/**
 * From what was typed to a command and its checked options and arguments.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { Failure, failure } from "../system/failure.ts";
import { printable, redactText } from "../system/redact.ts";
import {
  type ArgumentSpec,
  type Command,
  commandName,
  EVERYWHERE_OPTIONS,
  optionsOf,
  type OptionSpec,
  type Parsed,
} from "./command.ts";
import { nearest } from "../system/suggest.ts";
import { SYNONYMS } from "./synonyms.ts";
import { TOPICS } from "./topics.ts";

/** What was asked for. */
export type Request =
  | { readonly kind: "run"; readonly command: Command; readonly parsed: Parsed }
  | { readonly kind: "help"; readonly command: Command }
  /** Help on all commands that begin with these words; on all commands when there are none. */
  | { readonly kind: "overview"; readonly words: readonly string[] }
  | { readonly kind: "chapter"; readonly topic: string }
  | { readonly kind: "failure"; readonly error: Failure };

/** The words and the options of a command line, told apart. */
interface Split {
  /** Words before `--`, with their places in `args`. */
  readonly words: readonly { readonly text: string; readonly at: number }[];
  readonly args: readonly string[];
}

const shown = (text: string) => printable(text, 60);

function usage(code: string, message: string, hint: string): Failure {
  return failure("usage", code, message, hint);
}

/** Joins the options that take a value with it (`--name=value`), so that no value passes for a word. */
function split(args: readonly string[], options: readonly OptionSpec[]): Split | Failure {
  const words: { text: string; at: number }[] = [];
  const joined: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") {
      joined.push(...args.slice(i));
      break;
    }
    const option = options.find(({ name, short }) => arg === `--${name}` || arg === `-${short}`);
    if (option !== undefined && option.kind !== "boolean") {
      const value = args[++i];
      if (value === undefined || /^--?[a-z]/i.test(value)) {
        return usage(
          "missing-value",
          `Cannot use ${arg} as it needs a value: ${option.value ?? "VALUE"}`,
          `write ${arg}=… for a value that begins with a dash`,
        );
      }
      joined.push(`--${option.name}=${value}`);
      continue;
    }
    if (!arg.startsWith("-") || arg === "-") words.push({ text: arg, at: joined.length });
    joined.push(arg);
  }
  return { words, args: joined };
}

/** The command that the words begin with; of several, the one with most words. */
function findCommand(commands: readonly Command[], words: readonly string[]) {
  let found: { command: Command; length: number } | undefined;
  for (const command of commands) {
    for (const path of [command.path, ...command.aliases ?? []]) {
      const fits = path.every((word, i) => words[i] === word);
      if (fits && path.length > (found?.length ?? 0)) found = { command, length: path.length };
    }
  }
  return found;
}

function unknownCommand(commands: readonly Command[], words: readonly string[]): Failure {
  const names = commands.flatMap(({ path, aliases = [] }) => [path, ...aliases]);
  const known = names.map((path) => path.join(" "));
  const tries = words.map((_, i) => words.slice(0, i + 1).join(" ")).reverse();
  const [first = "", second = ""] = words;
  const synonym = [`${first} ${second}`, first].map((typed) => typed.toLowerCase())
    .find((typed) => Object.hasOwn(SYNONYMS, typed));
  // What follows may be a number or a text, and errors of scripts are mailed and logged.
  const typed = /^[a-z-]+$/i.test(second) && known.some((name) => name.startsWith(`${first} `))
    ? `${first} ${second}`
    : first;
  const meant = (synonym && SYNONYMS[synonym]) ??
    tries.map((words) => nearest(words, known)).find((name) => name !== undefined);
  return usage(
    "unknown-command",
    `Cannot find the command "${shown(redactText(typed))}"`,
    meant === undefined
      ? "sms-bridge --help lists all commands"
      : `did you mean: sms-bridge ${meant}`,
  );
}

function unknownTopic(commands: readonly Command[], words: readonly string[]): Failure {
  const [first = ""] = words;
  const names = [
    ...Object.values(TOPICS),
    ...commands.flatMap(({ path, aliases = [] }) => [path, ...aliases])
      .flatMap((path) => [path[0]!, path.join(" ")]),
  ];
  const meant = nearest(words.join(" "), names) ?? nearest(first, names);
  return usage(
    "unknown-topic",
    `Cannot find help on "${shown(words.join(" "))}"`,
    meant === undefined
      ? "sms-bridge --help lists all topics and commands"
      : `did you mean: sms-bridge help ${meant}`,
  );
}

/** What `help` with some words shows: a command, a group of commands, or a chapter. */
function helpOn(commands: readonly Command[], words: readonly string[]): Request {
  const found = findCommand(commands, words);
  if (found !== undefined) return { kind: "help", command: found.command };
  const overview = overviewOf(commands, words);
  if (overview.kind === "overview") return overview;
  const topic = words.join(" ").toLowerCase();
  return Object.values(TOPICS).includes(topic)
    ? { kind: "chapter", topic }
    : { kind: "failure", error: unknownTopic(commands, words) };
}

function unknownOption(command: Command, flag: string): Failure {
  const known = optionsOf(command).map(({ name }) => `--${name}`);
  const meant = nearest(flag, known);
  return usage(
    "unknown-option",
    `Cannot find the option ${shown(flag)} of ${commandName(command)}`,
    meant === undefined
      ? `sms-bridge ${commandName(command)} --help lists its options`
      : `did you mean: ${meant}`,
  );
}

/** Whether a path is wanted and there is none, such as an unset variable leaves. */
function isNoPath(wanted: string | undefined, value: string | undefined): boolean {
  return (wanted === "FILE" || wanted === "DIR") && value?.trim() === "";
}

/** Checks what was given for an option that takes a value. */
function valueFailure(option: OptionSpec, value: string): Failure | null {
  const wrong = (must: string) =>
    usage(
      "wrong-value",
      `Cannot use --${option.name} as it must be ${must}: current value is "${shown(value)}"`,
      option.meaning,
    );
  if (option.kind === "number" && (value.trim() === "" || !Number.isFinite(Number(value)))) {
    return wrong("a number");
  }
  if (isNoPath(option.value, value)) return wrong("a path");
  const { choices } = option;
  return choices && !choices.includes(value) ? wrong(`one of ${choices.join(", ")}`) : null;
}

/** Checks what was given for the arguments. */
function argumentFailure(command: Command, given: readonly string[]): Failure | null {
  const specs = command.arguments ?? [];
  const example = `as in: sms-bridge ${command.examples[0]}`;
  const missing = specs.filter((spec, i) => spec.optional !== true && given[i] === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(" and ");
    return usage(
      "missing-argument",
      `Cannot run ${commandName(command)} without ${names}`,
      example,
    );
  }
  if (given.length > specs.length && specs.at(-1)?.rest !== true) {
    const extra = shown(given[specs.length]!);
    return usage(
      "extra-argument",
      `Cannot run ${commandName(command)} with "${extra}": it takes ${specs.length} argument(s)`,
      example,
    );
  }
  for (const [i, { name, choices }] of specs.entries()) {
    const value = given[i];
    const isWrong = isNoPath(name, value) ||
      (choices !== undefined && value !== undefined && !choices.includes(value));
    if (!isWrong) continue;
    const must = choices === undefined ? "a path" : `one of ${choices.join(", ")}`;
    return usage(
      "wrong-value",
      `Cannot use ${name} as it must be ${must}: current value is "${shown(value ?? "")}"`,
      example,
    );
  }
  return null;
}

function createParsed(
  specs: readonly ArgumentSpec[],
  given: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Parsed {
  const all = (option: string) => ([values[option] ?? []].flat() as unknown[]).map(String);
  const place = (name: string) => specs.findIndex((spec) => spec.name === name);
  return {
    flag: (option) => values[option] === true,
    text: (option) => all(option).at(-1),
    texts: all,
    number(option) {
      const value = all(option).at(-1);
      return value === undefined ? undefined : Number(value);
    },
    argument: (name) => given[place(name)],
    rest: (name) => given.slice(place(name)),
  };
}

function parseCommand(command: Command, args: readonly string[]): Parsed | Failure {
  const options = optionsOf(command);
  const valued = options.filter(({ kind }) => kind !== "boolean");
  let unknown: string | undefined;
  const { _: words, "--": literal = [], ...values } = parseArgs(args, {
    "--": true,
    boolean: options.filter(({ kind }) => kind === "boolean").map(({ name }) => name),
    string: ["_", ...valued.map(({ name }) => name)],
    collect: valued.map(({ name }) => name),
    alias: Object.fromEntries(options.flatMap(({ name, short }) => short ? [[short, name]] : [])),
    unknown(arg, key) {
      if (key !== undefined) unknown ??= arg.replace(/=.*/s, "");
      return key === undefined;
    },
  });
  if (unknown !== undefined) return unknownOption(command, unknown);
  const given = [...words, ...literal].map(String);
  const parsed = createParsed(command.arguments ?? [], given, values);
  for (const option of valued) {
    for (const value of parsed.texts(option.name)) {
      const wrong = valueFailure(option, value);
      if (wrong !== null) return wrong;
    }
  }
  return argumentFailure(command, given) ?? parsed;
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const options = end < 0 ? args : args.slice(0, end);
  return options.some((arg) => arg === "--help" || arg === "-h");
}

function overviewOf(commands: readonly Command[], words: readonly string[]): Request {
  const begun = commands.some(({ path, aliases = [] }) =>
    [path, ...aliases].some((path) => words.every((word, i) => path[i] === word))
  );
  return begun
    ? { kind: "overview", words }
    : { kind: "failure", error: unknownCommand(commands, words) };
}

const TOP_OPTIONS: readonly string[] = [
  ...EVERYWHERE_OPTIONS.flatMap(({ name, short }) => [`--${name}`, ...short ? [`-${short}`] : []]),
  "--version",
];

/** Without a command there are few options; another one is no wish for help. */
function unknownAtTop(args: readonly string[]): Failure | null {
  const flag = args.map((arg) => arg.replace(/=.*/s, "")).find((arg) =>
    arg.startsWith("-") && arg !== "--" && !TOP_OPTIONS.includes(arg)
  );
  if (flag === undefined) return null;
  const meant = nearest(flag, TOP_OPTIONS);
  return usage(
    "unknown-option",
    `Cannot use ${shown(flag)} without a command`,
    meant === undefined ? "sms-bridge --help lists all commands" : `did you mean: ${meant}`,
  );
}

/** Reads a command line. Pure: it only says what was asked for. */
export function parseCommandLine(commands: readonly Command[], args: readonly string[]): Request {
  const options = [...commands.flatMap(({ options = [] }) => options), ...EVERYWHERE_OPTIONS];
  const parts = split(args, options);
  if (parts instanceof Failure) return { kind: "failure", error: parts };
  const words = parts.words.map(({ text }) => text);
  const bare = words.length === 0 || words[0] === "help";
  const wrong = bare ? unknownAtTop(parts.args) : null;
  if (wrong !== null) return { kind: "failure", error: wrong };
  if (words[0] === "help") return helpOn(commands, words.slice(1));
  if (words.length === 0 && parts.args.includes("--version")) words.push("version");
  const found = findCommand(commands, words);
  if (found === undefined) {
    const asked = wantsHelp(args) || words.length === 0;
    const overview = overviewOf(commands, words);
    if (asked || overview.kind === "failure") return overview;
    const next = `sms-bridge ${words.join(" ")} --help lists its commands`;
    const message = `Cannot run "${shown(words.join(" "))}": it needs one more word`;
    return { kind: "failure", error: usage("incomplete-command", message, next) };
  }
  const { command, length } = found;
  if (wantsHelp(args)) return { kind: "help", command };
  const named = new Set(parts.words.slice(0, length).map(({ at }) => at));
  const rest = parts.args.filter((arg, i) => !named.has(i) && arg !== "--version");
  const parsed = parseCommand(command, rest);
  return parsed instanceof Failure
    ? { kind: "failure", error: parsed }
    : { kind: "run", command, parsed };
}
