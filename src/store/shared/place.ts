/**
 * Where the store is that the settings name: a file of this bridge's own, or one on another machine that
 * several bridges share.
 *
 * @module
 */

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
