/**
 * Holding: a text whose answer may not go out yet is kept, with what comes after it, and answered by one
 * turn when the pause is over or the budget frees.
 *
 * @module
 */
import { decideLoop, type LoopDecision, pausedUntilMs } from "../policy/loops.ts";
import { decideTurnSpending, type SpendingLimit } from "../policy/quota.ts";
import { readSender } from "../store/sender_row.ts";
import { readBudget, spentNotice, warnSpent } from "../outbound/budget.ts";
import { budgetNotices } from "../outbound/budget_notice.ts";
import { answersFrom } from "../outbound/compose.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import type { Step } from "../bridge/steps.ts";
import type { Held, InboxRow } from "../store/inbox_row.ts";
import { outboxKey } from "../store/outbox_row.ts";
import type { Entry } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { HELD_LOOK_MS, HELD_TEXTS_MAX } from "../system/limits.ts";
import {
  type Behind,
  commitJoined,
  fitsOneRow,
  following,
  joined,
  JOINED_AT_ONCE_MAX,
} from "./burst.ts";
import { type CarryOutParts, rewrite } from "./carry_out.ts";
import { logPause, noteText, restFromLoop } from "./loop_guard.ts";

const ONE: Held = { texts: 1, missed: 0 };

/** Nobody needs to be told of a shorter wait. */
const UNTOLD_WAIT_MS = 2 * 60_000;

/** What texts are kept back with. */
export interface HoldParts extends CarryOutParts {
  readonly behind: Behind;
}

/** A budget is spent: what the sender of a text that is kept is told. */
const KEPT: Readonly<Record<Exclude<SpendingLimit, "reply">, string>> = {
  "sender-minute": "You will be answered in a minute.",
  "sender-hour":
    "The message budget for this hour is used up. Your text is kept and answered when it frees.",
  "sender-day":
    "Your message budget for today is used up. Your text is kept and answered when it frees.",
  "day": "The message budget for today is used up. Your text is kept and answered when it frees.",
  "usd-sender-day":
    "Your message budget for today is used up. Your text is kept and answered when it frees.",
  "usd-day":
    "The message budget for today is used up. Your text is kept and answered when it frees.",
  "usd-month": "The message budget for this month is used up; please text again next month.",
};

/** A row with another text, if it has room for it. */
function withText(row: InboxRow, other: InboxRow): InboxRow {
  const held = row.held ?? ONE;
  const all = joined(row, [other]);
  const fits = held.texts < HELD_TEXTS_MAX && fitsOneRow(all);
  return fits
    ? { ...all, held: { ...held, texts: held.texts + 1 } }
    : { ...row, held: { ...held, missed: held.missed + 1 } };
}

/** Puts what has come since into a text that is kept, in one commit for each few. */
async function absorb(
  context: BridgeContext,
  entry: Entry<InboxRow>,
  behind: Behind,
): Promise<void> {
  const others = (await following(context, behind.ids(entry.value))).slice(0, JOINED_AT_ONCE_MAX);
  if (others.length === 0) return;
  const { account, from } = entry.value;
  const sender = await readSender(context, account, from);
  let row = entry.value;
  let { loop } = sender.row;
  const outcomes: string[] = [];
  const decisions: LoopDecision[] = [];
  for (const { value } of others) {
    const decision = decideLoop(loop, { text: value.text, nowMs: value.receivedAtMs });
    loop = decision.state;
    decisions.push(decision);
    const before = row.held?.texts;
    if (decision.kind === "answer" || !decision.repeated) row = withText(row, value);
    outcomes.push(row.held?.texts === before ? "paused" : "joined");
  }
  const joinedParts = { entry, row, others, sender, loop };
  const written = await commitJoined(context, behind, joinedParts, (i) => outcomes[i]!);
  if (written === null) return;
  decisions.forEach((decision) => logPause(context, from, decision));
  if (others.length < JOINED_AT_ONCE_MAX) return;
  await absorb(context, { key: entry.key, value: row, versionstamp: written }, behind);
}

/** Lets a kept text wait, a while at most: what it waits for may come early. */
async function stay({ context, behind }: HoldParts, entry: Entry<InboxRow>, untilMs: number) {
  const { clock, stopping } = context;
  await absorb(context, entry, behind);
  await sleep(clock, Math.min(untilMs - clock.now(), HELD_LOOK_MS), stopping);
  return "again" as const;
}

/** Keeps a text back whose answer no budget has room for; null when one has. */
async function waitForBudget(
  parts: HoldParts,
  entry: Entry<InboxRow>,
): Promise<Step | null> {
  const { context } = parts;
  const row = entry.value;
  const { sender, day, check, input } = await readBudget(context, row.account, row.from);
  const decision = decideTurnSpending(input);
  if (decision.kind === "ok" || decision.limit === "reply" || decision.freesAtMs === null) {
    return null;
  }
  const { limit, freesAtMs, tell } = decision;
  const long = freesAtMs - input.nowMs > UNTOLD_WAIT_MS;
  if (row.held !== undefined && !(long && tell)) return await stay(parts, entry, freesAtMs);
  const kept: InboxRow = { ...row, held: row.held ?? ONE, noticed: true };
  if (!long) {
    await rewrite(parts, entry, kept, { also: await noteText(context, row) });
    return "again";
  }
  warnSpent(context, row.account, row.from, decision);
  const account = accountOf(context, row.account);
  const envelope = {
    account: row.account,
    to: row.from,
    inReplyTo: row.messageSid,
    from: account === undefined ? undefined : answersFrom(account, row.to),
  };
  const notice = tell ? spentNotice(context, envelope, limit, KEPT[limit]) : null;
  const told = [
    ...notice === null ? [] : [notice],
    ...await budgetNotices(context, row.account, decision, input, notice),
  ];
  const heard = row.held === undefined && !row.heard
    ? decideLoop(sender.row.loop, { text: row.text, nowMs: row.receivedAtMs }).state
    : sender.row.loop;
  const written = await rewrite(parts, entry, kept, {
    also: {
      check,
      set: [
        { key: sender.key, value: { ...sender.row, loop: heard, spending: decision.sender } },
        { key: day.key, value: decision.day },
        ...told.map((one) => ({ key: outboxKey(one.id), value: one })),
      ],
    },
  });
  if (written !== null) told.forEach(parts.deliverer.wake);
  return "again";
}

/** Keeps a text back that may not be answered yet; null when its turn may run. */
export async function holdBack(
  parts: HoldParts,
  entry: Entry<InboxRow>,
): Promise<Step | null> {
  const { context } = parts;
  const row = entry.value;
  if (row.held === undefined && !row.heard) {
    const rests = await restFromLoop(parts, entry);
    if (rests !== null) return rests;
  } else {
    const { loop } = (await readSender(context, row.account, row.from)).row;
    const untilMs = pausedUntilMs(loop, context.clock.now());
    if (untilMs > 0) return await stay(parts, entry, untilMs);
  }
  return await waitForBudget(parts, entry);
}

/** A text as the agent is given it: it learns of those that were not kept. */
export function withMissed(row: InboxRow): InboxRow {
  const missed = row.held?.missed ?? 0;
  if (missed === 0) return row;
  const texts = missed === 1 ? "text" : "texts";
  return {
    ...row,
    text: `${row.text}\n[${missed} more ${texts} came meanwhile and were not kept]`,
  };
}
