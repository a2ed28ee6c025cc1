/**
 * With whom texts were exchanged: whose the rows of the history are, so that a conversation is read without
 * those of all others.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { HISTORY, HISTORY_TTL_MS, type HistoryRow } from "./history_row.ts";
import { idTimeMs } from "./keys.ts";
import type { View, ViewKind } from "./kv.ts";

/** One person's rows. */
export interface Talk {
  readonly account: string;
  readonly phone: Phone;
  /** The ids of their rows, the oldest first. */
  readonly ids: readonly number[];
  /** How many of these are texts of theirs. */
  readonly texts: number;
}

/** Everybody's rows. */
export interface Talks extends View {
  /** Everybody of whom the history knows; what is too old to be kept does not count. */
  all(nowMs: number): Talk[];
  /** The ids of what was exchanged with a number. */
  idsWith(number: string, account?: string): number[];
}

interface Known {
  readonly account: string;
  readonly phone: Phone;
  ids: number[];
  texts: number;
}

function createTalks(): Talks {
  const people = new Map<string, Known>();
  const whose = new Map<number, Known>();
  /** The rows that are texts of theirs. */
  const texts = new Set<number>();
  function forget(id: number): void {
    const known = whose.get(id);
    if (known === undefined) return;
    whose.delete(id);
    if (texts.delete(id)) known.texts--;
    known.ids = known.ids.filter((one) => one !== id);
    if (known.ids.length === 0) people.delete(`${known.account} ${known.phone}`);
  }
  /** Rows expire without a word; whose are known in about the order of their ids. */
  function forgetBefore(oldestMs: number): void {
    for (const id of whose.keys()) {
      if (idTimeMs(id) >= oldestMs) return;
      forget(id);
    }
  }
  function add(id: number, { account, phone, direction }: HistoryRow): void {
    if (whose.has(id)) return;
    forgetBefore(idTimeMs(id) - HISTORY_TTL_MS);
    const name = `${account} ${phone}`;
    const known = people.get(name) ?? { account, phone, ids: [], texts: 0 };
    people.set(name, known);
    whose.set(id, known);
    if (direction === "in") {
      texts.add(id);
      known.texts++;
    }
    // Ids rise with time, but a text may end after the one that came behind it.
    if (id < (known.ids.at(-1) ?? 0)) known.ids = [...known.ids, id].sort((a, b) => a - b);
    else known.ids.push(id);
  }
  return {
    prefix: HISTORY,
    note(key, _, row) {
      const id = Number(key.at(-1));
      if (row === null) forget(id);
      // Only rows of the history stand below its prefix.
      else add(id, row as HistoryRow);
    },
    settle() {},
    idsWith: (number, account) =>
      [...people.values()].flatMap((one) =>
        one.phone === number && (account === undefined || one.account === account) ? one.ids : []
      ),
    all(nowMs) {
      forgetBefore(nowMs - HISTORY_TTL_MS);
      return [...people.values()];
    },
  };
}

/** With whom texts were exchanged. */
export const TALKS: ViewKind<Talks> = { name: "talks", make: createTalks };
