/**
 * Loading: the settings in force, where each came from, and everything that is wrong with them at once.
 *
 * @module
 */
import type { AccessGroups } from "../policy/access.ts";
import { isAccount } from "./rows/account_rows.ts";
import { BRIDGE_ROWS, isBridge } from "./rows/bridge_rows.ts";
import { listenerProblems, type Problem, storeProblems } from "./problem.ts";
import { fileDoubt } from "./secrets/secrets.ts";
import { GATEWAY_ROWS, isGateway } from "./rows/setting_rows.ts";
import type { Settings } from "./settings.ts";
import type { AccountChoice, Env } from "./sms_accounts.ts";
import { readText } from "./files.ts";
import { expand, readSources, type Sources, stateDirOf } from "./sources.ts";
import { describeOrigin, lookUp, plainOf, type Tree } from "./json5/tree.ts";
import { unknownKeys } from "./unknown_keys.ts";
import { accountWarnings, secretWarnings } from "./warnings.ts";

import {
  type EffectiveValue,
  type LoadContext,
  type LoadOptions,
  readSection,
} from "./read_values.ts";
import {
  type AccountDraft,
  checkAccounts,
  readAccount,
  readDefaultAccount,
  requireRows,
  servedIds,
} from "./read_accounts.ts";
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
  /** The Gateway's file of variables, which may be absent. */
  readonly dotenvPath: string;
  /** Variables that are set, and below them those that the Gateway sets itself. */
  readonly env: Env;
  readonly accountChoice: AccountChoice;
  /** Nobody has said anything of an account yet, and nothing is wrong but that. */
  readonly untouched: boolean;
  /** Whether a file could not be read: then nobody knows what it says. */
  readonly unread: boolean;
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
  if (isBridge(bridge)) {
    work.problems.push(...listenerProblems(bridge), ...storeProblems(bridge, work.problems));
  }
  const privacy = await checkPrivacy(work);
  const { problems, values } = work;
  const { files, ownPath, gatewayPath, dotenvPath, env, unread } = sources;
  const untouched = problems.length > 0 &&
    problems.every(({ problem }) => problem.startsWith("is missing")) &&
    !values.some(({ path, value, origin }) =>
      path.startsWith("channels.sms.") && value !== undefined && origin.kind !== "default"
    );
  const places = { files, ownPath, gatewayPath, dotenvPath, env };
  const told = { problems, values, ...places, accountChoice, untouched, unread };
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
      ...secretWarnings({
        "gateway.auth.token": gateway.auth.token,
        "bridge.storeToken": bridge.storeToken,
      }),
    ],
  };
  return { settings, ...told };
}
