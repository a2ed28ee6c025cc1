/**
 * The row of a sender: what is remembered of each number that texts, or is texted.
 *
 * @module
 */
import { type LoopState, NO_LOOP } from "../policy/loops.ts";
import { isPhone, type Phone } from "../policy/phone.ts";
import { NOTHING_SENT, type SenderSpending } from "../policy/quota.ts";
import { below, keyOf } from "./keys.ts";
import { createRowsView, readView, type RowsView } from "./follow.ts";
import type { Store, ViewKind } from "./kv.ts";

/** What is remembered of a sender. */
export interface SenderRow {
  /** When the sender asked not to be texted; null when not, or when it was taken back. */
  readonly optedOutAtMs: number | null;
  /** Why: a keyword of theirs, or Twilio refused a message with 21610. */
  readonly optOutReason?: "keyword" | "twilio" | undefined;
  /** When they last said STOP or START, or an operator lifted it: what is older does not undo it. */
  readonly choiceAtMs?: number | undefined;
  /** The MessageSid of the text that said so; absent where it was no text. */
  readonly choiceSid?: string | undefined;
  /** When they were last told that groups are not served. */
  readonly groupToldAtMs?: number | undefined;
  /** Their reactions that the agent has not been told of; the next turn does. */
  readonly reactions?: readonly string[] | undefined;
  /** When an operator blocked the number; absent when it is not blocked. */
  readonly blockedAtMs?: number | undefined;
  /** When the last block was lifted: catch-up answers nothing from before. */
  readonly unblockedAtMs?: number | undefined;
  /** What an operator calls them. */
  readonly name?: string | undefined;
  /** What a contact card calls them. */
  readonly suggestedName?: string | undefined;
  readonly loop: LoopState;
  readonly spending: SenderSpending;
}

/** Where these rows stand. */
export const SENDERS = keyOf<SenderRow>("sender");
/** What is known of a sender: opt-out, times, budgets. */
export const senderKey = (account: string, phone: Phone) => below(SENDERS, account, phone);

/** A sender of whom nothing is remembered. */
const NEW_SENDER: SenderRow = { optedOutAtMs: null, loop: NO_LOOP, spending: NOTHING_SENT };

/** A sender, and what is remembered. */
export interface Sender {
  readonly account: string;
  readonly phone: Phone;
  readonly row: SenderRow;
}

const EVERY_SENDER: ViewKind<RowsView<Sender>> = {
  name: "senders",
  make: () =>
    createRowsView<SenderRow, Sender>({
      prefix: SENDERS,
      keep(row, key) {
        const [account = "", phone = ""] = key.slice(-2).map(String);
        return isPhone(phone) ? { account, phone, row } : null;
      },
    }),
};

/** Every sender of an account, or of all, of whom something is remembered. */
export async function listSenders(
  { store }: { readonly store: Store },
  account?: string,
): Promise<Sender[]> {
  const all = (await readView(store, EVERY_SENDER)).values();
  return account === undefined ? all : all.filter((one) => one.account === account);
}

/** Puts people in order by account and number. */
export function byNumber(
  a: Pick<Sender, "account" | "phone">,
  b: Pick<Sender, "account" | "phone">,
): number {
  return a.account === b.account ? (a.phone < b.phone ? -1 : 1) : a.account < b.account ? -1 : 1;
}

/** Reads what is remembered of a sender. */
export async function readSender(
  { store }: { readonly store: Pick<Store, "get"> },
  account: string,
  phone: Phone,
): Promise<{ readonly row: SenderRow; readonly versionstamp: string | null }> {
  const entry = await store.get(senderKey(account, phone));
  return { row: entry?.value ?? NEW_SENDER, versionstamp: entry?.versionstamp ?? null };
}
