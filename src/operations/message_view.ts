/**
 * Messages as they are shown: what became of each, from the outbox, the history, the dead letters and the
 * delivery reports.
 *
 * @module
 */
import { type EndedBecause, HISTORY, historyKey, type HistoryRow } from "../store/history_row.ts";
import { TALKS } from "../store/talks.ts";
import { INBOX, type InboxRow } from "../store/inbox_row.ts";
import { deadKey } from "../store/dead_letter.ts";
import { idTimeMs } from "../store/keys.ts";
import { deliveryKey } from "../store/delivery_row.ts";
import { OUTBOX, outboxKey, type OutboxRow, type SendTrouble } from "../store/outbox_row.ts";
import type { Store } from "../store/kv.ts";
import { redactText } from "../system/redact.ts";
import { usdOf } from "../policy/price.ts";
import { isFinal, isLost } from "../twilio/delivery.ts";
import { explainError } from "../twilio/errors.ts";
import { segmentsOf } from "../text/sms/segments.ts";

/** One SMS of a message. */
export interface ChunkView {
  /** Null until Twilio has taken it. */
  readonly sid: string | null;
  /** `waiting`, or Twilio's status; `conflicted` when reports contradict each other. */
  readonly status: string;
  readonly errorCode: number | null;
  /** What the code means and what to do; empty without a code. */
  readonly meaning: string;
  readonly advice: string;
  /** What it cost, as a decimal with its currency; null until Twilio has billed it. */
  readonly price: string | null;
  /** What it is expected to cost until then; null when it has a price, or was not sent. */
  readonly estimatedPrice: string | null;
  /** When its status was last heard of; null when never. */
  readonly atMs: number | null;
}

/** A message that came or went. */
export interface MessageView {
  readonly id: string;
  readonly account: string;
  readonly direction: "in" | "out";
  readonly number: string;
  /** When it came, or was written. */
  readonly beganAtMs: number;
  /** When it ended; while it waits, when it began. */
  readonly atMs: number;
  /** `waiting`, `sent`, `delivered`, `failed`, `given-up`, or what became of a text that came. */
  readonly status: string;
  /** One sentence about a message that was given up, or whose last try failed; empty otherwise. */
  readonly detail: string;
  /** What can be done about it, where Twilio says what it is; empty otherwise. */
  readonly advice: string;
  /** Why the last try to send it failed, while it waits. */
  readonly trouble: SendTrouble | null;
  readonly segments: number;
  readonly chunks: readonly ChunkView[];
  /** What was written; only when `storeBodies` is on. */
  readonly body?: string;
}

const WAITING: ChunkView = {
  sid: null,
  status: "waiting",
  errorCode: null,
  meaning: "",
  advice: "",
  price: null,
  estimatedPrice: null,
  atMs: null,
};

/** What the last failed try of a message means. */
const TROUBLES: Readonly<Record<SendTrouble, string>> = {
  credentials: "Twilio does not accept the credentials",
  rate: "Twilio asks to send more slowly",
  connect: "Twilio cannot be reached",
  "fate-unknown": "Twilio's answer did not come; its list is looked at before it is sent again",
};

function adviceOf(why: EndedBecause | undefined): string {
  return why?.errorCode === undefined ? "" : explainError(why.errorCode).advice;
}

async function chunkOf(store: Pick<Store, "get">, sid: string): Promise<ChunkView> {
  const row = (await store.get(deliveryKey(sid)))?.value;
  const code = row?.record.errorCode ?? null;
  const { meaning, advice } = code === null ? WAITING : explainError(code);
  const status = row?.record.status ?? "sent";
  const price = row?.price ?? null;
  const estimate = price === null ? row?.cost?.estimate : undefined;
  const estimatedPrice = estimate === undefined ? null : `${usdOf(estimate)} USD`;
  const atMs = row?.record.lastAtMs ?? null;
  return { sid, status, errorCode: code, meaning, advice, price, estimatedPrice, atMs };
}

/** One word for all chunks of a message that has gone. */
function overall(chunks: readonly ChunkView[]): string {
  const statuses = chunks.map(({ status }) => status);
  if (statuses.includes("conflicted")) return "conflicted";
  if (statuses.some(isLost)) return "failed";
  return statuses.length > 0 && statuses.every(isFinal) ? "delivered" : "sent";
}

async function ofOutbox(store: Pick<Store, "get">, row: OutboxRow): Promise<MessageView> {
  const taken = await Promise.all(row.sids.map((sid) => chunkOf(store, sid)));
  const rest = row.chunks.slice(row.sids.length).map(() => WAITING);
  return {
    id: String(row.id),
    account: row.account,
    direction: "out",
    number: row.to,
    beganAtMs: row.createdAtMs,
    atMs: row.createdAtMs,
    status: "waiting",
    detail: row.trouble === undefined ? "" : TROUBLES[row.trouble],
    advice: "",
    trouble: row.trouble ?? null,
    segments: segmentsOf(row.chunks),
    chunks: [...taken, ...rest],
  };
}

