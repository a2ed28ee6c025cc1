/**
 * Where configuration comes from: the own file, and what of the Gateway's file concerns the bridge.
 *
 * @module
 */
import { OWN_ACCOUNT_ROWS } from "./rows/account_rows.ts";
import { readConfigFile, readText } from "./files.ts";
import { configVariables, readDotenv, type WrittenVariable } from "./gateway_env.ts";
import type { Problem } from "./problem.ts";
import type { Env } from "./sms_accounts.ts";
import { substituteVariables } from "./substitute.ts";
import {
  describeOrigin,
  emptyTree,
  lookUp,
  mergeTrees,
  type Origin,
  type Tree,
} from "./json5/tree.ts";
import { join } from "../system/path.ts";

/** What tells where files are. */
export interface SourceOptions {
  readonly env: Env;
  /** The user's home directory. */
  readonly home: string;
  /** What `--config` says. */
  readonly configPath?: string | undefined;
  /** What `--state-dir` says. */
  readonly stateDir?: string | undefined;
}

/** Everything that is written, in one tree of the own file's shape. */
export interface Sources {
  readonly root: Tree;
  /** The own file as written; what it holds that nobody knows is a problem. */
  readonly own: Tree | null;
  readonly ownPath: string;
  readonly gatewayPath: string;
  /** The Gateway's file of variables, which may be absent. */
  readonly dotenvPath: string;
  /** The Gateway's own `channels.sms`, when it would serve texts itself. */
  readonly rival: Tree | null;
  /** The folders in which the Gateway's agents keep their files, as written. */
  readonly workspaces: readonly string[];
  /** The files that the Gateway's configuration is made of. */
  readonly gatewayFiles: readonly string[];
  /** Variables that are set, and below them those that the Gateway sets itself. */
  readonly env: Env;
  readonly gatewayVariables: ReadonlyMap<string, WrittenVariable>;
  /** All files that were read, for whoever watches them. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
  /** Keys that stand twice in the Gateway's file. */
  readonly warnings: readonly string[];
  /** Whether one of them could not be read: then nobody knows what is missing. */
  readonly unread: boolean;
}

/** Keys of accounts that OpenClaw does not have. */
const OWN_ACCOUNT_KEYS: ReadonlySet<string> = new Set(OWN_ACCOUNT_ROWS.map(({ key }) => key));

function given(text: string | undefined): string | undefined {
  return text?.trim() ? text.trim() : undefined;
}

