/**
 * Reading the accounts: which there are, what each must have, and which is meant when none is named.
 *
 * @module
 */
import { ACCOUNT_ID_CHARS_MAX, CONFIG_ACCOUNTS_MAX } from "../system/limits.ts";
import { printable } from "../system/redact.ts";
import { nearest } from "../system/suggest.ts";
import { ACCOUNT_ROWS } from "./rows/account_rows.ts";
import type { SettingRow } from "./rows/setting_row.ts";
import {
  type AccountChoice,
  accountTree,
  DEFAULT_ACCOUNT_ID,
  defaultAccountId,
  findAccountValue,
  isEnabled,
  listAccountIds,
} from "./sms_accounts.ts";
import { describeOrigin, lookUp, plainOf } from "./json5/tree.ts";

import { type LoadContext, missing, readRow, shown } from "./read_values.ts";
/** The values of an account as far as they could be read. */
export interface AccountDraft {
  readonly id: string;
  readonly [key: string]: unknown;
}

function accountRow(key: string): SettingRow {
  return ACCOUNT_ROWS.find((row) => row.key === key)!;
}

function isWritten(work: LoadContext, path: string): boolean {
  return work.values.find((one) => one.path === path)?.value !== undefined;
}

/** Tells what nothing works without and is not there. */
export function requireRows(work: LoadContext, section: string, rows: readonly SettingRow[]): void {
  for (const row of rows) {
    const path = `${section}.${row.key}`;
    if (row.required && !isWritten(work, path)) missing(work, path, row);
  }
}

/** Policies that OpenClaw's documentation says need more than their name. */
function checkPolicy(
  { problems }: LoadContext,
  prefix: string,
  { dmPolicy, allowFrom }: AccountDraft,
) {
  const listed = Array.isArray(allowFrom) ? allowFrom.map((one) => String(one).trim()) : null;
  const lacks = (problem: string, example: string) =>
    problems.push({
      name: `${prefix}.allowFrom`,
      problem,
      fix: `\`sms-bridge config set ${prefix}.allowFrom '${example}'\``,
    });
  if (listed === null) return;
  if (dmPolicy === "allowlist" && listed.length === 0) {
    lacks("is empty, and dmPolicy allowlist requires a number in it", '["+12025550123"]');
  }
  if (dmPolicy === "open" && !listed.includes("*")) {
    lacks('must hold "*", as dmPolicy open requires it', '["*"]');
  }
}

function requireParts(work: LoadContext, prefix: string, account: AccountDraft): void {
  const written = (key: string) => isWritten(work, `${prefix}.${key}`);
  const need = (key: string, more: string) => {
    if (!written(key)) missing(work, `${prefix}.${key}`, accountRow(key), more);
  };
  requireRows(work, prefix, ACCOUNT_ROWS);
  if (!written("messagingServiceSid")) need("fromNumber", ", and so is messagingServiceSid");
  if (!account.dangerouslyDisableSignatureValidation) {
    need("publicWebhookUrl", ": signatures are made over it");
  }
  checkPolicy(work, prefix, account);
  if (written("apiKeySid")) need("apiKeySecret", ", but there is an apiKeySid");
  if (written("apiKeySecret")) need("apiKeySid", ", but there is an apiKeySecret");
}

/** Reads the values of an account as far as they can be read. */
export async function readAccount(work: LoadContext, id: string): Promise<AccountDraft> {
  const channel = lookUp(work.sources.root, "channels", "sms");
  const tree = accountTree(channel, id);
  const accounts = lookUp(channel, "accounts");
  const own = accounts?.kind === "object" && accounts.entries.has(id);
  const prefix = own ? `channels.sms.accounts.${id}` : "channels.sms";
  const values: Record<string, unknown> = {};
  for (const row of ACCOUNT_ROWS) {
    const found = row.key === "enabled"
      ? findAccountValue(
        row,
        lookUp(tree, "enabled") ? tree : channel ?? tree,
        id,
        work.sources.env,
      )
      : findAccountValue(row, tree, id, work.sources.env);
    values[row.key] = await readRow(work, `${prefix}.${row.key}`, row, found);
  }
  const account = { ...values, id };
  requireParts(work, prefix, account);
  return account;
}

