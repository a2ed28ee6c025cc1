/**
 * Whether the disk takes what it is given: a store that remembers how its last commit went.
 *
 * @module
 */
import { bridgeKey } from "./keys.ts";
import { isStoreTrouble, passedOn, type Store } from "./kv.ts";

/** A store that knows whether it works. */
export interface WatchedStore extends Store {
  /**
   * Whether the last commit and the reads since reached the disk. When one did not, a commit is tried, so
   * that a repaired disk is noticed without traffic.
   */
  works(): Promise<boolean>;
  /** `store`, which lies over this one, for whoever asks how the bridge is: no read waits long for an engine. */
  inTime(store: Store): Store;
}

/** Where a commit is tried. */
export const PROBE = bridgeKey("probe");

/** Watches the commits of a store. */
export function watchStore(store: Store): WatchedStore {
  let failing = false;
  async function noting<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (isStoreTrouble(error)) failing = true;
      throw error;
    }
  }
  const commit: Store["commit"] = async (change) => {
    const done = await noting(() => store.commit(change));
    failing = false;
    return done;
  };
  return {
    ...passedOn(store),
    get: (key) => noting(() => store.get(key)),
    commit,
    async works() {
      if (failing) await commit({ set: [{ key: PROBE, value: 1 }] }).catch(() => {});
      return !failing;
    },
    inTime: (store) => store,
  };
}
