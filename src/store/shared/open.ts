/**
 * Opens the store that the settings name: a file of this bridge's own, or one on another machine that
 * several bridges share.
 *
 * @module
 */
import { SCHEMA_KEY } from "../migrations.ts";
import {
  bringUpToDate,
  openStore,
  SCHEMA_VERSION,
  type Store,
  StoreError,
  type StoreOptions,
} from "../kv.ts";
import { connectTo } from "../connect/connect.ts";
import { type SharedStore, sharedStore } from "./shared_store.ts";

/** Where the store is. */
export interface StorePlace {
  readonly stateDir: string;
  /** The engine's URL; a file in `stateDir` when left out. */
  readonly store?: string | undefined;
  readonly storeToken?: string | undefined;
}

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
  { store: url, storeToken: token }: StorePlace & { readonly store: string },
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

/** Whether a place is on another machine. */
export function isShared<P extends StorePlace>(place: P): place is P & { readonly store: string } {
  return place.store !== undefined;
}

/** Opens the store for a command, which shares it for a moment. @throws {StoreError} */
export async function openPlace(place: StorePlace, options: StoreOptions): Promise<Store> {
  return isShared(place)
    ? (await openShared(place, options)).store
    : await openStore(place.stateDir, options);
}
