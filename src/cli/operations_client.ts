/**
 * Reaching the bridge: over the control socket when the daemon runs, else on the store itself.
 *
 * @module
 */
import { UNIT_NAME } from "../daemon/service_unit.ts";
import { controlSocketPath } from "../daemon/permissions.ts";
import {
  type InputOf,
  type OperationName,
  OPERATIONS,
  type Operations,
  operationsOn,
  type OutputOf,
} from "../operations/operations.ts";
import { configuredStateDir, defaultStateDir } from "../config/sources.ts";
import { type ControlClient, controlClient } from "../server/control_client.ts";
import { openStore, SchemaError, type Store, STORE_FILE, StoreError } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import { type Context, homeOf } from "./terminal/context.ts";
import { stateTrouble } from "./state_trouble.ts";
import { probeParts } from "./probe_parts.ts";
import { loadFor } from "./settings_source.ts";

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

function isThere(path: string): boolean {
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
    const named = unit.match(/^Environment=SMS_BRIDGE_STATE_DIR=(.+)$/m)?.[1] ??
      unit.match(/^EnvironmentFile=-(\/.+)\/env$/m)?.[1];
    if (named !== undefined && !named.startsWith("/etc/")) return named.replace("%S", "/var/lib");
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
      const { path } = OPERATIONS[name];
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

/**
 * Runs `use` with the operations of the bridge that the command line means. The settings are loaded
 * only where no daemon runs, which has its own.
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
    ? await onStore(context, parsed, stateDir, use)
    : await use(running);
  if (result instanceof Failure) throw result;
  return result;
}

/** Operations that write into a store that need not be there yet; the others find nothing to change. */
const CREATES: ReadonlySet<OperationName> = new Set(["allow", "importQueued"]);
const MEMORY = ":memory:";

/** Whether there is a store. @throws {Failure} When not even the folder that was named is there. */
export async function hasStore(context: Context, stateDir: string): Promise<boolean> {
  const isThere = (path: string) => Deno.stat(path).then(() => true, () => false);
  if (await isThere(`${stateDir}/${STORE_FILE}`)) return true;
  if (stateDir === defaultStateDir(homeOf(context)) || await isThere(stateDir)) return false;
  throw failure(
    "not-found",
    "state-dir-absent",
    `There is no state directory ${stateDir}`,
    "name the one in which the bridge runs; `sms-bridge serve` makes a new one",
  );
}

/** Opens the store, or tells why it cannot be. @throws {Failure} */
export async function openStoreFor(context: Context, stateDir: string): Promise<Store> {
  const { clock, random } = context;
  try {
    return await openStore(stateDir, { clock, random });
  } catch (error) {
    if (error instanceof SchemaError) {
      throw failure("configuration", "store-too-new", error.message, "update sms-bridge");
    }
    throw await unusable(error, stateDir);
  }
}

async function unusable(error: unknown, stateDir: string): Promise<Failure> {
  const { why, fix, command } = await stateTrouble(stateDir, error);
  const hint = command === undefined ? fix : `${fix}: ${command}`;
  return failure("failed", "store-unusable", `Cannot use the store: ${why}`, hint);
}

async function onStore<T>(
  context: Context,
  parsed: Parsed,
  stateDir: string,
  use: (operations: Operations) => Promise<T>,
): Promise<T> {
  const { clock, random } = context;
  // What only reads makes no store where there is none.
  let made = await hasStore(context, stateDir);
  let store = await openStoreFor(context, made ? stateDir : MEMORY);
  try {
    const { settings, accountChoice } = await loadFor(context, parsed);
    const probe = () => settings === null ? null : probeParts(context, settings);
    const [inForce, accounts] = [() => settings, () => accountChoice];
    const on = (store: Store) =>
      operationsOn({ store, clock, random, settings: inForce, accounts, probe });
    return await use({
      async ask(name, input) {
        if (!made && CREATES.has(name)) {
          const opened = await openStoreFor(context, stateDir);
          store.close();
          store = opened;
          made = true;
        }
        return await on(store).ask(name, input);
      },
    });
  } catch (error) {
    throw error instanceof StoreError ? await unusable(error, stateDir) : error;
  } finally {
    store.close();
  }
}
