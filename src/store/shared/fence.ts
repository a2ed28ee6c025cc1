/**
 * The fence: what the holder of the lease writes is written only as long as nobody else has taken it, so
 * that one that was paused and wakes up can change nothing.
 *
 * @module
 */
import { passedOn, type Store, StoreError } from "../kv.ts";
import { EPOCH_KEY } from "./rows.ts";

/** What a holder's commits are conditional on. */
export interface Fence {
  /** Of the epoch's row, as the holder has written it. */
  readonly versionstamp: string;
  /** Another has taken the lease. */
  readonly lost: () => void;
}

/** A store for the holder of the lease: once another has it, every commit fails. */
export function fenced(store: Store, { versionstamp, lost }: Fence): Store {
  return {
    ...passedOn(store),
    async commit(change) {
      const check = [{ key: EPOCH_KEY, versionstamp }, ...change.check ?? []];
      const done = await store.commit({ ...change, check });
      if (done !== null) return done;
      const now = await store.get(EPOCH_KEY);
      if (now?.versionstamp === versionstamp) return null;
      lost();
      throw new StoreError("Cannot use the store: another bridge answers now");
    },
  };
}
