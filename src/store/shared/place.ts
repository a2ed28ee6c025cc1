/**
 * Where the store is that the settings name: a file of this bridge's own, or one on another machine that
 * several bridges share. What speaks to that machine is loaded only where there is one.
 *
 * @module
 */
import { openStore, type Store, type StoreOptions } from "../kv.ts";

/** Where the store is. */
export interface StorePlace {
  readonly stateDir: string;
  /** The engine's URL; a file in `stateDir` when left out. */
  readonly store?: string | undefined;
  readonly storeToken?: string | undefined;
}

/** Whether a place is on another machine. */
export function isShared<P extends StorePlace>(place: P): place is P & { readonly store: string } {
  return place.store !== undefined;
}

/** Opens the store for a command, which shares it for a moment. @throws {StoreError} */
export async function openPlace(place: StorePlace, options: StoreOptions): Promise<Store> {
  return isShared(place)
    ? (await (await import("./open.ts")).openShared(place, options, "command")).store
    : await openStore(place.stateDir, options);
}
