/**
 * Whether the disk takes what it is given: a store that remembers how its last commit went.
 *
 * @module
 */
import { bridgeKey } from "./keys.ts";
import { type Store, StoreError } from "./kv.ts";

/** A store that knows whether it works. */
export interface WatchedStore extends Store {
  /**
   * Whether the last commit reached the disk. When it did not, one more is tried, so that a repaired disk
   * is noticed without traffic.
   */
  works(): Promise<boolean>;
}

const PROBE = bridgeKey("probe");

/** Watches the commits of a store. */
export function watchStore(store: Store): WatchedStore {
  let failing = false;
  const commit: Store["commit"] = async (change) => {
    try {
      const done = await store.commit(change);
      failing = false;
      return done;
    } catch (error) {
      if (error instanceof StoreError) failing = true;
      throw error;
    }
  };
  return {
    get: (key) => store.get(key),
    list: (range) => store.list(range),
    commit,
    tidy: () => store.tidy?.() ?? true,
    close: () => store.close(),
    async works() {
      if (failing) await commit({ set: [{ key: PROBE, value: 1 }] }).catch(() => {});
      return !failing;
    },
  };
}
