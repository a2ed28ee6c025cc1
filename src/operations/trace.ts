/**
 * The trace of one text: what the store says has become of it and of what was texted back.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { HISTORY, type HistoryRow } from "../store/history_row.ts";
import { idTimeMs } from "../store/keys.ts";
import { deliveryKey } from "../store/delivery_row.ts";
import { INBOX } from "../store/inbox_row.ts";
import { DEAD } from "../store/dead_letter.ts";
import { OUTBOX, type OutboxRow } from "../store/outbox_row.ts";
import type { RowKey, Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import { shortSid } from "../system/redact.ts";
import type { DeliveryStatus } from "../twilio/delivery.ts";
import { listPending } from "../people/pairing_book.ts";
import { readSender } from "../store/sender_row.ts";
import { segmentsOf } from "../text/sms/segments.ts";

/** Which text. */
export interface TraceQuery {
  readonly account: string;
  readonly phone: Phone;
  readonly messageSid: string;
  /** When it was sent: what was texted before is not its answer. */
  readonly sinceMs: number;
}

/** One message that was texted back. */
export interface TracedMessage {
  readonly chunks: number;
  readonly segments: number;
  /** SIDs of the chunks that Twilio has taken, by their last characters. */
  readonly sids: readonly string[];
  /** What carriers say of each of them. */
  readonly statuses: readonly DeliveryStatus[];
  /** Why it was given up; null when it was not. */
  readonly givenUp: string | null;
}

/** What has become of a text so far. Times are milliseconds since the epoch. */
export interface Trace {
  /** Whether it was taken for the agent: it waits, or has been worked on. */
  readonly taken: boolean;
  /** When its turn began; null before, and once it is over. */
  readonly turnBeganAtMs: number | null;
  /** How it ended, such as `answered`; null while it waits. */
  readonly outcome: string | null;
  readonly endedAtMs: number | null;
  /** The sender has a pairing request that waits. */
  readonly pairing: boolean;
  /** The sender has said STOP. */
  readonly optedOut: boolean;
  readonly messages: readonly TracedMessage[];
}

/** Rows of the history and the dead letters looked through, newest first. */
const ROWS_READ = 200;

async function newest<T>(
  store: Store,
  prefix: RowKey<T>,
  sinceMs: number,
  fits: (row: T) => boolean,
): Promise<T[]> {
  const found: T[] = [];
  for await (const { key, value } of store.list({ prefix, limit: ROWS_READ, reverse: true })) {
    if (idTimeMs(Number(key.at(-1))) < sinceMs) break;
    if (fits(value)) found.push(value);
  }
  return found;
}

async function statusesOf(store: Store, sids: readonly string[]): Promise<DeliveryStatus[]> {
  const rows = sids.map((sid) => store.get(deliveryKey(sid)));
  return (await Promise.all(rows)).map((row) => row?.value.record.status ?? "unknown");
}

async function tracedMessage(
  store: Store,
  row: Pick<HistoryRow, "sids" | "segments"> & { readonly chunks: number },
  givenUp: string | null,
): Promise<TracedMessage> {
  const { chunks, segments, sids } = row;
  return {
    chunks,
    segments,
    sids: sids.map(shortSid),
    statuses: await statusesOf(store, sids),
    givenUp,
  };
}

async function messagesTo(store: Store, query: TraceQuery): Promise<TracedMessage[]> {
  const { account, phone, sinceMs } = query;
  const isTo = (row: { account: string; phone: string | null }) =>
    row.account === account && row.phone === phone;
  const isReply = ({ account: of, to }: OutboxRow) => of === account && to === phone;
  const waiting = await newest(store, OUTBOX, sinceMs, isReply);
  const dead = await newest(
    store,
    DEAD,
    sinceMs,
    (letter) => letter.from === "outbox" && isTo(letter),
  );
  const reasons = new Map(dead.map(({ id, reason, detail }) => [id, `${reason}: ${detail}`]));
  const gone = await newest(
    store,
    HISTORY,
    sinceMs,
    (row) => row.direction === "out" && isTo(row),
  );
  const known = new Set(gone.map(({ id }) => id));
  const lost = dead.filter(({ id }) => !known.has(id));
  return await Promise.all([
    ...waiting.map((row) => {
      const segments = segmentsOf(row.chunks);
      return tracedMessage(store, { sids: row.sids, segments, chunks: row.chunks.length }, null);
    }),
    ...gone.map((row) => {
      const chunks = Math.max(1, row.sids.length);
      return tracedMessage(store, { ...row, chunks }, reasons.get(row.id) ?? null);
    }),
    ...lost.map(({ id }) =>
      tracedMessage(store, { sids: [], segments: 0, chunks: 1 }, reasons.get(id)!)
    ),
  ]);
}

/** Reads what has become of a text. */
export async function readTrace(
  parts: { readonly store: Store; readonly clock: Clock },
  query: TraceQuery,
): Promise<Trace> {
  const { store } = parts;
  const { account, phone, messageSid, sinceMs } = query;
  const [inbox] = await newest(
    store,
    INBOX,
    sinceMs,
    (row) => row.messageSid === messageSid,
  );
  const ended = async () => {
    const isText = (row: HistoryRow) => row.direction === "in" && row.sids.includes(messageSid);
    return (await newest(store, HISTORY, sinceMs, isText))[0];
  };
  let history = await ended();
  let messages = await messagesTo(store, query);
  // A text ends in the same commit that makes its reply: it must not be seen between the two reads.
  const again = await ended();
  if (history === undefined && again !== undefined) {
    history = again;
    messages = await messagesTo(store, query);
  }
  const pending = await listPending(parts, account);
  return {
    taken: inbox !== undefined || history !== undefined,
    turnBeganAtMs: inbox?.started?.atMs ?? null,
    outcome: history?.outcome ?? null,
    endedAtMs: history?.atMs ?? null,
    pairing: pending.some((one) => one.phone === phone),
    optedOut: (await readSender(parts, account, phone)).row.optedOutAtMs !== null,
    messages,
  };
}
