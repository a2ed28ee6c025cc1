/**
 * Enqueuing: the only way into the outbox. Here opt-outs and budgets hold for every message, whoever
 * wrote it, and here it is accounted for in the same commit.
 *
 * @module
 */
import { decideSpending, type SpendingDecision, type SpendingLimit } from "../policy/quota.ts";
import { noteReply } from "../policy/loops.ts";
import { outboxKey, type OutboxRow } from "../store/outbox_row.ts";
import { deadMessage } from "../store/dead_letter.ts";
import type { Change, Entry, Store, Write } from "../store/kv.ts";
import { maskNumber } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { SenderRow } from "../store/sender_row.ts";
import { readBudget, spentNotice, warnSpent } from "./budget.ts";
import { budgetNotices } from "./budget_notice.ts";
import { inHistory } from "./carry_out.ts";
import { segmentsOf } from "../text/sms/segments.ts";

/** What became of a message that was to be queued. */
export type Queued =
  /** It is in the outbox, together with the caller's change. */
  | { readonly kind: "posted"; readonly wake: readonly OutboxRow[]; readonly versionstamp: string }
  /** It is in the history, and mostly a dead letter; the caller's change was made. */
  | {
    readonly kind: "refused";
    readonly reason: Refusal;
    readonly wake: readonly OutboxRow[];
    readonly versionstamp: string;
  }
  /** Nothing was written: one of the caller's checks did not hold. */
  | { readonly kind: "conflict"; readonly wake: readonly [] };

/** Why a message may not go out. */
export type Refusal = "blocked" | "opted-out" | `budget-${SpendingLimit}`;

interface Plan {
  readonly refused: Refusal | null;
  readonly change: Change;
  readonly wake: readonly OutboxRow[];
  /** Tells the log once it is on disk. */
  readonly told?: () => void;
}

/** Whether somebody waits for it at the other end; else its sender is told of a refusal, nobody more. */
function isAwaited({ kind }: OutboxRow): boolean {
  return kind !== "sent" && kind !== "proactive";
}

function detailOf(reason: Refusal): string {
  return reason === "opted-out"
    ? "the recipient has opted out (STOP); START from that phone lifts it"
    : "a spending limit was reached; see the budgets in `sms-bridge status`";
}

/** The sentence to whoever waits for a message that has no room in the budgets. */
function noticeOf(
  context: BridgeContext,
  message: OutboxRow,
  decision: SpendingDecision,
): OutboxRow | null {
  if (decision.kind === "ok" || !decision.tell || !isAwaited(message)) return null;
  return spentNotice(context, message, decision.freesAtMs === null ? "reply" : decision.limit);
}

async function plan(
  context: BridgeContext,
  message: OutboxRow,
  noted: (row: SenderRow) => SenderRow,
  asWritten: (message: OutboxRow) => OutboxRow,
): Promise<Plan> {
  const nowMs = context.clock.now();
  const { account, to, kind } = message;
  const { sender, day, check, input } = await readBudget(
    context,
    account,
    to,
    kind === "sent",
    message,
  );
  if (sender.row.blockedAtMs !== undefined) {
    // Nobody waits for it, and nobody wants it tried again: the history is enough.
    const set = [inHistory(context, message, "blocked", nowMs)];
    return { refused: "blocked", wake: [], change: { check: check.slice(0, 1), set } };
  }
  if (sender.row.optedOutAtMs !== null) {
    const set = dead(context, message, "opted-out", nowMs);
    return { refused: "opted-out", wake: [], change: { check: check.slice(0, 1), set } };
  }
  const decision = decideSpending({ ...input, segments: segmentsOf(message.chunks) });
  const row: SenderRow = { ...noted(sender.row), spending: decision.sender };
  const setDay = { key: day.key, value: decision.day };
  const notice = noticeOf(context, message, decision);
  const beside = decision.kind === "ok" ? message : notice;
  const notices = await budgetNotices(context, account, decision, input, beside);
  if (decision.kind === "ok") {
    const set = [
      { key: sender.key, value: { ...row, loop: noteReply(row.loop, nowMs) } },
      setDay,
      ...posts([asWritten(message), ...notices]),
    ];
    const told = () => warnSpent(context, account, to, decision);
    return { refused: null, wake: [message, ...notices], change: { check, set }, told };
  }
  warnSpent(context, account, to, decision);
  const refused: Refusal = `budget-${decision.limit}`;
  const { warnedUntilMs } = decision.day;
  const spent = isAwaited(message)
    ? [{ key: sender.key, value: row }, setDay]
    : [{ key: day.key, value: { ...day.row, warnedUntilMs } }];
  const wake = notice === null ? notices : [notice, ...notices];
  const set = [...spent, ...dead(context, message, refused, nowMs), ...posts(wake)];
  return { refused, wake, change: { check, set } };
}

function posts(rows: readonly OutboxRow[]): Write[] {
  return rows.map((row) => ({ key: outboxKey(row.id), value: row }));
}

function dead(
  context: BridgeContext,
  message: OutboxRow,
  reason: Refusal,
  nowMs: number,
): Write[] {
  const why = { reason, detail: detailOf(reason), atMs: nowMs };
  const history = inHistory(context, message, reason, nowMs);
  // Whoever asked for it is told at once, and asks again: a dead letter would be a second text.
  return message.kind === "sent"
    ? [history]
    : [deadMessage(message, why, isAwaited(message)), history];
}

async function holds(context: BridgeContext, check: Change["check"]): Promise<boolean> {
  for (const { key, versionstamp } of check ?? []) {
    const found: Entry<unknown> | null = await context.store.get(key);
    if ((found?.versionstamp ?? null) !== versionstamp) return false;
  }
  return true;
}

async function alone(store: Store, planned: (store: Store) => Promise<Plan>) {
  const plan = await planned(store);
  return { plan, versionstamp: await store.commit(plan.change) };
}

/**
 * Commits `also`, and with it a message if one is given and may go out. A message that may not becomes a
 * dead letter in the same commit, unless it was asked for by one who is told; one that somebody waits
 * for can be sent later by hand.
 *
 * @param noted What else is noted of the message's recipient, whose row is written with it.
 * @param asWritten What is written of a message that may go out.
 */
export async function enqueue(
  context: BridgeContext,
  message: OutboxRow | null,
  also: Change = {},
  noted: (row: SenderRow) => SenderRow = (row) => row,
  asWritten: (message: OutboxRow) => OutboxRow = (message) => message,
): Promise<Queued> {
  const planned = async (store: Store): Promise<Plan> => {
    const made = message === null
      ? { refused: null, change: {}, wake: [] }
      : await plan({ ...context, store }, message, noted, asWritten);
    const { change } = made;
    return {
      ...made,
      change: {
        check: [...also.check ?? [], ...change.check ?? []],
        set: [...also.set ?? [], ...change.set ?? []],
        overwrite: also.overwrite ?? [],
        delete: [...also.delete ?? [], ...change.delete ?? []],
      },
    };
  };
  for (;;) {
    const { plan: { refused, wake, told }, versionstamp } = message === null
      ? await alone(context.store, planned)
      : await context.together(message.account, context.store, planned);
    if (versionstamp === null) {
      if (await holds(context, also.check)) continue;
      return { kind: "conflict", wake: [] };
    }
    told?.();
    if (refused === null) return { kind: "posted", wake, versionstamp };
    context.tally.count("messages", refused);
    context.log.info("message.refused", { to: maskNumber(message!.to), reason: refused });
    return { kind: "refused", reason: refused, wake, versionstamp };
  }
}
