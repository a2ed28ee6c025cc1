/**
 * Rows that are read again and again are kept in memory: those of people, and of what is on its way. A store of
 * one's own needs no more, as nobody else writes into it.
 *
 * @module
 */
import { ALLOWED } from "../allowed_row.ts";
import { DELIVERIES } from "../delivery_row.ts";
import { INBOX } from "../inbox_row.ts";
import { type Change, type Entry, type Key, keyName, passedOn, type Store } from "../kv.ts";
import { OUTBOX } from "../outbox_row.ts";
import { SENDERS } from "../sender_row.ts";
import { SPEND_DAYS } from "../spend_row.ts";
import type { Clock } from "../../system/clock.ts";

/** Rows that are kept; the one that was asked for longest ago goes first. */
const ROWS_KEPT_MAX = 3_000;
/** All are read anew after this time: should a command not have found the bridge, what it wrote counts then. */
const ROWS_KEPT_MS = 5_000;
const KINDS = new Set<unknown>([
  SENDERS[0],
  ALLOWED[0],
  INBOX[0],
  OUTBOX[0],
  DELIVERIES[0],
  SPEND_DAYS[0],
  "price",
]);

/** Rows that expire, if at all, long after they were read. */
function isKept([kind, , name]: Key): boolean {
  return KINDS.has(kind) || (kind === "account" && (name === "spending" || name === "opt-words"));
}

type Found = Entry<unknown> | null;

/** What the commits under way about one row have come to so far. */
interface Touched {
  underWay: number;
  /** Which one was the last, and what it left. */
  last: { readonly versionstamp: string; readonly found: Found } | null;
  /** Whether one of them was not answered: then the row is read anew. */
  unsure: boolean;
}

class Rows {
  #known = new Map<string, Found>();
  #reading = new Map<string, Promise<Found>>();
  #touched = new Map<string, Touched>();
  #clock: Clock;
  #beganAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAtMs = clock.now();
  }

  /** A row as it is known, or as it is being read. */
  get(name: string): Found | Promise<Found> | undefined {
    const nowMs = this.#clock.now();
    if (Math.abs(nowMs - this.#beganAtMs) >= ROWS_KEPT_MS) {
      this.#beganAtMs = nowMs;
      this.#known.clear();
    }
    const found = this.#known.get(name);
    if (found === undefined) return this.#reading.get(name);
    this.#keep(name, found);
    return found;
  }

  /** Notes that a row is being read; one about which a commit is under way is not kept. */
  reading(name: string, read: Promise<Found>): void {
    if (this.#touched.has(name)) return;
    this.#reading.set(name, read);
    const end = (found?: Found) => {
      if (this.#reading.get(name) !== read) return;
      this.#reading.delete(name);
      if (found !== undefined) this.#keep(name, found);
    };
    read.then(end, () => end());
  }

  /** A commit about these rows begins. */
  begin(names: Iterable<string>): void {
    for (const name of names) {
      this.#known.delete(name);
      this.#reading.delete(name);
      const touched = this.#touched.get(name) ?? { underWay: 0, last: null, unsure: false };
      touched.underWay++;
      this.#touched.set(name, touched);
    }
  }

  /** It has ended: with the version of its rows, null when it was not carried out, undefined when nobody knows. */
  end(rows: ReadonlyMap<string, Found>, versionstamp: string | null | undefined): void {
    for (const [name, found] of rows) {
      const touched = this.#touched.get(name)!;
      touched.unsure ||= versionstamp === undefined;
      if (versionstamp && versionstamp > (touched.last?.versionstamp ?? "")) {
        touched.last = { versionstamp, found: found && { ...found, versionstamp } };
      }
      if (--touched.underWay > 0) continue;
      this.#touched.delete(name);
      if (touched.last !== null && !touched.unsure) this.#keep(name, touched.last.found);
    }
  }

  #keep(name: string, found: Found): void {
    this.#known.delete(name);
    this.#known.set(name, found);
    if (this.#known.size <= ROWS_KEPT_MAX) return;
    for (const oldest of this.#known.keys()) return void this.#known.delete(oldest);
  }
}

/** What a change leaves of the rows that are kept. */
function leftBy({ set = [], overwrite = [], delete: gone = [] }: Change): Map<string, Found> {
  const left = new Map<string, Found>();
  for (const { key, value } of [...overwrite, ...set]) {
    if (isKept(key)) left.set(keyName(key), { key, value, versionstamp: "" });
  }
  for (const key of gone) if (isKept(key)) left.set(keyName(key), null);
  return left;
}

/** A store of one's own that keeps in memory what is read often. */
export function rememberingStore(store: Store, clock: Clock): Store {
  const rows = new Rows(clock);
  return {
    ...passedOn(store),
    async get<T>(key: Key) {
      if (!isKept(key)) return await store.get<T>(key);
      const name = keyName(key);
      const known = rows.get(name);
      // A key's row is always of the key's own type.
      if (known !== undefined) return await known as Entry<T> | null;
      const read = store.get<T>(key);
      rows.reading(name, read);
      return await read;
    },
    async commit(change) {
      const left = leftBy(change);
      rows.begin(left.keys());
      let versionstamp: string | null | undefined;
      try {
        versionstamp = await store.commit(change);
        return versionstamp;
      } finally {
        rows.end(left, versionstamp);
      }
    },
  };
}
