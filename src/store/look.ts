/**
 * A look at the store: of a person, what is remembered and whether they are let in is read once, however
 * many ask. A commit through it ends the look, so that whoever tries again sees what has changed.
 *
 * @module
 */
import { ALLOWED } from "./allowed_row.ts";
import { type Entry, keyName, passedOn, type Store } from "./kv.ts";
import { SENDERS } from "./sender_row.ts";

/** A store whose rows about people are read once. */
export interface Look extends Store {
  /** Ends the look: time has passed. */
  anew(): void;
}

const ABOUT_PEOPLE = new Set<unknown>([SENDERS[0], ALLOWED[0]]);

/** Takes a look at a store. What is decided by it must be decided soon, or checked by its commit. */
export function lookAt(store: Store): Look {
  const seen = new Map<string, Promise<Entry<unknown> | null>>();
  const anew = () => seen.clear();
  return {
    ...passedOn(store),
    get(key) {
      if (!ABOUT_PEOPLE.has(key[0])) return store.get(key);
      const name = keyName(key);
      const known = seen.get(name);
      if (known !== undefined) return known as ReturnType<typeof store.get<never>>;
      const read = store.get(key);
      seen.set(name, read);
      read.catch(anew);
      return read;
    },
    commit: (change) => store.commit(change).finally(anew),
    anew,
  };
}
