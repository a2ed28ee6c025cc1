/**
 * The accounts of `channels.sms`, found as OpenClaw finds them: each inherits from the channel, the
 * default one may come from the channel itself and from variables.
 *
 * @module
 */
import { type Failure, failure, unknownAccount } from "../system/failure.ts";
import { fromVariable } from "./rows/kinds.ts";
import type { SettingRow } from "./rows/setting_row.ts";
import { emptyTree, lookUp, mergeTrees, type Origin, plainOf, type Tree } from "./json5/tree.ts";

/** OpenClaw's id of the account that is the channel itself. */
export const DEFAULT_ACCOUNT_ID = "default";

/** A value and where it came from. */
export interface Found {
  readonly value: unknown;
  readonly origin: Origin;
}

/** Reads a variable. */
export type Env = (name: string) => string | undefined;

const BASE_KEYS = ["accountSid", "fromNumber", "messagingServiceSid", "authToken"] as const;
const BASE_VARIABLES = [
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "TWILIO_PHONE_NUMBER",
  "TWILIO_SMS_FROM",
  "TWILIO_MESSAGING_SERVICE_SID",
] as const;

function isGiven(tree: Tree | undefined): boolean {
  if (tree === undefined) return false;
  return tree.kind !== "value" ||
    (typeof tree.value === "string" ? tree.value.trim() !== "" : tree.value !== null);
}

/** Whether the channel itself, or variables, make an account. */
function hasBaseAccount(channel: Tree | undefined, env: Env): boolean {
  return BASE_KEYS.some((key) => isGiven(lookUp(channel, key))) ||
    BASE_VARIABLES.some((name) => (env(name) ?? "").trim() !== "");
}

/** As languages order them, whose rules take longer to load than all else; usual ids need none. */
function order(a: string, b: string): number {
  const usual = /^[a-z0-9]*$/;
  if (!usual.test(a) || !usual.test(b)) return a.localeCompare(b);
  return a < b ? -1 : Number(a > b);
}

/** The accounts' ids, sorted; those that are written keep their spelling. */
export function listAccountIds(channel: Tree | undefined, env: Env): readonly string[] {
  const accounts = lookUp(channel, "accounts");
  const ids = new Set(accounts?.kind === "object" ? [...accounts.entries.keys()] : []);
  if (hasBaseAccount(channel, env)) ids.add(DEFAULT_ACCOUNT_ID);
  ids.delete("");
  return [...ids].toSorted(order);
}

/** The account that is meant when none is named. */
export function defaultAccountId(channel: Tree | undefined, ids: readonly string[]): string {
  const given = lookUp(channel, "defaultAccount");
  const name = given?.kind === "value" && typeof given.value === "string" ? given.value : "";
  const wanted = name.trim().toLowerCase();
  const listed = ids.find((id) => id.toLowerCase() === wanted);
  if (wanted !== "" && listed !== undefined) return wanted;
  return ids.includes(DEFAULT_ACCOUNT_ID) ? DEFAULT_ACCOUNT_ID : ids[0] ?? DEFAULT_ACCOUNT_ID;
}

/** What is written for an account: its own values over the channel's. */
export function accountTree(channel: Tree | undefined, id: string): Tree {
  const base = channel?.kind === "object" ? channel : emptyTree();
  const shared = [...base.entries].filter(([key]) =>
    key !== "accounts" && key !== "defaultAccount" && key !== "enabled"
  );
  const accounts = lookUp(base, "accounts");
  const keys = accounts?.kind === "object" ? [...accounts.entries.keys()] : [];
  const key = keys.find((one) => one === id) ??
    keys.find((one) => one.toLowerCase() === id.toLowerCase());
  const own = key === undefined ? undefined : lookUp(accounts, key);
  const tree: Tree = { ...base, entries: new Map(shared) };
  return own?.kind === "object" ? mergeTrees(tree, own, "replace") : tree;
}

/** Whether an account is served: neither it nor the channel is switched off. */
export function isEnabled(channel: Tree | undefined, id: string): boolean {
  const off = (tree: Tree | undefined) => tree?.kind === "value" && tree.value === false;
  return !off(lookUp(channel, "enabled")) && !off(lookUp(accountTree(channel, id), "enabled"));
}

/** The first variable that is not blank, as a file would hold its value. */
export function findVariable(row: SettingRow, env: Env): Found | null {
  for (const variable of row.variables) {
    const text = env(variable)?.trim();
    if (text) {
      return { value: fromVariable(row.kind, text), origin: { kind: "environment", variable } };
    }
  }
  return null;
}

/** A value of an account: what is written, else (for the default account) a variable, else the default. */
export function findAccountValue(row: SettingRow, tree: Tree, id: string, env: Env): Found {
  const written = lookUp(tree, row.key);
  if (written !== undefined && plainOf(written) !== null) {
    return { value: plainOf(written), origin: written.origin };
  }
  const variable = id === DEFAULT_ACCOUNT_ID ? findVariable(row, env) : null;
  return variable ?? { value: row.fallback, origin: { kind: "default" } };
}

/** The accounts there are, and the one that is meant when none is named. */
export interface AccountChoice {
  readonly ids: readonly string[];
  /** The only one, or the default one; null when nobody has said which. */
  readonly normal: string | null;
}

/** What an account is called in the configuration; undefined when there is none of that name. */
export function accountNamed({ ids }: AccountChoice, name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return ids.find((id) => id === name) ?? ids.find((id) => id.toLowerCase() === wanted);
}

/** The account that is named, else the only one, else the default one; a failure lists them. */
export function chooseAccount(choice: AccountChoice, name: string | undefined): string | Failure {
  const { ids, normal } = choice;
  if (name !== undefined) return accountNamed(choice, name) ?? unknownAccount(name, ids);
  if (normal !== null) return normal;
  const [first = "ID"] = ids;
  return failure(
    "usage",
    "account-ambiguous",
    `Cannot tell which account is meant: there are ${ids.join(", ")}`,
    `give \`--account ${first}\`, or \`sms-bridge config set channels.sms.defaultAccount ${first}\``,
  );
}