/** The channel itself is not an account when it only holds what its accounts share. */
export function servedIds(work: LoadContext): readonly string[] {
  const channel = lookUp(work.sources.root, "channels", "sms");
  const { env } = work.sources;
  const listed = listAccountIds(channel, env);
  if (listed.length > CONFIG_ACCOUNTS_MAX) {
    work.problems.push({
      name: "channels.sms.accounts",
      problem: `has more than ${CONFIG_ACCOUNTS_MAX} accounts: it has ${listed.length}`,
      fix: "run a second bridge for the others",
    });
  }
  const counted = listed.slice(0, CONFIG_ACCOUNTS_MAX);
  for (const id of counted.filter((id) => printable(id, ACCOUNT_ID_CHARS_MAX) !== id)) {
    work.problems.push({
      name: `channels.sms.accounts.${id}`,
      problem: `must be named in one line of ${ACCOUNT_ID_CHARS_MAX} characters at most`,
      fix: "give it a short name, such as shop",
    });
  }
  const ids = counted.filter((id) => isEnabled(channel, id));
  const written = lookUp(channel, "accounts", DEFAULT_ACCOUNT_ID) !== undefined;
  const tree = accountTree(channel, DEFAULT_ACCOUNT_ID);
  const sends = ["fromNumber", "messagingServiceSid"].some((key) =>
    findAccountValue(accountRow(key), tree, DEFAULT_ACCOUNT_ID, env).value !== undefined
  );
  const served = written || sends ? ids : ids.filter((id) => id !== DEFAULT_ACCOUNT_ID);
  if (served.length > 0) return served;
  return lookUp(channel, "enabled") === undefined || isEnabled(channel, DEFAULT_ACCOUNT_ID)
    ? [DEFAULT_ACCOUNT_ID]
    : [];
}

/** Notes what contradicts itself among the accounts. */
export function checkAccounts(work: LoadContext, accounts: readonly AccountDraft[]): void {
  if (accounts.length === 0) {
    work.problems.push({
      name: "channels.sms",
      problem: "has no account that is enabled",
      fix: "`sms-bridge config set channels.sms.enabled true`",
    });
  }
  const byPath = new Map<string, string>();
  for (const { id, webhookPath } of accounts) {
    if (typeof webhookPath !== "string") continue;
    const other = byPath.get(webhookPath);
    if (other !== undefined) {
      work.problems.push({
        name: "webhookPath",
        problem: `${webhookPath} is that of two accounts: ${other} and ${id}`,
        fix: `channels.sms.accounts.${id}.webhookPath: "/webhooks/sms/${id}"`,
      });
    }
    byPath.set(webhookPath, id);
  }
}

/** The account that is meant when none is named; naming one that is not there is a problem. */
export function readDefaultAccount(
  work: LoadContext,
  accounts: readonly AccountDraft[],
): AccountChoice & {
  readonly first: string;
} {
  const channel = lookUp(work.sources.root, "channels", "sms");
  const ids = accounts.map(({ id }) => id);
  const meant = defaultAccountId(channel, ids);
  const id = ids.find((one) => one.toLowerCase() === meant.toLowerCase()) ?? meant;
  const written = lookUp(channel, "defaultAccount");
  const path = "channels.sms.defaultAccount";
  work.values.push({ path, value: id, origin: written?.origin ?? { kind: "default" } });
  const only = ids.length === 1 || id === DEFAULT_ACCOUNT_ID;
  if (written === undefined) return { ids, first: id, normal: only ? id : null };
  const name = String(plainOf(written)).trim();
  if (name.toLowerCase() !== id.toLowerCase()) {
    const near = nearest(name, ids) ?? id;
    work.problems.push({
      name: path,
      problem: `must be an account that is enabled (${ids.join(", ")}): it is ${shown(name)}`,
      fix: `\`sms-bridge config set ${path} ${near}\``,
      where: describeOrigin(written.origin),
    });
  }
  return { ids, first: id, normal: id };
}
