/**
 * Budgets: what a number and its account were sent, read for a decision and kept with it.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { hasOwners, isOwner } from "../people/owner.ts";
import { readSender, senderKey, type SenderRow } from "../store/sender_row.ts";
import type { Phone } from "../policy/phone.ts";
import {
  type DaySpending,
  nearsReserve,
  NOTHING_SPENT,
  type SpendingDecision,
  type SpendingInput,
  type SpendingLimit,
} from "../policy/quota.ts";
import { spendingKey } from "../store/keys.ts";
import type { Key } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import { maskNumber } from "../system/redact.ts";
import { renderReply } from "../text/sms/render.ts";
import { type Envelope, toOutbox } from "./compose.ts";

/** A budget was used up: what its sender is told, once. */
const SPENT: Readonly<Record<SpendingLimit, string>> = {
  "reply": "The answer is too long to be sent by SMS.",
  "sender-minute": "Too many messages in a minute; please wait a little before you text again.",
  "sender-hour": "The message budget for this hour is used up; please try again later.",
  "sender-day": "Your message budget for today is used up; please try again tomorrow.",
  "day": "The message budget for today is used up; please try again tomorrow.",
};

/** What is known of a number's budget, and where it is kept. */
export interface Budget {
  readonly sender: { readonly key: Key; readonly row: SenderRow };
  readonly day: { readonly key: Key; readonly row: DaySpending };
  /** That neither has changed; the sender's first. */
  readonly check: readonly { readonly key: Key; readonly versionstamp: string | null }[];
  /** What decides, but for the segments. */
  readonly input: Omit<SpendingInput, "segments">;
}

/**
 * Reads the budget of a number.
 *
 * @param byOperator It is the operator who sends: the owners' part of the day is there for that too.
 */
export async function readBudget(
  context: BridgeContext,
  account: string,
  phone: Phone,
  byOperator = false,
): Promise<Budget> {
  const keys = { sender: senderKey(account, phone), day: spendingKey(account) };
  const sender = await readSender(context, account, phone);
  const kept = await context.store.get(keys.day);
  const day = kept?.value ?? NOTHING_SPENT;
  const named = context.gatewayOwners();
  const nowMs = context.clock.now();
  const { limits } = context.settings().bridge;
  const owner = byOperator || await isOwner(context, named, account, phone);
  // Whether there are owners is asked for only where it matters: it reads everybody who is let in.
  const near = !owner && nearsReserve(limits, day, nowMs);
  return {
    sender: { key: keys.sender, row: sender.row },
    day: { key: keys.day, row: day },
    check: [
      { key: keys.sender, versionstamp: sender.versionstamp },
      { key: keys.day, versionstamp: kept?.versionstamp ?? null },
    ],
    input: {
      limits,
      sender: sender.row.spending,
      day,
      owner,
      owners: near && await hasOwners(context, named, account),
      nowMs,
    },
  };
}

/** Warns the log of a spent budget, once until it frees. */
export function warnSpent(
  { log }: BridgeContext,
  account: string,
  to: Phone,
  decision: SpendingDecision,
): void {
  if (decision.kind === "ok" || !decision.warn) return;
  log.warn("budget.spent", { account, to: maskNumber(to), limit: decision.limit });
}

/** The sentence about a spent budget. It goes out all the same: their number a day is bounded. */
export function spentNotice(
  context: BridgeContext,
  envelope: Pick<Envelope, "account" | "to" | "inReplyTo" | "from">,
  limit: SpendingLimit,
  sentence: string = SPENT[limit],
): OutboxRow | null {
  const { account, to, inReplyTo, from } = envelope;
  const notice = { account, to, kind: "notice", inReplyTo, from } as const;
  return toOutbox(context, notice, renderReply(sentence));
}
