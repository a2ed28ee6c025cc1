/**
 * The inbox: texts that Twilio handed over and that wait for their turn.
 *
 * @module
 */
import { DEDUPE_TTL_MS } from "../system/limits.ts";
import { INBOX, inboxKey, type InboxRow } from "./inbox_row.ts";
import { seenKey } from "./keys.ts";
import type { Change, Entry, Key, Store } from "./kv.ts";

/** Whether a text was new. */
export type Taken = "stored" | "duplicate";

/** Takes texts in; requests that arrive together share one commit. */
export interface InboxWriter {
  /**
   * Stores a row unless its MessageSid waits in the inbox or left it within seven days. Resolves when
   * it is on disk.
   *
   * @throws {StoreError} when the disk refuses it: then it is not stored.
   */
  add(row: InboxRow): Promise<Taken>;
}

/** Deno KV takes 100 checks and 800 KiB in one commit; a row is at most 64 KiB, most are below 1 KiB. */
const GROUP_ROWS_MAX = 100;
const GROUP_CHARS_MAX = 200_000;
/** Texts that must wait before a second commit is sent behind the one under way; fewer do better as one. */
const SECOND_GROUP_ROWS_MIN = 12;

function addition(rows: readonly InboxRow[]): Change {
  return {
    check: rows.map((row) => ({
      key: seenKey(row.accountSid, row.messageSid),
      versionstamp: null,
    })),
    set: rows.map((row) => ({ key: inboxKey(row.id), value: row })),
  };
}

/**
 * The part of a change that keeps a text's MessageSid known after its row; it belongs into every commit
 * that takes a row out of the inbox.
 */
export function seenSet(
  { accountSid, messageSid, id }: Pick<InboxRow, "accountSid" | "messageSid" | "id">,
): { key: Key; value: number; expireInMs: number } {
  return { key: seenKey(accountSid, messageSid), value: id, expireInMs: DEDUPE_TTL_MS };
}

/** A text that waits to be committed. */
export interface Waiting {
  readonly row: InboxRow;
  readonly done: PromiseWithResolvers<Taken>;
}

/** Takes the first of those that wait, as far as they go into one commit. */
export function takeGroup(waiting: Waiting[], rowsMax = GROUP_ROWS_MAX): Waiting[] {
  const sids = new Set<string>();
  let chars = 0;
  let count = 0;
  for (const { row } of waiting) {
    chars += row.text.length;
    const fits = count < rowsMax && chars <= GROUP_CHARS_MAX && !sids.has(row.messageSid);
    if (count > 0 && !fits) break;
    sids.add(row.messageSid);
    count++;
  }
  return waiting.splice(0, count);
}

async function commitOne(store: Store, { row, done }: Waiting): Promise<void> {
  try {
    done.resolve(await store.commit(addition([row])) ? "stored" : "duplicate");
  } catch (error) {
    done.reject(error);
  }
}

async function commitGroup(store: Store, group: readonly Waiting[]): Promise<void> {
  try {
    if (await store.commit(addition(group.map(({ row }) => row)))) {
      for (const { done } of group) done.resolve("stored");
    } else for (const one of group) await commitOne(store, one);
  } catch (error) {
    for (const { done } of group) done.reject(error);
  }
}

function sidOf({ accountSid, messageSid }: InboxRow): string {
  return `${accountSid} ${messageSid}`;
}

/** The texts in the inbox: which id each MessageSid has. */
async function heldSids(
  store: Store,
  onRow: (row: InboxRow) => void = () => {},
): Promise<Map<string, number>> {
  const held = new Map<string, number>();
  for await (const { value } of inboxRows(store)) {
    held.set(sidOf(value), value.id);
    onRow(value);
  }
  return held;
}

/** MessageSids in memory, about 200 bytes each, before those that have left the inbox are looked for. */
const HELD_SIDS = 1_000;

/**
 * Opens the writer of a store's inbox; a store has one, and nobody else puts new texts into it.
 *
 * A commit costs one fsync whatever it holds, so all rows that arrive while one is under way go into the
 * next (group commit). When many wait, that one is sent while the disk still works on the first; the store
 * carries them out in order. When one of a group turns out to be a duplicate, each is committed alone.
 *
 * What waits in the inbox is known by an index in memory, what has left it by a row of the store that the
 * leaving commit wrote ({@linkcode seenSet}): so a text costs one write, not two.
 *
 * @param onRow Told of each row that waits, in the order they came.
 * @param rowsMax Rows of one commit at most; one for each a commit of its own.
 */
export async function openInboxWriter(
  store: Store,
  onRow?: (row: InboxRow) => void,
  rowsMax: number = GROUP_ROWS_MAX,
): Promise<InboxWriter> {
  const held = await heldSids(store, onRow);
  const waiting: Waiting[] = [];
  const underWay = new Map<string, Promise<Taken>>();
  let sweepAt = Math.max(HELD_SIDS, 2 * held.size);
  let commitsUnderWay = 0;

  /** Forgets the texts that have left the inbox. */
  async function sweep(): Promise<void> {
    sweepAt = Infinity;
    const before = [...held];
    const there = await heldSids(store).catch(() => held);
    for (const [sid, id] of before) {
      if (!there.has(sid) && held.get(sid) === id && !underWay.has(sid)) held.delete(sid);
    }
    sweepAt = Math.max(HELD_SIDS, 2 * held.size);
  }
  function mayCommit(): boolean {
    return commitsUnderWay === 0 ||
      (commitsUnderWay === 1 && waiting.length >= SECOND_GROUP_ROWS_MIN);
  }
  async function run(): Promise<void> {
    commitsUnderWay++;
    while (waiting.length > 0) {
      const group = takeGroup(waiting, rowsMax);
      await (group.length === 1 ? commitOne(store, group[0]!) : commitGroup(store, group));
    }
    commitsUnderWay--;
  }
  async function take(sid: string, row: InboxRow): Promise<Taken> {
    const id = held.get(sid);
    if (id !== undefined && await store.get(inboxKey(id)) !== null) return "duplicate";
    // Also when the commit is said to have failed: a disk may have kept what it refused.
    held.set(sid, row.id);
    const done = Promise.withResolvers<Taken>();
    waiting.push({ row, done });
    if (mayCommit()) run();
    return await done.promise;
  }

  return {
    add(row) {
      const sid = sidOf(row);
      const before = underWay.get(sid);
      if (before !== undefined) return before.then(() => "duplicate");
      const taking = take(sid, row).finally(() => {
        underWay.delete(sid);
        if (held.size >= sweepAt) sweep();
      });
      underWay.set(sid, taking);
      return taking;
    },
  };
}

/** All waiting texts in the order they came, or those from an id on. */
export function inboxRows(store: Store, fromId?: number): AsyncIterable<Entry<InboxRow>> {
  const start = fromId === undefined ? {} : { start: inboxKey(fromId) };
  return store.list({ prefix: INBOX, ...start });
}
