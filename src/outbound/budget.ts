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
import { hasUsdLimits, nearsUsdReserve } from "../policy/usd_budget.ts";
import { estimate, pricedOf, readUsdSpent } from "./ledger.ts";
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
  "usd-sender-day": "Your message budget for today is used up; please try again tomorrow.",
  "usd-day": "The message budget for today is used up; please try again tomorrow.",
  "usd-month": "The message budget for this month is used up; please try again next month.",
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

/** A message that a budget is read for. */
type Wanted = Pick<OutboxRow, "id" | "chunks">;

/**
 * Reads the budget of a number.
 *
 * @param message What is to be sent; left out when it is not known yet.
 * @param byOperator It is the operator who sends: the owners' part of the day is there for that too.
 */
export async function readBudget(
  context: BridgeContext,
  account: string,
  phone: Phone,
  byOperator = false,
  message: Wanted | null = null,
): Promise<Budget> {
  const keys = { sender: senderKey(account, phone), day: spendingKey(account) };
  const sender = await readSender(context, account, phone);
  const kept = await context.store.get(keys.day);
  const day = kept?.value ?? NOTHING_SPENT;
  const named = context.gatewayOwners();
  const nowMs = context.clock.now();
  const { limits } = context.settings().bridge;
  const owner = byOperator || await isOwner(context, named, account, phone);
  const money = hasUsdLimits(limits)
    ? await readUsdSpent(context.store, account, phone, nowMs)
    : null;
  const cost = money === null || message === null
    ? undefined
    : await estimate(context.store, account, phone, message.chunks.map(pricedOf));
  // Whether there are owners is asked for only where it matters: it reads everybody who is let in.
  const near = !owner && (nearsReserve(limits, day, nowMs) ||
    (money !== null && nearsUsdReserve(limits, money.spent, cost ?? money.spent.perSegment)));
  return {
    sender: { key: keys.sender, row: sender.row },
    day: { key: keys.day, row: day },
    check: [
      { key: keys.sender, versionstamp: sender.versionstamp },
      { key: keys.day, versionstamp: kept?.versionstamp ?? null },
      ...money?.check ?? [],
    ],
    input: {
      limits,
      sender: sender.row.spending,
      day,
      usd: money?.spent,
      cost,
      owner,
      owners: near && await hasOwners(context, named, account),
      nowMs,
    },
  };
}

/** Warns the log of a budget: once when it is nearly spent, and once until it frees when it is. */
export function warnSpent(
  { log }: BridgeContext,
  account: string,
  to: Phone,
  decision: SpendingDecision,
): void {
  if (decision.kind === "ok") {
    for (const limit of decision.near) {
      const hint = `bridge.limits sets it; see \`sms-bridge spend\``;
      log.warn("budget.nearly-spent", { account, limit, percent: 80, hint });
    }
    return;
  }
  if (!decision.warn) return;
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
