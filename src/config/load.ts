/**
 * Loading: the settings in force, where each came from, and everything that is wrong with them at once.
 *
 * @module
 */
import type { AccessGroups } from "../policy/access.ts";
import { CONFIG_ACCOUNTS_MAX } from "../system/limits.ts";
import { maskNumber, redactText } from "../system/redact.ts";
import { nearest } from "../system/suggest.ts";
import { ACCOUNT_ROWS, isAccount } from "./rows/account_rows.ts";
import { BRIDGE_ROWS, isBridge } from "./rows/bridge_rows.ts";
import { type Kind, readKind } from "./rows/kinds.ts";
import { listenerProblems, type Problem } from "./problem.ts";
import {
  describeRef,
  readSecretInput,
  type SecretProviders,
  type SecretRef,
} from "./secrets/secret_ref.ts";
import { fileDoubt, type Resolved, resolveSecret } from "./secrets/secrets.ts";
import type { SettingRow } from "./rows/setting_row.ts";
import { GATEWAY_ROWS, isGateway } from "./rows/setting_rows.ts";
import type { Settings } from "./settings.ts";
import {
  type AccountChoice,
  accountTree,
  DEFAULT_ACCOUNT_ID,
  defaultAccountId,
  findAccountValue,
  findVariable,
  type Found,
  isEnabled,
  listAccountIds,
} from "./sms_accounts.ts";
import { readText } from "./files.ts";
import { expand, readSources, type SourceOptions, type Sources, stateDirOf } from "./sources.ts";
import { describeOrigin, lookUp, type Origin, plainOf, type Tree } from "./json5/tree.ts";
import { unknownKeys } from "./unknown_keys.ts";
import { accountWarnings } from "./warnings.ts";

/** What loading works with. */
export interface LoadOptions extends SourceOptions {
  /** Whether a Gateway that serves SMS itself is no problem, as while it is asked about. */
  readonly rivalAllowed?: boolean;
  /** What flags say, by the setting's path. */
  readonly flags?: Readonly<Record<string, { readonly flag: string; readonly value: unknown }>>;
}

