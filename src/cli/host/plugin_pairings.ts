/**
 * Whom OpenClaw's own SMS channel has let in, from where the Gateway keeps it.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { readText } from "../../config/files.ts";
import { parsePhone, type Phone } from "../../policy/phone.ts";
import { errorText, failure } from "../../system/failure.ts";

/** Somebody whom the plugin let in. */
export interface PluginPerson {
  readonly account: string;
  readonly phone: Phone;
}

interface Entry {
  readonly account_id: string;
  readonly entry: string;
}

const QUERY =
  "SELECT account_id, entry FROM channel_pairing_allow_entries WHERE channel_key = 'sms'";

function entriesInDatabase(path: string): Entry[] {
  if (Deno.statSync(path).size === 0) return [];
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(QUERY).all().map((row) => ({
      account_id: String(row.account_id ?? ""),
      entry: String(row.entry ?? ""),
    }));
  } catch (error) {
    if (/no such table/.test(errorText(error))) return [];
    throw error;
  } finally {
    database.close();
  }
}

function entriesInFile(text: string, account: string): Entry[] {
  const { allowFrom } = JSON.parse(text) as { allowFrom?: unknown };
  const list = Array.isArray(allowFrom) ? allowFrom : [];
  return list.map((entry) => ({ account_id: account, entry: String(entry) }));
}

function isThere(path: string): boolean {
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
  const database = join(gatewayDir, "state", "openclaw.sqlite");
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
    if (!isThere(path)) continue;
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
