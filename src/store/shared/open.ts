/**
 * Opens a store on another machine, which several bridges share.
 *
 * @module
 */
import { SCHEMA_KEY } from "../migrations.ts";
import { bringUpToDate, SCHEMA_VERSION, type Store, StoreError, type StoreOptions } from "../kv.ts";
import { connectTo } from "../connect/connect.ts";
import { type SharedStore, sharedStore } from "./shared_store.ts";

/** A store that is shared, and by whom. */
export interface OpenShared {
  readonly store: SharedStore;
  /** Of this run of this program. */
  readonly run: string;
}

/** Before a migration: bridges of an older version that still run can write nothing from now on. */
async function shutOlderOut(store: Store): Promise<void> {
  const found = await store.get<unknown>(SCHEMA_KEY);
  if (found === null || !(Number(found.value) < SCHEMA_VERSION)) return;
  const { key, value, versionstamp } = found;
  await store.commit({ check: [{ key, versionstamp }], set: [{ key, value }] });
}

/**
 * Opens the store on another machine.
 *
 * @throws {StoreError} When it cannot be reached.
 * @throws {SchemaError} When a newer version of the program wrote it.
 */
export async function openShared(
  { store: url, storeToken: token }: {
    readonly store: string;
    readonly storeToken?: string | undefined;
  },
  options: StoreOptions,
): Promise<OpenShared> {
  if (token === undefined) {
    throw new StoreError(
      "Cannot use the store: bridge.storeToken is missing, which bridge.store needs",
    );
  }
  const run = [...options.random.bytes(12)].map((byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  const { clock, random } = options;
  const store = sharedStore(connectTo({ url, token, clock }), { clock, random, run });
  try {
    await shutOlderOut(store);
    await bringUpToDate(store);
    await store.keepSchema();
  } catch (error) {
    store.close();
    throw error;
  }
  return { store, run };
}
