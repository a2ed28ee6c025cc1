/**
 * Conversations: with whom texts were exchanged of late.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { historyKey } from "../store/history_row.ts";
import { INBOX } from "../store/inbox_row.ts";
import { OUTBOX } from "../store/outbox_row.ts";
import type { Store } from "../store/kv.ts";
import { TALKS } from "../store/talks.ts";
import { readView } from "../store/follow.ts";
import { readSender } from "../store/sender_row.ts";

/** The messages with one person. Times in milliseconds since the epoch. */
export interface ConversationView {
  readonly account: string;
  readonly phone: Phone;
  readonly name: string | null;
  readonly lastAtMs: number;
  /** What the last message was: a text of theirs, or one to them. */
  readonly lastDirection: "in" | "out";
  /** What became of it; `waiting` while it waits. */
  readonly lastOutcome: string;
  /** Texts and messages among those looked through. */
  readonly texts: number;
  readonly messages: number;
}

/** Conversations told of at most. */
const CONVERSATIONS_MAX = 50;

type Last = Pick<ConversationView, "lastAtMs" | "lastDirection" | "lastOutcome">;
interface Known extends Pick<ConversationView, "account" | "phone"> {
  texts: number;
  messages: number;
  lastId: number;
  /** What the last was; undefined for one of the history, which is read only of those that are told of. */
  last?: Last;
}

/**
 * Reads with whom messages were exchanged, the last first.
 *
 * @param rowsMax Newest messages looked through where the store does not know whose they are.
 */
export async function listConversations(
  store: Store,
  nowMs: number,
  rowsMax: number,
): Promise<ConversationView[]> {
  const found = new Map<string, Known>();
  function find({ account, phone }: Pick<Known, "account" | "phone">): Known {
    const name = `${account} ${phone}`;
    const known = found.get(name);
    if (known !== undefined) return known;
    const added: Known = { account, phone, texts: 0, messages: 0, lastId: 0 };
    found.set(name, added);
    return added;
  }
  for (const talk of (await readView(store, TALKS, rowsMax)).all(nowMs)) {
    const known = find(talk);
    known.texts = talk.texts;
    known.messages = talk.ids.length - talk.texts;
    known.lastId = talk.ids.at(-1) ?? 0;
  }
  function waits(known: Known, id: number, lastDirection: "in" | "out", lastAtMs: number): void {
    if (lastDirection === "in") known.texts++;
    else known.messages++;
    if (id < known.lastId) return;
    known.lastId = id;
    known.last = { lastAtMs, lastDirection, lastOutcome: "waiting" };
  }
  const newest = { limit: rowsMax, reverse: true };
  for await (const { value: row } of store.list({ prefix: INBOX, ...newest })) {
    waits(find({ account: row.account, phone: row.from }), row.id, "in", row.receivedAtMs);
  }
  for await (const { value: row } of store.list({ prefix: OUTBOX, ...newest })) {
    waits(find({ account: row.account, phone: row.to }), row.id, "out", row.createdAtMs);
  }
  async function shown(known: Known): Promise<ConversationView[]> {
    const { account, phone, texts, messages, lastId } = known;
    const past = (await store.get(historyKey(lastId)))?.value;
    const last = known.last ?? (past && {
      lastAtMs: past.atMs,
      lastDirection: past.direction,
      lastOutcome: past.outcome,
    });
    if (last === undefined) return [];
    const { row } = await readSender({ store }, account, phone);
    return [{ account, phone, name: row.name ?? null, ...last, texts, messages }];
  }
  const last = [...found.values()].sort((a, b) => b.lastId - a.lastId);
  return (await Promise.all(last.slice(0, CONVERSATIONS_MAX).map(shown))).flat();
}
