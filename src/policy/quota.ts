/**
 * What replies may cost: budgets of segments for a reply, a sender and a day.
 *
 * The caller keeps the two records and commits them with the reply, so that what was spent outlives a
 * restart.
 *
 * @module
 */
import { OWNERS_RESERVE_SHARE, SPENDING_NOTICES_PER_DAY_MAX } from "../system/limits.ts";
import type { Amount } from "./price.ts";
import {
  brokenUsd,
  sentenceFits,
  type UsdInput,
  type UsdLimit,
  type UsdLimits,
  type UsdSpent,
  type UsdWarned,
  warnUsd,
} from "./usd_budget.ts";
import { addSpent, freesAtMs, recentTimes, type Spent, spentIn } from "./window.ts";

/** The settings; 0 turns a limit off. */
export interface SpendingLimits extends UsdLimits {
  /** Segments of one reply. */
  readonly segmentsPerReplyMax: number;
  /** Segments to one sender in an hour. */
  readonly segmentsPerSenderHourMax: number;
  /** Segments to one sender in 24 hours, owners excepted. */
  readonly segmentsPerSenderDayMax: number;
  /** Segments of an account in 24 hours. */
  readonly segmentsPerDayMax: number;
  /** Replies to one sender in a minute. */
  readonly repliesPerSenderMinuteMax: number;
}

/** What one sender was sent recently. */
export interface SenderSpending {
  /** Segments of the last hour. */
  readonly segments: Spent;
  /** Segments of the last 24 hours; rows of old do not have it. */
  readonly daySegments?: Spent | undefined;
  /** When replies of the last minute were made, in milliseconds since the epoch. */
  readonly repliesAtMs: readonly number[];
  /** Until when the sender knows of a spent budget; 0 when the sender was not told. */
  readonly toldUntilMs: number;
  /** Segments of the last message, if it was refused: the next will hardly be shorter. */
  readonly refusedSegments?: number | undefined;
}

/** What an account sent recently. */
export interface DaySpending {
  /** Segments of the last 24 hours. */
  readonly segments: Spent;
  /** Sentences about spent budgets of the last 24 hours. */
  readonly notices: Spent;
  /** Until when the log has been warned; 0 when it has not. */
  readonly warnedUntilMs: number;
  /** Of which budgets in US dollars it was warned before they were spent. */
  readonly usdWarned?: UsdWarned | undefined;
}

/** A sender that was sent nothing. */
export const NOTHING_SENT: SenderSpending = { segments: [], repliesAtMs: [], toldUntilMs: 0 };
/** An account that sent nothing. */
export const NOTHING_SPENT: DaySpending = { segments: [], notices: [], warnedUntilMs: 0 };

/** Which budget a reply would break. */
export type SpendingLimit =
  | "reply"
  | "sender-minute"
  | "sender-hour"
  | "sender-day"
  | "day"
  | UsdLimit;

