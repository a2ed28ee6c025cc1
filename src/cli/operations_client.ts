/**
 * Reaching the bridge: over the control socket when the daemon runs, else on the store itself, whose source
 * is loaded only then.
 *
 * @module
 */
import { UNIT_NAME } from "../daemon/service_unit.ts";
import { controlSocketPath } from "../daemon/permissions.ts";
import type { InputOf, OperationName, Operations, OutputOf } from "../operations/operations.ts";
import { OPERATION_PATHS } from "../operations/paths.ts";
import { configuredStateDir, defaultStateDir } from "../config/sources.ts";
import { type ControlClient, controlClient } from "../server/control_client.ts";
import { STORE_FILE } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import { stateDirAbsent } from "./state_trouble.ts";
import { type Context, homeOf } from "./terminal/context.ts";

/** Where the store and the control socket are. */
export function stateDirectory(context: Context, parsed: Parsed): string {
  const home = homeOf(context);
  const usual = defaultStateDir(home);
  const said = configuredStateDir({
    env: context.env,
    home,
    configPath: parsed.text("config"),
    stateDir: parsed.text("state-dir"),
  });
  const used = [STORE_FILE, "control.sock"].some((name) => isThere(`${usual}/${name}`));
  if (said !== usual || used || parsed.text("state-dir") !== undefined) return said;
  return serviceStateDir(context) ?? usual;
}

/** Whether there is something at a path, as far as this user can see. */
export function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Where the system's own configuration is. */
export function etcOf({ env }: Pick<Context, "env">): string {
  return env("SMS_BRIDGE_ETC") ?? "/etc";
}

/** Where systemd's units are: that of this user, and that of the system. */
export function unitPaths(context: Context): { readonly user: string; readonly system: string } {
  const config = context.env("XDG_CONFIG_HOME") ?? `${homeOf(context)}/.config`;
  return {
    user: `${config}/systemd/user/${UNIT_NAME}`,
    system: `${etcOf(context)}/systemd/system/${UNIT_NAME}`,
  };
}

/** The state directory of the service that is installed, where that is not the usual one. */
function serviceStateDir(context: Context): string | undefined {
  for (const path of Object.values(unitPaths(context))) {
    if (!isThere(path)) continue;
    const unit = Deno.readTextFileSync(path);
    const named = unit.match(/^Environment="?SMS_BRIDGE_STATE_DIR=(.+?)"?$/m)?.[1] ??
      unit.match(/^EnvironmentFile=-(\/.+)\/env$/m)?.[1];
    if (named === undefined || named.startsWith("/etc/")) continue;
    return named.replace("%S", "/var/lib").replaceAll("%%", "%");
  }
  return undefined;
}

/** The account given, as a member to be spread; all accounts when none was. */
export function accountGiven(parsed: Parsed): { account?: string } {
  const account = parsed.text("account");
  return account === undefined ? {} : { account };
}

/** Operations carried out by the daemon, whose answers are taken at their word: it is this program. */
function remoteOperations(client: ControlClient, signal: AbortSignal): Operations {
  return {
    async ask<Name extends OperationName>(name: Name, input: InputOf<Name>) {
      const path = OPERATION_PATHS[name];
      const reply = await client.request<OutputOf<Name>>("POST", path, input, { signal });
      if (reply.kind === "answer") return reply.value;
      return reply.kind === "failure" ? reply.error : failure(
        "unreachable",
        "daemon-gone",
        "The bridge stopped while it was asked",
        "run the command again",
      );
    },
  };
}

/** The operations of the daemon that runs; null when none does, a failure when that cannot be known. */
export async function runningOperations(
  context: Context,
  stateDir: string,
): Promise<Operations | null | Failure> {
  const client = controlClient(controlSocketPath(stateDir));
  const reply = await client.request("GET", "/v1/ping");
  if (reply.kind === "failure") return reply.error;
  return reply.kind === "answer" ? remoteOperations(client, context.signal) : null;
}

async function withStore<T>(
  context: Context,
  parsed: Parsed,
  stateDir: string,
  use: (operations: Operations) => Promise<T | Failure>,
): Promise<T | Failure> {
  const there = hasStore(context, stateDir);
  const { onStore } = await import("./store_operations.ts");
  return await onStore(context, parsed, { stateDir, there }, use);
}

/**
 * Runs `use` with the operations of the bridge that the command line means. The settings are loaded
 * only where no daemon runs, which has its own.
 *
 * @throws {Failure} What `use` resolves to, and when neither daemon nor store can be reached.
 */
export async function withOperations<T>(
  context: Context,
  parsed: Parsed,
  use: (operations: Operations) => Promise<T | Failure>,
): Promise<T> {
  const stateDir = stateDirectory(context, parsed);
  const running = await runningOperations(context, stateDir);
  if (running instanceof Failure) throw running;
  const result = running === null
    ? await withStore(context, parsed, stateDir, use)
    : await use(running);
  if (result instanceof Failure) throw result;
  return result;
}

/** Whether there is a store. @throws {Failure} When not even the folder that was named is there. */
export function hasStore(context: Context, stateDir: string): boolean {
  if (isThere(`${stateDir}/${STORE_FILE}`)) return true;
  if (stateDir === defaultStateDir(homeOf(context)) || isThere(stateDir)) return false;
  throw stateDirAbsent(stateDir);
}