async function ofHistory(store: Pick<Store, "get">, row: HistoryRow): Promise<MessageView> {
  const chunks = row.direction === "in"
    ? []
    : await Promise.all(row.sids.map((sid) => chunkOf(store, sid)));
  const lost = row.direction === "out" && row.outcome !== "sent";
  const why = row.why ?? (lost ? (await store.get(deadKey(row.id)))?.value : undefined);
  return {
    id: String(row.id),
    account: row.account,
    direction: row.direction,
    number: row.phone,
    beganAtMs: idTimeMs(row.id),
    atMs: row.atMs,
    status: row.outcome === "sent" ? overall(chunks) : row.outcome,
    detail: redactText(why?.detail ?? ""),
    advice: adviceOf(why),
    trouble: null,
    segments: row.segments,
    chunks,
    ...(row.body === undefined ? {} : { body: row.body }),
  };
}

/** A message by its id; null when there is none. */
export async function readMessage(
  store: Pick<Store, "get">,
  id: number,
): Promise<MessageView | null> {
  const waiting = await store.get(outboxKey(id));
  if (waiting !== null) return await ofOutbox(store, waiting.value);
  const past = await store.get(historyKey(id));
  if (past !== null) return await ofHistory(store, past.value);
  const dead = (await store.get(deadKey(id)))?.value;
  if (dead === undefined || dead.from !== "outbox") return null;
  return {
    id: String(id),
    account: dead.account,
    direction: "out",
    number: dead.phone ?? "",
    beganAtMs: idTimeMs(id),
    atMs: dead.atMs,
    status: dead.reason,
    detail: redactText(dead.detail),
    advice: adviceOf(dead),
    trouble: null,
    segments: 0,
    chunks: [],
  };
}

/** Which messages to list. */
export interface MessageQuery {
  readonly number?: string | undefined;
  readonly account?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly limit: number;
  /** Past messages looked through at most, the newest; all when left out. */
  readonly rowsMax?: number | undefined;
}

function ofInbox(row: InboxRow): MessageView {
  return {
    id: String(row.id),
    account: row.account,
    direction: "in",
    number: row.from,
    beganAtMs: row.receivedAtMs,
    atMs: row.receivedAtMs,
    status: "waiting",
    detail: "",
    advice: "",
    trouble: null,
    segments: 0,
    chunks: [],
  };
}

/** Rows of the history among which all that fit are, the newest first. */
async function* pastRows(
  store: Pick<Store, "get" | "list" | "follow">,
  { number, account, rowsMax }: MessageQuery,
): AsyncGenerator<HistoryRow> {
  if (number === undefined || store.follow === undefined) {
    const newest = { prefix: HISTORY, reverse: true };
    const past = rowsMax === undefined ? newest : { ...newest, limit: rowsMax };
    for await (const { value } of store.list(past)) yield value;
    return;
  }
  const ids = (await store.follow(TALKS)).idsWith(number, account);
  for (const id of ids.toSorted((a, b) => b - a)) {
    const past = await store.get(historyKey(id));
    if (past !== null) yield past.value;
  }
}

/** Messages that fit, the newest first; those that wait come before all others. */
export async function listMessages(
  store: Pick<Store, "get" | "list" | "follow">,
  query: MessageQuery,
): Promise<MessageView[]> {
  const { number, account, sinceMs = 0, limit } = query;
  const fits = (row: { account: string }, phone: string, atMs: number) =>
    (number === undefined || phone === number) && atMs >= sinceMs &&
    (account === undefined || row.account === account);
  // By its id, as one may move on to the history between two of the lists.
  const found = new Map<string, MessageView>();
  const add = (view: MessageView) => void (found.has(view.id) || found.set(view.id, view));
  for await (const { value } of store.list({ prefix: OUTBOX, reverse: true })) {
    if (found.size === limit) return [...found.values()];
    if (fits(value, value.to, value.createdAtMs)) add(await ofOutbox(store, value));
  }
  for await (const { value } of store.list({ prefix: INBOX, reverse: true })) {
    if (found.size === limit) return [...found.values()];
    if (fits(value, value.from, value.receivedAtMs)) add(ofInbox(value));
  }
  for await (const value of pastRows(store, query)) {
    if (found.size === limit) return [...found.values()];
    if (fits(value, value.phone, value.atMs)) add(await ofHistory(store, value));
  }
  return [...found.values()];
}