/** What {@linkcode decideSpending} looks at. */
export interface SpendingInput {
  /** Segments of the whole reply. */
  readonly segments: number;
  /** The settings. */
  readonly limits: SpendingLimits;
  /** What the sender was sent. */
  readonly sender: SenderSpending;
  /** What the account sent. */
  readonly day: DaySpending;
  /** What was spent in US dollars; left out where no budget is in them. */
  readonly usd?: UsdSpent | undefined;
  /** What the whole reply costs; that of its segments when left out. */
  readonly cost?: Amount | undefined;
  /** Whether it goes to an owner, who has the whole day. */
  readonly owner: boolean;
  /** Whether the account has owners, for whom a part of the day is kept. */
  readonly owners: boolean;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Whether a reply may go out. The records given replace those kept, either way. */
export type SpendingDecision =
  | {
    readonly kind: "ok";
    /** Budgets in US dollars that are nearly spent with it: the log gets one warning of each. */
    readonly near: readonly UsdLimit[];
    readonly sender: SenderSpending;
    readonly day: DaySpending;
  }
  | {
    readonly kind: "refused";
    /** The budget that would be broken first. */
    readonly limit: SpendingLimit;
    /** When this reply would fit, in milliseconds since the epoch; `null` when it never does. */
    readonly freesAtMs: number | null;
    /** Whether the sender gets the one sentence about it (it is counted already). */
    readonly tell: boolean;
    /** Whether the log gets the one warning about it. */
    readonly warn: boolean;
    readonly sender: SenderSpending;
    readonly day: DaySpending;
  };

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Segments of a day that owners alone may use. */
function ownersReserve(segmentsPerDayMax: number): number {
  return Math.floor(segmentsPerDayMax * OWNERS_RESERVE_SHARE);
}

/** Whether the day has come near the part that is kept for owners, so that it matters whether there are any. */
export function nearsReserve(limits: SpendingLimits, day: DaySpending, nowMs: number): boolean {
  const perDay = limits.segmentsPerDayMax;
  const next = limits.segmentsPerReplyMax || perDay;
  return perDay > 0 && segmentsLastDay(day, nowMs) + next > perDay - ownersReserve(perDay);
}

function usdInput(input: SpendingInput): UsdInput | null {
  const { usd: spent, segments } = input;
  return spent === undefined
    ? null
    : { ...input, spent, cost: input.cost ?? segments * spent.perSegment };
}

function firstBroken(
  input: SpendingInput,
): { limit: SpendingLimit; freesAtMs: number | null } | null {
  const { segments, limits, sender, day, owner, owners, nowMs } = input;
  const off = (max: number) => max === 0;
  if (!off(limits.segmentsPerReplyMax) && segments > limits.segmentsPerReplyMax) {
    return { limit: "reply", freesAtMs: null };
  }
  const perMinute = limits.repliesPerSenderMinuteMax;
  const replies = recentTimes(sender.repliesAtMs, nowMs, MINUTE_MS);
  if (!off(perMinute) && replies.length >= perMinute) {
    return { limit: "sender-minute", freesAtMs: replies.at(-perMinute)! + MINUTE_MS };
  }
  const perDay = limits.segmentsPerDayMax;
  const budgets = [
    ["sender-hour", sender.segments, limits.segmentsPerSenderHourMax, HOUR_MS],
    ["sender-day", sender.daySegments ?? [], owner ? 0 : limits.segmentsPerSenderDayMax, DAY_MS],
    ["day", day.segments, perDay - (owners && !owner ? ownersReserve(perDay) : 0), DAY_MS],
  ] as const;
  for (const [limit, spent, max, windowMs] of budgets) {
    if (off(max)) continue;
    const atMs = freesAtMs(spent, segments, max, nowMs, windowMs);
    if (atMs !== nowMs) return { limit, freesAtMs: atMs };
  }
  const money = usdInput(input);
  return money === null ? null : brokenUsd(money);
}

function spend(input: SpendingInput): SpendingDecision {
  const { segments, limits, sender, day, nowMs } = input;
  const money = usdInput(input);
  const { near, warned } = money === null
    ? { near: [], warned: day.usdWarned }
    : warnUsd(money, day.usdWarned);
  const repliesKept = Math.max(1, limits.repliesPerSenderMinuteMax);
  return {
    kind: "ok",
    near,
    sender: {
      segments: addSpent(sender.segments, segments, nowMs, HOUR_MS),
      daySegments: addSpent(sender.daySegments ?? [], segments, nowMs, DAY_MS),
      repliesAtMs: [...recentTimes(sender.repliesAtMs, nowMs, MINUTE_MS), nowMs].slice(
        -repliesKept,
      ),
      toldUntilMs: 0,
    },
    day: {
      ...day,
      segments: addSpent(day.segments, segments, nowMs, DAY_MS),
      ...(near.length === 0 ? {} : { usdWarned: warned }),
    },
  };
}

/** How long a sender or the log need not hear of it again: until it frees, a minute at least. */
function quietUntilMs(freesAtMs: number | null, nowMs: number): number {
  return Math.max(freesAtMs ?? 0, nowMs + MINUTE_MS);
}

/**
 * Decides whether a reply may go out, and spends its segments if so. Of refusals in a row only the
 * first tells the sender and warns the log; the sentences themselves have a daily number.
 */
export function decideSpending(input: SpendingInput): SpendingDecision {
  const { nowMs, sender, day } = input;
  const broken = firstBroken(input);
  if (broken === null) return spend(input);
  const untilMs = quietUntilMs(broken.freesAtMs, nowMs);
  const notices = spentIn(day.notices, nowMs, DAY_MS);
  const tell = nowMs >= sender.toldUntilMs && notices < SPENDING_NOTICES_PER_DAY_MAX &&
    (input.usd === undefined || sentenceFits({ ...input, spent: input.usd }));
  const warn = nowMs >= day.warnedUntilMs;
  return {
    kind: "refused",
    ...broken,
    tell,
    warn,
    sender: {
      ...sender,
      ...(broken.freesAtMs === null ? {} : { refusedSegments: input.segments }),
      ...(tell ? { toldUntilMs: untilMs } : {}),
    },
    day: {
      ...day,
      notices: tell ? addSpent(day.notices, 1, nowMs, DAY_MS) : day.notices,
      warnedUntilMs: warn ? untilMs : day.warnedUntilMs,
    },
  };
}

/**
 * Decides whether the answer of a turn could go out, before the turn costs anything: one as long as the
 * last that was refused, or one of a single segment. Nothing is spent.
 */
export function decideTurnSpending(input: Omit<SpendingInput, "segments">): SpendingDecision {
  const segments = input.sender.refusedSegments ?? 1;
  const decision = decideSpending({ ...input, segments });
  return decision.kind === "refused" && decision.freesAtMs === null
    ? decideSpending({ ...input, segments: 1 })
    : decision;
}

/** What `status` shows of a sender: segments of the last hour and replies of the last minute. */
export function senderSpent(
  sender: SenderSpending,
  nowMs: number,
): { readonly segmentsLastHour: number; readonly repliesLastMinute: number } {
  return {
    segmentsLastHour: spentIn(sender.segments, nowMs, HOUR_MS),
    repliesLastMinute: recentTimes(sender.repliesAtMs, nowMs, MINUTE_MS).length,
  };
}

/** Segments of an account in the last 24 hours. */
export function segmentsLastDay(day: DaySpending, nowMs: number): number {
  return spentIn(day.segments, nowMs, DAY_MS);
}
