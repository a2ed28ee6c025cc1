/**
 * Operations on the store itself, for commands that find no bridge running.
 *
 * @module
 */
import { type OperationName, type Operations, operationsOn } from "../operations/operations.ts";
import { openStore, SchemaError, type Store, StoreError } from "../store/kv.ts";
import { type Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import { probeParts } from "./probe_parts.ts";
import { loadFor } from "./settings_source.ts";
import { stateTrouble } from "./state_trouble.ts";
import type { Context } from "./terminal/context.ts";

/** Operations that write into a store that need not be there yet; the others find nothing to change. */
const CREATES: ReadonlySet<OperationName> = new Set([
  "allow",
  "beginAnew",
  "block",
  "namePerson",
  "importQueued",
]);
const MEMORY = ":memory:";

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

/**
 * Runs `use` with operations on the store itself, where no bridge runs. Where there is none, one is made
 * only by an operation that writes.
 *
 * @throws {Failure} When the store cannot be used.
 */
export async function onStore<T>(
  context: Context,
  parsed: Parsed,
  { stateDir, there }: { readonly stateDir: string; readonly there: boolean },
  use: (operations: Operations) => Promise<T>,
): Promise<T> {
  const { clock, random } = context;
  // What only reads makes no store where there is none.
  let made = there;
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
