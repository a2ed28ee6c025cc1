/**
 * Opens the store for a command, wherever it is: what speaks to another machine is loaded only where there
 * is one. The service does not use this: of one file that also imports what is loaded later, the bundler makes
 * a larger one, in which nothing is put in its place beforehand.
 *
 * @module
 */
import { openStore, type Store, type StoreOptions } from "../kv.ts";
import { isShared, type StorePlace } from "./place.ts";

/** Opens the store for a command, which shares it for a moment. @throws {StoreError} */
export async function openPlace(place: StorePlace, options: StoreOptions): Promise<Store> {
  return isShared(place)
    ? (await (await import("./open.ts")).openShared(place, options, "command")).store
    : await openStore(place.stateDir, options);
}
