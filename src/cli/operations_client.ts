/**
 * Reaching the bridge: over the control socket when the daemon runs, else on the store itself.
 *
 * @module
 */
import { OPERATIONS, type Operations, operationsOn } from "../bridge/operations.ts";
import { configuredStateDir } from "../config/sources.ts";
import { type ControlClient, controlClient } from "../server/control_client.ts";
import { openStore, SchemaError, type Store, StoreError } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import type { Context } from "./context.ts";

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

/** Where the daemon with this state directory listens for commands. */
export function controlSocketPath(stateDir: string): string {
  return `${stateDir}/control.sock`;
}

/** Operations carried out by the daemon. */
export function remoteOperations(client: ControlClient, signal: AbortSignal): Operations {
  const entries = Object.entries(OPERATIONS).map(([name, { path }]) => [
    name,
    async (input: unknown) => {
      const reply = await client.request("POST", path, input, { signal });
      if (reply.kind === "answer") return reply.value;
      return reply.kind === "failure" ? reply.error : failure(
        "unreachable",
        "daemon-gone",
        "The bridge stopped while it was asked",
        "run the command again",
      );
    },
  ]);
  return Object.fromEntries(entries) as unknown as Operations;
}

/** Whether a daemon runs. @throws {Failure} When what answers is none. */
export async function daemonAnswers(client: ControlClient): Promise<boolean> {
  const reply = await client.request("GET", "/v1/ping");
  if (reply.kind === "failure") throw reply.error;
  return reply.kind === "answer";
}

/** Runs `use` with the operations of the bridge whose state is in `stateDir`. */
export async function withOperations<T>(
  context: Context,
  stateDir: string,
  use: (operations: Operations) => Promise<T | Failure>,
): Promise<T> {
  const client = controlClient(controlSocketPath(stateDir));
  const result = await daemonAnswers(client)
    ? await use(remoteOperations(client, context.signal))
    : await onStore(context, stateDir, use);
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
): Promise<T> {
  const { clock, random } = context;
  const store = await openStoreFor(context, stateDir);
  try {
    return await use(operationsOn({ store, clock, random }));
  } catch (error) {
    throw error instanceof StoreError ? unusable(error, stateDir) : error;
  } finally {
    store.close();
  }
}
