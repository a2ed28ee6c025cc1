/**
 * The bell: tells the bridge that answers that another has put something into a queue.
 *
 * @module
 */
import { INBOX } from "../inbox_row.ts";
import { below } from "../keys.ts";
import type { Key, Store } from "../kv.ts";
import { OUTBOX } from "../outbox_row.ts";
import { BELLS } from "./rows.ts";

const QUEUES: readonly unknown[] = [INBOX[0], OUTBOX[0]];

/** A store whose commits ring the bell of this bridge. */
export function ringing(store: Store, member: () => number): Store {
  const queues = ({ key }: { readonly key: Key }) => QUEUES.includes(key[0]);
  return {
    get: (key) => store.get(key),
    list: (range) => store.list(range),
    close: () => store.close(),
    commit(change) {
      const { set = [] } = change;
      if (!set.some(queues)) return store.commit(change);
      return store.commit({ ...change, set: [...set, { key: below(BELLS, member()), value: 1 }] });
    },
  };
}

/** Tells whether another bridge has rung since the last time. */
export function createListener(
  store: Store,
  member: () => number,
): () => Promise<boolean> {
  let heard = new Map<number, string>();
  return async () => {
    const now = new Map<number, string>();
    for await (const { key, versionstamp } of store.list({ prefix: BELLS })) {
      const by = Number(key.at(-1));
      if (by !== member()) now.set(by, versionstamp);
    }
    const rung = [...now].some(([by, versionstamp]) => heard.get(by) !== versionstamp);
    heard = now;
    return rung;
  };
}