/** A path with the home directory in place of `~`. */
export function expand(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

/** The state directory where nothing is said. */
export function defaultStateDir(home: string): string {
  return join(home, ".openclaw", "sms-bridge");
}

/** The state directory as flags and variables have it. */
export function stateDirOf({ env, home, stateDir }: SourceOptions): string {
  const path = stateDir ?? given(env("SMS_BRIDGE_STATE_DIR"));
  return path === undefined ? defaultStateDir(home) : expand(path, home);
}

/** The state directory, also as the files have it. */
export function configuredStateDir(options: SourceOptions): string {
  const said = options.stateDir ?? given(options.env("SMS_BRIDGE_STATE_DIR"));
  if (said !== undefined) return stateDirOf(options);
  const written = lookUp(readSources(options).root, "bridge", "stateDir");
  return written?.kind === "value" && typeof written.value === "string"
    ? expand(written.value, options.home)
    : stateDirOf(options);
}

/** Where the own file is, or would be. */
function ownConfigPath(options: SourceOptions): string {
  const path = options.configPath ?? given(options.env("SMS_BRIDGE_CONFIG"));
  return path === undefined
    ? join(stateDirOf(options), "config.json5")
    : expand(path, options.home);
}

/** Where the Gateway's file is, or would be. */
function gatewayConfigPath(options: SourceOptions): string {
  const path = given(options.env("OPENCLAW_CONFIG_PATH"));
  return path === undefined
    ? join(gatewayStateDir(options), "openclaw.json")
    : expand(path, options.home);
}

function gatewayStateDir({ env, home }: SourceOptions): string {
  const folder = given(env("OPENCLAW_STATE_DIR"));
  return folder === undefined ? join(home, ".openclaw") : expand(folder, home);
}

function object(origin: Origin, entries: readonly (readonly [string, Tree | undefined])[]): Tree {
  const known = entries.filter((entry): entry is [string, Tree] => entry[1] !== undefined);
  return { kind: "object", origin, entries: new Map(known) };
}

/** The variables that the Gateway sets itself; those of the bridge's own are not looked for there. */
function readGatewayVariables(
  gateway: Tree | null,
  dotenv: { readonly path: string; readonly text: string | null },
): ReadonlyMap<string, WrittenVariable> {
  const known = new Map([
    ...configVariables(gateway),
    ...readDotenv(dotenv.text ?? "", dotenv.path),
  ]);
  for (const name of known.keys()) if (name.startsWith("SMS_BRIDGE_")) known.delete(name);
  return known;
}

/** The Gateway's address, from its port. */
function gatewayUrl(tree: Tree): Tree | undefined {
  const port = lookUp(tree, "gateway", "port");
  if (port?.kind !== "value" || typeof port.value !== "number") return undefined;
  const tls = lookUp(tree, "gateway", "tls", "enabled");
  const scheme = tls?.kind === "value" && tls.value === true ? "wss" : "ws";
  return { ...port, value: `${scheme}://127.0.0.1:${port.value}` };
}

/** What lets one in: the password where the Gateway asks for that, which goes where a token would. */
function gatewaySecret(tree: Tree): Tree | undefined {
  const auth = lookUp(tree, "gateway", "auth");
  const [mode, token, password] = ["mode", "token", "password"].map((key) => lookUp(auth, key));
  const wanted = mode?.kind === "value" ? mode.value : token === undefined ? "password" : "token";
  return wanted === "password" ? password ?? token : token;
}

/** What of the Gateway's file concerns the bridge, in the shape of the own file. */
function projectGateway(tree: Tree): Tree {
  const { origin } = tree;
  const sms = lookUp(tree, "channels", "sms");
  const media = lookUp(tree, "agents", "defaults", "mediaMaxMb");
  const channel: Tree | undefined = sms?.kind === "object"
    ? {
      ...sms,
      entries: new Map([
        ...(media === undefined ? [] : [["mediaMaxMb", media] as const]),
        ...[...sms.entries].filter(([key]) => key !== "enabled"),
      ]),
    }
    : undefined;
  const bridge = lookUp(tree, "skills", "entries", "sms-bridge", "config");
  return object(origin, [
    ["channels", channel && object(origin, [["sms", channel]])],
    [
      "gateway",
      object(origin, [
        ["url", gatewayUrl(tree)],
        ["auth", object(origin, [["token", gatewaySecret(tree)]])],
      ]),
    ],
    ["secrets", lookUp(tree, "secrets")],
    ["accessGroups", lookUp(tree, "accessGroups")],
    ["bridge", bridge],
  ]);
}

function textAt(tree: Tree | undefined, key: string): string | undefined {
  const found = lookUp(tree, key);
  return found?.kind === "value" && typeof found.value === "string" ? found.value : undefined;
}

/** The agents as the Gateway's file has them: by their ids, or in a list. */
function agentsOf(agents: Tree | undefined): { id: string | undefined; agent: Tree }[] {
  const entries = lookUp(agents, "entries");
  if (entries?.kind === "object") return [...entries.entries].map(([id, agent]) => ({ id, agent }));
  const list = lookUp(agents, "list");
  return (list?.kind === "list" ? list.items : [])
    .map((agent) => ({ id: textAt(agent, "id"), agent }));
}

/** The workspaces of all agents: those that OpenClaw takes where none is named. */
function workspacesOf(tree: Tree, options: SourceOptions): readonly string[] {
  const agents = lookUp(tree, "agents");
  const shared = textAt(lookUp(agents, "defaults"), "workspace");
  const stateDir = gatewayStateDir(options);
  const each = agentsOf(agents).map(({ id, agent }) =>
    textAt(agent, "workspace") ??
      (shared === undefined && id !== undefined ? join(stateDir, `workspace-${id}`) : undefined)
  );
  return [...new Set([...each, shared ?? join(stateDir, "workspace")])]
    .filter((folder) => folder !== undefined);
}

function isRival(sms: Tree | undefined): sms is Tree {
  if (sms?.kind !== "object") return false;
  const enabled = lookUp(sms, "enabled");
  return !(enabled?.kind === "value" && enabled.value === false);
}

/** The own file's `gateway.port` says the same as a URL, its `gateway.auth.password` as a token. */
function withGateway(own: Tree): Tree {
  const url = lookUp(own, "gateway", "url") ?? gatewayUrl(own);
  const token = gatewaySecret(own);
  if (url === undefined && token === undefined) return own;
  const auth = token === undefined ? undefined : object(own.origin, [["token", token]]);
  const gateway = object(own.origin, [["url", url], ["auth", auth]]);
  return mergeTrees(own, object(own.origin, [["gateway", gateway]]), "replace");
}

/**
 * Puts what `bridge` holds of accounts below `channels.sms`: there OpenClaw's schema leaves no room for
 * keys of ours, so that in the Gateway's file they stand in `bridge`.
 */
function withAccountKeys(root: Tree): Tree {
  const bridge = lookUp(root, "bridge");
  const extras = (at: Tree | undefined): (readonly [string, Tree])[] =>
    at?.kind === "object" ? [...at.entries].filter(([key]) => OWN_ACCOUNT_KEYS.has(key)) : [];
  const accounts = lookUp(bridge, "accounts");
  const each = accounts?.kind === "object"
    ? [...accounts.entries].map(([id, one]) => [id, object(one.origin, extras(one))] as const)
    : [];
  if (bridge === undefined || (extras(bridge).length === 0 && each.length === 0)) return root;
  const sms = object(bridge.origin, [
    ...extras(bridge),
    ["accounts", each.length === 0 ? undefined : object(bridge.origin, each)],
  ]);
  const base = object(root.origin, [["channels", object(bridge.origin, [["sms", sms]])]]);
  return mergeTrees(base, root, "replace");
}

/** What of the Gateway's file must be an object, as the Gateway itself demands. */
const GATEWAY_OBJECTS = [
  ["channels"],
  ["channels", "sms"],
  ["channels", "sms", "accounts"],
  ["gateway"],
  ["agents"],
  ["secrets"],
];

function shapeProblems(gateway: Tree): Problem[] {
  return GATEWAY_OBJECTS.flatMap((path) => {
    const found = lookUp(gateway, ...path);
    if (found === undefined || found.kind === "object") return [];
    return [{
      name: path.join("."),
      problem: "must be an object: the Gateway refuses it too",
      fix: `${path.at(-1)}: { … }`,
      where: describeOrigin(found.origin),
    }];
  });
}

/** The text of a file that may as well not be there, or not be ours to read. */
function textOf(path: string): string | null {
  try {
    return readText(path);
  } catch {
    return null;
  }
}

/** Reads both files. A file that is not there is empty, unless it was named. */
export function readSources(options: SourceOptions): Sources {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const files: string[] = [];
  let unread = false;
  const read = (path: string, named: boolean, ofGateway: boolean): Tree | null => {
    const reading = readConfigFile(path, ofGateway);
    if (reading.kind === "problems") {
      problems.push(...reading.problems);
      unread = true;
    }
    if (reading.kind === "absent" && named) {
      problems.push({
        name: path,
        problem: "is not there",
        fix: "name the file that is, or write one: `sms-bridge config example > FILE`",
      });
    }
    if (reading.kind !== "file") {
      files.push(path);
      return null;
    }
    files.push(...reading.file.parts);
    warnings.push(...reading.file.warnings);
    return reading.file.tree;
  };
  const substituted = (tree: Tree): Tree => {
    const known = substituteVariables(tree, env);
    problems.push(...known.problems);
    return known.tree;
  };
  const ownPath = ownConfigPath(options);
  const gatewayPath = gatewayConfigPath(options);
  const named = options.configPath !== undefined ||
    given(options.env("SMS_BRIDGE_CONFIG")) !== undefined;
  const same = ownPath === gatewayPath;
  if (same) {
    problems.push({
      name: ownPath,
      problem: "is the Gateway's own file, which is read in any case",
      fix: "name a file of the bridge's own, or none",
    });
  }
  const written = same ? null : read(ownPath, named, false);
  const ownFiles = files.length;
  const gateway = read(gatewayPath, false, true);
  if (gateway !== null) problems.push(...shapeProblems(gateway));
  const dotenvPath = join(gatewayStateDir(options), ".env");
  files.push(dotenvPath);
  const variables = readGatewayVariables(gateway, {
    path: dotenvPath,
    text: textOf(dotenvPath),
  });
  const env = (name: string) => given(options.env(name)) ?? variables.get(name)?.value;
  const own = written && substituted(written);
  const sms = gateway === null ? undefined : lookUp(gateway, "channels", "sms");
  const base = gateway === null ? emptyTree() : substituted(projectGateway(gateway));
  return {
    root: withAccountKeys(
      own === null ? base : mergeTrees(base, withGateway(own), "replace"),
    ),
    own,
    ownPath,
    gatewayPath,
    dotenvPath,
    workspaces: workspacesOf(gateway ?? emptyTree(), options),
    gatewayFiles: files.slice(ownFiles),
    env,
    gatewayVariables: variables,
    rival: isRival(sms) ? sms : null,
    files,
    problems,
    warnings,
    unread,
  };
}
