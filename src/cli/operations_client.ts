/**
 * Reaching the bridge: over the control socket when the daemon runs, else on the store itself.
 *
 * @module
 */
import { controlSocketPath } from "../daemon/permissions.ts";
import {
  type InputOf,
  type OperationName,
  OPERATIONS,
  type Operations,
  operationsOn,
  type OutputOf,
} from "../operations/operations.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { configuredStateDir } from "../config/sources.ts";
import { type ControlClient, controlClient } from "../server/control_client.ts";
import { openStore, SchemaError, type Store, StoreError } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import type { Context } from "./terminal/context.ts";
import { probeParts } from "./probe_parts.ts";

/** The user's home directory. */
export function homeOf(context: Pick<Context, "env">): string {
  return context.env("HOME") ?? context.env("USERPROFILE") ?? ".";
}

/** Where the store and the control socket are. */
export function stateDirectory(context: Context, parsed: Parsed): string {
  return configuredStateDir({
    env: context.env,
    home: homeOf(context),
    configPath: parsed.text("config"),
    stateDir: parsed.text("state-dir"),
  });
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

/** Loads the settings; null when something is wrong with them. */
export type SettingsLoader = () => Promise<Settings | null>;

function defaultLoader(context: Context, stateDir: string): SettingsLoader {
  const options = { env: context.env, home: homeOf(context), stateDir };
  return async () => (await loadSettings(options)).settings;
}

/**
 * Runs `use` with the operations of the bridge whose state is in `stateDir`. The settings are loaded
 * only where no daemon runs, which has its own.
 */
export async function withOperations<T>(
  context: Context,
  stateDir: string,
  use: (operations: Operations) => Promise<T | Failure>,
  load: SettingsLoader = defaultLoader(context, stateDir),
): Promise<T> {
  const running = await runningOperations(context, stateDir);
  if (running instanceof Failure) throw running;
  const result = running === null
    ? await onStore(context, stateDir, use, load)
    : await use(running);
  if (result instanceof Failure) throw result;
  return result;
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
    throw error instanceof StoreError ? unusable(error, stateDir) : error;
  }
}

function unusable(error: StoreError, stateDir: string): Failure {
  const hint = `check that ${stateDir} is yours and the disk is not full`;
  return failure("failed", "store-unusable", error.message, hint);
}

async function onStore<T>(
  context: Context,
  stateDir: string,
  use: (operations: Operations) => Promise<T>,
  load: SettingsLoader,
): Promise<T> {
  const { clock, random } = context;
  const store = await openStoreFor(context, stateDir);
  try {
    const settings = await load();
    const probe = () => settings === null ? null : probeParts(context, settings);
    return await use(operationsOn({ store, clock, random, settings: () => settings, probe }));
  } catch (error) {
    throw error instanceof StoreError ? unusable(error, stateDir) : error;
  } finally {
    store.close();
  }
}