/** One effective value, as `config show` tells it. */
export interface EffectiveValue {
  /** As in `channels.sms.accounts.work.fromNumber`. */
  readonly path: string;
  /** Undefined when there is none; secrets as `set` or a SecretRef. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** What loading gave. The values are there also when something is wrong. */
export interface Loaded {
  /** Null when there are problems. */
  readonly settings: Settings | null;
  readonly problems: readonly Problem[];
  readonly values: readonly EffectiveValue[];
  /** The files that were read or would be. */
  readonly files: readonly string[];
  readonly ownPath: string;
  readonly gatewayPath: string;
  readonly accountChoice: AccountChoice;
  /** Nobody has said anything of an account yet, and nothing is wrong but that. */
  readonly untouched: boolean;
}

/** The values of an account as far as they could be read. */
interface AccountDraft {
  readonly id: string;
  readonly [key: string]: unknown;
}

interface LoadContext {
  readonly options: LoadOptions;
  readonly sources: Sources;
  readonly providers: SecretProviders;
  readonly problems: Problem[];
  readonly values: EffectiveValue[];
  readonly secrets: Map<string, Promise<Resolved>>;
}

function where(origin: Origin): { where?: string } {
  return origin.kind === "default" ? {} : { where: describeOrigin(origin) };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A wrong value as a problem may tell it: problems are logged, and a value in the wrong place may be secret. */
function shownWrong(kind: Kind, value: unknown): string {
  if (typeof value !== "string" && typeof value !== "object") return ` it is ${shown(value)}`;
  switch (kind.type) {
    case "sid":
      return " it has another form";
    case "phone":
      return ` it is ${shown(maskNumber(String(value)))}`;
    case "url":
      return ` it is ${shown(String(value).replace(/\/\/[^/]*@/, "//•••@"))}`;
    case "owners":
    case "targets":
    case "texts":
      return " it holds something else";
    default:
      return ` it is ${shown(redactText(String(value)))}`;
  }
}

/** Accounts that share a SecretRef share its resolution: a program is asked once. */
function resolveOnce(work: LoadContext, ref: SecretRef): Promise<Resolved> {
  const name = describeRef(ref);
  const { home } = work.options;
  const { env } = work.sources;
  const resolved = work.secrets.get(name) ??
    resolveSecret({ env, home, providers: work.providers }, ref);
  work.secrets.set(name, resolved);
  return resolved;
}

async function readSecret(
  work: LoadContext,
  path: string,
  found: Found,
): Promise<string | undefined> {
  const input = readSecretInput(found.value);
  const tell = (problem: string, fix: string) => {
    work.problems.push({ name: path, problem, fix, ...where(found.origin) });
    return undefined;
  };
  const secret = (value: unknown) => work.values.push({ path, value, origin: found.origin });
  switch (input.kind) {
    case "malformed":
      secret("malformed");
      return tell(`must be ${input.wanted}`, `${path}: "$NAME"`);
    case "text":
      secret("set");
      return input.text === "" ? tell("is empty", `${path}: "$NAME"`) : input.text;
    case "ref": {
      secret(input.ref);
      const resolved = await resolveOnce(work, input.ref);
      if (!resolved.ok) return tell(resolved.problem, resolved.fix);
      const { value } = resolved;
      return value.trim() === "" ? tell("names a secret that is empty", "fill it") : value;
    }
  }
}

/** A variable that the Gateway sets itself has a place of its own. */
function placeOf({ options, sources }: LoadContext, origin: Origin): Origin {
  if (origin.kind !== "environment" || options.env(origin.variable)?.trim()) return origin;
  return sources.gatewayVariables.get(origin.variable)?.origin ?? origin;
}

/** One setting, read and noted; undefined when it has none or a wrong one. */
async function readRow(
  work: LoadContext,
  path: string,
  row: SettingRow,
  given: Found,
): Promise<unknown> {
  const found = { ...given, origin: placeOf(work, given.origin) };
  if (found.value === undefined) {
    work.values.push({ path, value: undefined, origin: found.origin });
    return undefined;
  }
  if (row.kind.type === "secret") return await readSecret(work, path, found);
  const read = readKind(row.kind, found.value);
  work.values.push({ path, value: found.value, origin: found.origin });
  if (read.ok) return read.value;
  work.problems.push({
    name: found.origin.kind === "environment" ? found.origin.variable : path,
    problem: `must be ${read.wanted}:${shownWrong(row.kind, found.value)}`,
    fix: `as in ${shown(row.example)}`,
    ...where(found.origin),
  });
  return undefined;
}

function missing(work: LoadContext, path: string, row: SettingRow, more = ""): void {
  if (work.sources.unread) return;
  const [variable] = row.variables;
  const inVariable = variable === undefined ? "" : `${variable}=… in the environment, or `;
  const example = row.kind.type === "secret" ? '"$NAME"' : String(row.example);
  work.problems.push({
    name: path,
    problem: `is missing${more}`,
    fix: `${inVariable}\`sms-bridge config set ${path} ${example}\``,
  });
}

function accountRow(key: string): SettingRow {
  return ACCOUNT_ROWS.find((row) => row.key === key)!;
}

function isWritten(work: LoadContext, path: string): boolean {
  return work.values.find((one) => one.path === path)?.value !== undefined;
}

/** Tells what nothing works without and is not there. */
function requireRows(work: LoadContext, section: string, rows: readonly SettingRow[]): void {
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

async function readAccount(work: LoadContext, id: string): Promise<AccountDraft> {
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
function servedIds(work: LoadContext): readonly string[] {
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
  const ids = listed.slice(0, CONFIG_ACCOUNTS_MAX).filter((id) => isEnabled(channel, id));
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

function checkAccounts(work: LoadContext, accounts: readonly AccountDraft[]): void {
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
function readDefaultAccount(work: LoadContext, accounts: readonly AccountDraft[]): AccountChoice & {
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

async function readSection(
  work: LoadContext,
  section: string,
  rows: readonly SettingRow[],
  fallbacks: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const row of rows) {
    const path = `${section}.${row.key}`;
    const flag = work.options.flags?.[path];
    const written = lookUp(work.sources.root, section, ...row.key.split("."));
    const found: Found = flag?.value !== undefined
      ? { value: flag.value, origin: { kind: "flag", flag: flag.flag } }
      : findVariable(row, work.options.env) ??
        (written === undefined
          ? findVariable(row, work.sources.env) ??
            { value: row.fallback ?? fallbacks[row.key], origin: { kind: "default" } }
          : { value: plainOf(written), origin: written.origin });
    const value = await readRow(work, path, row, found);
    const [first = row.key, second] = row.key.split(".");
    if (second === undefined) values[first] = value;
    else {
      const group = values[first];
      values[first] = { ...(typeof group === "object" ? group : {}), [second]: value };
    }
  }
  return values;
}

function rivalProblem({ rival, gatewayPath }: Sources): Problem[] {
  if (rival === null) return [];
  return [{
    name: "channels.sms",
    problem: `is enabled in ${gatewayPath}: the Gateway would serve the same number`,
    fix: "hand SMS over to the bridge with `sms-bridge config adopt`",
    where: describeOrigin(rival.origin),
  }];
}

/**
 * Plain secrets in a file that others can read: refused in the own file, warned of in the Gateway's, whose
 * mode is not ours to rule. Returns the warnings.
 */
async function checkPrivacy(work: LoadContext): Promise<string[]> {
  const warnings: string[] = [];
  const files = new Set(
    work.values.flatMap(({ value, origin }) =>
      value === "set" && origin.kind === "file" ? [origin.file] : []
    ),
  );
  for (const file of files) {
    const doubt = await fileDoubt(file);
    if (doubt === null || doubt.ok || !doubt.fix.startsWith("chmod")) continue;
    const problem = "holds a secret and others may read it";
    if (work.sources.gatewayFiles.includes(file)) warnings.push(`${file} ${problem}: ${doubt.fix}`);
    else work.problems.push({ name: file, problem, fix: doubt.fix });
  }
  return warnings;
}

function record(tree: Tree | undefined): Record<string, never> {
  return tree?.kind === "object" ? plainOf(tree) as Record<string, never> : {};
}

/** The certificate of a private CA in a file, or what is wrong with that file. */
function readCaCert(path: string, home: string): { caCerts: string[]; warnings: string[] } {
  const file = expand(path, home);
  let text: string | null = null;
  try {
    text = readText(file);
  } catch {
    // Told below.
  }
  if (text?.includes("-----BEGIN CERTIFICATE-----")) return { caCerts: [text], warnings: [] };
  const warning = `gateway.tls.caPath names ${file}, in which no certificate (PEM) can be read`;
  return { caCerts: [], warnings: [warning] };
}

/** Loads the settings from flags, variables and files. */
export async function loadSettings(options: LoadOptions): Promise<Loaded> {
  const sources = readSources(options);
  const { root } = sources;
  const work: LoadContext = {
    options,
    sources,
    providers: {
      entries: record(lookUp(root, "secrets", "providers")),
      defaults: record(lookUp(root, "secrets", "defaults")),
    },
    problems: [
      ...sources.problems,
      ...unknownKeys(sources.own, root),
      ...(options.rivalAllowed ? [] : rivalProblem(sources)),
    ],
    values: [],
    secrets: new Map(),
  };
  const drafts: AccountDraft[] = [];
  for (const id of servedIds(work)) drafts.push(await readAccount(work, id));
  checkAccounts(work, drafts);
  const { first: defaultAccount, ...accountChoice } = readDefaultAccount(work, drafts);
  const gateway = await readSection(work, "gateway", GATEWAY_ROWS);
  const bridge = await readSection(work, "bridge", BRIDGE_ROWS, {
    stateDir: stateDirOf(options),
  });
  requireRows(work, "gateway", GATEWAY_ROWS);
  if (isBridge(bridge)) work.problems.push(...listenerProblems(bridge));
  const privacy = await checkPrivacy(work);
  const { problems, values } = work;
  const { files, ownPath, gatewayPath } = sources;
  const untouched = problems.length > 0 &&
    problems.every(({ problem }) => problem.startsWith("is missing")) &&
    !values.some(({ path, value, origin }) =>
      path.startsWith("channels.sms.") && value !== undefined && origin.kind !== "default"
    );
  const told = { problems, values, files, ownPath, gatewayPath, accountChoice, untouched };
  const accounts = drafts.filter(isAccount);
  const whole = problems.length === 0 && accounts.length === drafts.length;
  if (!whole || !isGateway(gateway) || !isBridge(bridge)) return { settings: null, ...told };
  const { caPath } = gateway.tls;
  const ca = caPath === undefined ? null : readCaCert(caPath, options.home);
  const accessGroups: AccessGroups = record(lookUp(root, "accessGroups"));
  const settings: Settings = {
    accounts,
    defaultAccount,
    accountChoice,
    gateway: {
      url: gateway.url.replace(/\/+$/, ""),
      token: gateway.auth.token,
      ...(ca === null ? {} : { caCerts: ca.caCerts }),
    },
    bridge: {
      ...bridge,
      stateDir: expand(bridge.stateDir, options.home),
      mediaRoots: (bridge.mediaRoots ?? sources.workspaces)
        .map((folder: string) => expand(folder, options.home)),
      twilioApiUrl: bridge.twilioApiUrl?.replace(/\/+$/, ""),
    },
    accessGroups,
    warnings: [
      ...sources.warnings,
      ...(ca?.warnings ?? []),
      ...privacy,
      ...accountWarnings(accounts, accessGroups),
    ],
  };
  return { settings, ...told };
}
