/**
 * Conversations: with whom texts were exchanged of late.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { HISTORY } from "../store/history_row.ts";
import { INBOX } from "../store/inbox_row.ts";
import { OUTBOX } from "../store/outbox_row.ts";
import type { Store } from "../store/kv.ts";
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

/** Reads with whom the newest `rowsMax` messages were exchanged, the last first. */
export async function listConversations(
  store: Store,
  rowsMax: number,
): Promise<ConversationView[]> {
  const found = new Map<string, Omit<ConversationView, "name">>();
  function add(
    account: string,
    phone: Phone,
    direction: "in" | "out",
    atMs: number,
    outcome: string,
  ): void {
    const key = `${account} ${phone}`;
    const known = found.get(key);
    const count = {
      texts: (known?.texts ?? 0) + (direction === "in" ? 1 : 0),
      messages: (known?.messages ?? 0) + (direction === "out" ? 1 : 0),
    };
    const last = known !== undefined && known.lastAtMs >= atMs
      ? known
      : { account, phone, lastAtMs: atMs, lastDirection: direction, lastOutcome: outcome };
    found.set(key, { ...last, ...count });
  }
  const newest = { limit: rowsMax, reverse: true };
  for await (const { value: row } of store.list({ prefix: INBOX, ...newest })) {
    add(row.account, row.from, "in", row.receivedAtMs, "waiting");
  }
  for await (const { value: row } of store.list({ prefix: OUTBOX, ...newest })) {
    add(row.account, row.to, "out", row.createdAtMs, "waiting");
  }
  for await (const { value: row } of store.list({ prefix: HISTORY, ...newest })) {
    add(row.account, row.phone, row.direction, row.atMs, row.outcome);
  }
  const last = [...found.values()].sort((a, b) => b.lastAtMs - a.lastAtMs)
    .slice(0, CONVERSATIONS_MAX);
  return await Promise.all(last.map(async (one) => {
    const { row } = await readSender({ store }, one.account, one.phone);
    return { ...one, name: row.name ?? null };
  }));
}
