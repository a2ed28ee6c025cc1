/**
 * Whom OpenClaw's own SMS channel has let in, and which texts it has taken in, from where the Gateway
 * keeps it.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { readText } from "../../config/files.ts";
import { parsePhone, type Phone } from "../../policy/phone.ts";
import { errorText, failure } from "../../system/failure.ts";
import { join } from "../../system/path.ts";

/** Somebody whom the plugin let in. */
export interface PluginPerson {
  readonly account: string;
  readonly phone: Phone;
}

/** A text that the plugin has taken in: it answers it, and nobody else. */
export interface PluginText {
  readonly account: string;
  readonly messageSid: string;
  /** Whether the plugin is done with it. */
  readonly ended: boolean;
}

interface Entry {
  readonly account_id: string;
  readonly entry: string;
}

const PAIRED = "SELECT account_id, entry FROM channel_pairing_allow_entries " +
  "WHERE channel_key = 'sms'";
const TAKEN = "SELECT account_id, event_id, status FROM channel_ingress_events " +
  "WHERE channel_id = 'sms' AND received_at >= ?";

const databaseIn = (gatewayDir: string) => join(gatewayDir, "state", "openclaw.sqlite");

/** Rows of the Gateway's database; null where it has no such table. */
function rowsIn(path: string, query: string, ...values: number[]) {
  if (Deno.statSync(path).size === 0) return null;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(query).all(...values);
  } catch (error) {
    if (/no such (table|column)/.test(errorText(error))) return null;
    throw error;
  } finally {
    database.close();
  }
}

/** The texts that the plugin took in since a time; null where its Gateway does not keep that. */
export function readPluginTexts(gatewayDir: string, sinceMs: number): PluginText[] | null {
  try {
    return rowsIn(databaseIn(gatewayDir), TAKEN, sinceMs)?.map((row) => ({
      account: String(row.account_id || "default"),
      messageSid: String(row.event_id),
      ended: ["completed", "failed"].includes(String(row.status)),
    })) ?? null;
  } catch {
    return null;
  }
}

function entriesInDatabase(path: string): Entry[] {
  return (rowsIn(path, PAIRED) ?? []).map((row) => ({
    account_id: String(row.account_id ?? ""),
    entry: String(row.entry ?? ""),
  }));
}

function entriesInFile(text: string, account: string): Entry[] {
  const { allowFrom } = JSON.parse(text) as { allowFrom?: unknown };
  const list = Array.isArray(allowFrom) ? allowFrom : [];
  return list.map((entry) => ({ account_id: account, entry: String(entry) }));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Reads them: from the Gateway's database, and from the files that older Gateways keep.
 *
 * @param gatewayDir The Gateway's state directory.
 * @throws {Failure} When they are there and cannot be read.
 */
export function readPluginPairings(
  gatewayDir: string,
  accounts: readonly string[],
): readonly PluginPerson[] {
  const found: Entry[] = [];
  const database = databaseIn(gatewayDir);
  const files = [
    { path: join(gatewayDir, "credentials", "sms-allowFrom.json"), account: "default" },
    ...accounts.map((account) => ({
      path: join(gatewayDir, "credentials", `sms-${account}-allowFrom.json`),
      account,
    })),
  ];
  for (
    const { path, read } of [
      { path: database, read: () => entriesInDatabase(database) },
      ...files.map(({ path, account }) => ({
        path,
        read: () => entriesInFile(readText(path) ?? "{}", account),
      })),
    ]
  ) {
    if (!isFile(path)) continue;
    try {
      found.push(...read());
    } catch (error) {
      throw failure(
        "failed",
        "pairings-unreadable",
        `Cannot read whom the Gateway let in from ${path}: ${errorText(error)}`,
        "run it as the user that the Gateway runs as",
      );
    }
  }
  const people = new Map<string, PluginPerson>();
  for (const { account_id, entry } of found) {
    const phone = parsePhone(entry.replace(/^(twilio-)?sms:/i, ""));
    const account = account_id === "" ? "default" : account_id;
    if (phone !== null) people.set(`${account} ${phone}`, { account, phone });
  }
  return [...people.values()];
}
