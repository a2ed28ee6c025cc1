/**
 * How the vectors of JSON5 and of OpenClaw's configuration are run.
 *
 * @module
 */
import { ACCOUNT_ROWS } from "../../src/config/rows/account_rows.ts";
import { readConfigFile } from "../../src/config/files.ts";
import { parseJson5 as parse, valueOf } from "../../src/config/json5/json5.ts";
import { readKind } from "../../src/config/rows/kinds.ts";
import {
  accountTree,
  defaultAccountId,
  findAccountValue,
  isEnabled,
  listAccountIds,
} from "../../src/config/sms_accounts.ts";
import { substituteVariables } from "../../src/config/substitute.ts";
import { lookUp } from "../../src/config/json5/tree.ts";
import { parsePhone } from "../../src/policy/phone.ts";

/** The value of a text; throws where it is not JSON5. */
export function parseJson5(text: string): unknown {
  const read = parse(text);
  if (read.kind === "fault") throw new SyntaxError(`${read.message} at ${read.at.line}`);
  return valueOf(read.node);
}

/** An account as OpenClaw resolves it; what the bridge reads more strictly is left out. */
export function loadSmsAccount(
  input: { configPath: string; env: Record<string, string>; accountId?: string },
): Record<string, unknown> {
  const reading = readConfigFile(input.configPath);
  if (reading.kind === "problems") throw new Error(reading.problems[0]!.problem);
  const env = (name: string) => Object.hasOwn(input.env, name) ? input.env[name] : undefined;
  const root = reading.kind === "file"
    ? substituteVariables(reading.file.tree, env).tree
    : undefined;
  const channel = lookUp(root, "channels", "sms");
  const id = input.accountId?.trim().toLowerCase() ||
    defaultAccountId(channel, listAccountIds(channel, env)).toLowerCase();
  const account: Record<string, unknown> = { accountId: id, enabled: isEnabled(channel, id) };
  for (const row of ACCOUNT_ROWS) {
    if (row.key === "enabled" || !row.openclaw) continue;
    const { value } = findAccountValue(row, accountTree(channel, id), id, env);
    const read = readKind(row.kind, value);
    // OpenClaw keeps a scheme's letters out but its plus in: nothing to agree with.
    if (row.kind.type === "phone" && /^\s*tel:/i.test(String(value))) continue;
    if (read.ok) account[row.key] = read.value;
    else if (value === undefined) account[row.key] = "";
    else if (row.kind.type === "boolean") account[row.key] = row.fallback;
    else if (row.kind.type === "urlPath" && value === "") account[row.key] = row.fallback;
    else if (row.kind.type !== "phone" && typeof value === "string") {
      account[row.key] = value.trim();
    }
  }
  const allowed = (account.allowFrom as string[] | undefined)?.map((entry) =>
    entry === "*" ? entry : parsePhone(entry)
  );
  if (allowed?.every((entry) => entry !== null)) account.allowFrom = allowed;
  else delete account.allowFrom;
  return account;
}
