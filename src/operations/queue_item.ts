/**
 * Queue items: what waits in the inbox and the outbox, and what was given up, as it is shown.
 *
 * @module
 */
import { INBOX, type InboxRow } from "../store/inbox_row.ts";
import { DEAD, type DeadLetter } from "../store/dead_letter.ts";
import { OUTBOX, type OutboxRow } from "../store/outbox_row.ts";
import type { Entry, RowKey, Store } from "../store/kv.ts";
import { redactText } from "../system/redact.ts";

/** The three queues, in the order a text goes through them. */
export const QUEUES = ["inbox", "outbox", "dead"] as const;
/** One of them. */
export type Queue = typeof QUEUES[number];

/** The row of each queue. */
export interface QueueRows {
  readonly inbox: InboxRow;
  readonly outbox: OutboxRow;
  readonly dead: DeadLetter;
}

/** A row with the queue it is in. */
export type QueueEntry = {
  readonly [Q in Queue]: { readonly queue: Q; readonly entry: Entry<QueueRows[Q]> };
}[Queue];

/** An item without what was written. */
export interface QueueItem {
  readonly id: string;
  readonly queue: Queue;
  readonly account: string;
  /** The person's number; null for what was meant for somebody else. */
  readonly number: string | null;
  /** The text that came, or that is answered. */
  readonly messageSid: string | null;
  /** What it waits for, or why it was given up. */
  readonly state: string;
  /** One sentence on that; empty when there is nothing to say. */
  readonly detail: string;
  readonly atMs: number;
  /** Failed tries. */
  readonly attempts: number;
  /** Not tried before, in milliseconds since the epoch; 0 for at once. */
  readonly notBeforeMs: number;
  /** SMS that Twilio has taken, of how many; null for what is not a message of ours. */
  readonly sent: { readonly chunks: number; readonly of: number } | null;
}

const PREFIX = { inbox: INBOX, outbox: OUTBOX, dead: DEAD } as const;

/** The key of a row. */
export function queueKey(queue: Queue, id: number): RowKey<QueueRows[Queue]> {
  return [...PREFIX[queue], id];
}

function ofInbox(row: InboxRow): Omit<QueueItem, "queue"> {
  return {
    id: String(row.id),
    account: row.account,
    number: row.from,
    messageSid: row.messageSid,
    state: row.started === null ? "waiting" : "turn-begun",
    detail: row.recovered ? "found by catch-up" : "",
    atMs: row.receivedAtMs,
    attempts: row.attempts,
    notBeforeMs: 0,
    sent: null,
  };
}

function ofOutbox(row: OutboxRow): Omit<QueueItem, "queue"> {
  return {
    id: String(row.id),
    account: row.account,
    number: row.to,
    messageSid: row.inReplyTo,
    state: row.begunAtMs !== null ? "fate-unknown" : row.attempts > 0 ? "trying-again" : "waiting",
    detail: row.begunAtMs === null ? "" : "Twilio's list is looked at before it is sent again",
    atMs: row.createdAtMs,
    attempts: row.attempts,
    notBeforeMs: row.notBeforeMs,
    sent: { chunks: row.sids.length, of: row.chunks.length },
  };
}

function ofDead(letter: DeadLetter): Omit<QueueItem, "queue"> {
  const row = letter.from === "outbox" ? letter.row as OutboxRow | undefined : undefined;
  return {
    id: String(letter.id),
    account: letter.account,
    number: letter.phone,
    messageSid: letter.messageSid,
    // It may be from another's export.
    state: redactText(letter.reason),
    detail: redactText(letter.detail),
    atMs: letter.atMs,
    attempts: row?.attempts ?? 0,
    notBeforeMs: 0,
    sent: row === undefined ? null : { chunks: row.sids.length, of: row.chunks.length },
  };
}

/** A row as it is listed. */
export function itemOf({ queue, entry }: QueueEntry): QueueItem {
  switch (queue) {
    case "inbox":
      return { queue, ...ofInbox(entry.value) };
    case "outbox":
      return { queue, ...ofOutbox(entry.value) };
    case "dead":
      return { queue, ...ofDead(entry.value) };
  }
}

/** What was written, one part for each SMS; empty where it is not kept. */
export function bodiesOf({ queue, entry }: QueueEntry): readonly string[] {
  const { value } = entry;
  const row = queue === "dead" ? (value as DeadLetter).row as InboxRow | OutboxRow : value;
  if (row === undefined) return [];
  if ("chunks" in row) return row.chunks.map(({ body }) => body);
  return "text" in row ? [row.text] : [];
}

/** The row with this id, in whichever queue it is. */
export async function findItem(store: Store, id: number): Promise<QueueEntry | null> {
  for (const queue of QUEUES) {
    const entry = await store.get<QueueRows[Queue]>(queueKey(queue, id));
    if (entry !== null) return { queue, entry } as QueueEntry;
  }
  return null;
}

/** The rows of one queue or of all, oldest first in each, after the row `after`. */
export async function* queueEntries(
  store: Store,
  queues: readonly Queue[],
  after?: Readonly<{ queue: Queue; id: number }>,
): AsyncGenerator<QueueEntry> {
  const from = after === undefined ? queues : queues.slice(queues.indexOf(after.queue));
  for (const queue of from) {
    const start = queue === after?.queue ? { start: queueKey(queue, after.id + 1) } : {};
    for await (const entry of store.list<QueueRows[Queue]>({ prefix: PREFIX[queue], ...start })) {
      yield { queue, entry } as QueueEntry;
    }
  }
}
