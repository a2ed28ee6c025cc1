/**
 * What `config adopt` and `config return` have in common: what the one notes for the other, and how both
 * tell, ask and take their steps.
 *
 * @module
 */
import { parseJson5, valueOf } from "../../config/json5/json5.ts";
import { readText } from "../../config/files.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import {
  CONFIG_OPTION,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { stateDirectory } from "../operations_client.ts";
import { confirm, type Context } from "../terminal/context.ts";
import type { FormerWay, WayStep } from "./handover_route.ts";
import type { PluginPerson } from "./plugin_pairings.ts";
import { join } from "../../system/path.ts";

/** The options of both. */
export const HANDOVER_OPTIONS: readonly OptionSpec[] = [
  { name: "yes", short: "y", kind: "boolean", meaning: "do not ask" },
  { name: "dry-run", kind: "boolean", meaning: "show what would change, change nothing" },
  CONFIG_OPTION,
  STATE_DIR_OPTION,
  JSON_OPTION,
];
/** Whether the Gateway serves SMS. */
export const ENABLED_PATH = ["channels", "sms", "enabled"];

/** What `config adopt` notes for `config return`. */
export interface Note {
  readonly gatewayPath: string;
  /** What stood at channels.sms.enabled; null for nothing. */
  readonly enabled: unknown;
  /** Whom the plugin had let in; taken over once, also if they are turned out later. */
  readonly people: readonly PluginPerson[];
  /** Where texts went before. */
  readonly ways?: readonly FormerWay[];
}

/** Where the note is. */
export function notePath(context: Context, parsed: Parsed): string {
  return join(stateDirectory(context, parsed), "adopted.json");
}

function isNote(value: unknown): value is Note {
  const { gatewayPath, people, ways = [] } = (value ?? {}) as { [Key in keyof Note]?: unknown };
  const lists = [people, ways];
  const isOf = (one: unknown) => typeof (one as { account?: unknown })?.account === "string";
  return typeof gatewayPath === "string" &&
    lists.every((list) => Array.isArray(list) && list.every(isOf)) &&
    (people as Partial<PluginPerson>[]).every(({ phone }) => typeof phone === "string");
}

/** Reads the note; null when SMS has not been taken over. @throws {Failure} When it is none. */
export function readNote(path: string): Note | null {
  const text = readText(path);
  if (text === null) return null;
  const read = parseJson5(text);
  const note = read.kind === "node" ? valueOf(read.node) : null;
  if (isNote(note)) return note;
  throw failure(
    "configuration",
    "note-damaged",
    `Cannot use ${path}: it is not as \`config adopt\` wrote it`,
    "set channels.sms.enabled in the Gateway's file by hand, then remove this one",
  );
}

/** What stands at a path of a file; undefined for nothing. */
export function valueIn(text: string, path: readonly string[]): unknown {
  const read = parseJson5(text);
  if (read.kind !== "node") return undefined;
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    valueOf(read.node),
  );
}

/** Tells people apart. */
export const keyOf = ({ account, phone }: PluginPerson) => `${account} ${phone}`;

/** Asks before something is written. @throws {Failure} When nobody says yes. */
export async function agree(context: Context, parsed: Parsed, path: string): Promise<void> {
  if (parsed.flag("yes")) return;
  if (parsed.flag("json") || !context.terminal.stdin) {
    throw failure(
      "usage",
      "not-confirmed",
      `Cannot change ${path} without asking, and there is nobody to ask`,
      "give `--yes`",
    );
  }
  if (await confirm(context, "Do this?")) return;
  throw failure("failed", "declined", "Nothing was changed", "run it again, or with `--yes`");
}

/** Lists people, masked. */
export function tellPeople(context: Context, people: readonly PluginPerson[], verb: string): void {
  for (const { account, phone } of people) {
    context.stderr(`${verb} ${maskNumber(phone)} (account ${account})\n`);
  }
}

/** Shows what steps would change. */
export function tellSteps(context: Context, steps: readonly WayStep[]): void {
  for (const { what, from, to } of steps) context.stderr(`- ${what} ${from}\n+ ${what} ${to}\n`);
}

/** Takes the steps; one that fails keeps none of the others from being taken. Whether all went well. */
export async function takeSteps(context: Context, steps: readonly WayStep[]): Promise<boolean> {
  let well = true;
  for (const { what, to, take } of steps) {
    try {
      await take();
      context.stderr(`${what} ${to} now.\n`);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
      well = false;
      context.stderr(`Not done: "${what} ${to}". ${error.message}\nhint: ${error.hint}\n`);
    }
  }
  return well;
}

/** Steps as `--json` has them. */
export const asJson = (steps: readonly WayStep[]) =>
  steps.map(({ account, what, from, to }) => ({ account, what, from, to }));
