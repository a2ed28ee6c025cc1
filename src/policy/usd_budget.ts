/**
 * Budgets in US dollars: for a person's day, and for an account's day and month.
 *
 * What counts is what the kept sums say was spent, and what waits to be sent, so that prices that Twilio
 * corrects, and messages that were never sent, need no accounts of their own here.
 *
 * @module
 */
import { BUDGET_WARNING_SHARE, OWNERS_RESERVE_SHARE } from "../system/limits.ts";
import { type Amount, amountOf } from "./price.ts";
import { dayEndMs, monthEndMs, utcDay, utcMonth } from "./utc_day.ts";

/** The settings, in US dollars; 0 or nothing turns a limit off. */
export interface UsdLimits {
  /** Of an account in a day. */
  readonly usdPerDayMax?: number | undefined;
  /** Of an account in a month. */
  readonly usdPerMonthMax?: number | undefined;
  /** To one sender in a day, owners excepted. */
  readonly usdPerSenderDayMax?: number | undefined;
}

/** What was spent, what waits included. */
export interface UsdSpent {
  readonly sender: Amount;
  readonly day: Amount;
  readonly month: Amount;
  /** What one more segment to this sender costs. */
  readonly perSegment: Amount;
}

/** Which budget in US dollars. */
export type UsdLimit = "usd-sender-day" | "usd-day" | "usd-month";

/** Of which day and month the log was warned that their budget is nearly spent. */
export type UsdWarned = Partial<Record<UsdLimit, string>>;

/** A message that is to be sent. */
export interface UsdInput {
  readonly limits: UsdLimits;
  readonly spent: UsdSpent;
  readonly cost: Amount;
  /** Whether it goes to an owner, who has the whole budget. */
  readonly owner: boolean;
  /** Whether there are owners, for whom a part is kept. */
  readonly owners: boolean;
  readonly nowMs: number;
}

/** Whether any budget in US dollars is set. */
export function hasUsdLimits(limits: UsdLimits): boolean {
  const { usdPerDayMax = 0, usdPerMonthMax = 0, usdPerSenderDayMax = 0 } = limits;
  return usdPerDayMax > 0 || usdPerMonthMax > 0 || usdPerSenderDayMax > 0;
}

function reserveOf(max: Amount): Amount {
  return Math.floor(max * OWNERS_RESERVE_SHARE);
}

/** The account's budgets that are set. */
function accountBudgets(
  { usdPerDayMax = 0, usdPerMonthMax = 0 }: UsdLimits,
  spent: Pick<UsdSpent, "day" | "month">,
): { limit: UsdLimit; used: Amount; max: Amount }[] {
  return [
    { limit: "usd-day" as const, used: spent.day, max: amountOf(usdPerDayMax) },
    { limit: "usd-month" as const, used: spent.month, max: amountOf(usdPerMonthMax) },
  ].filter(({ max }) => max > 0);
}

/** The budget that a message would break first, and when it would fit; null when it fits now. */
export function brokenUsd(
  { limits, spent, cost, owner, owners, nowMs }: UsdInput,
): { readonly limit: UsdLimit; readonly freesAtMs: number | null } | null {
  const perSender = owner ? 0 : amountOf(limits.usdPerSenderDayMax ?? 0);
  const budgets = [
    ...(perSender === 0
      ? []
      : [{ limit: "usd-sender-day" as const, used: spent.sender, allowed: perSender }]),
    ...accountBudgets(limits, spent).map(({ limit, used, max }) => ({
      limit,
      used,
      allowed: max - (owners && !owner ? reserveOf(max) : 0),
    })),
  ];
  const broken = budgets.find(({ used, allowed }) => used + cost > allowed);
  if (broken === undefined) return null;
  const { limit, allowed } = broken;
  const endMs = limit === "usd-month" ? monthEndMs(nowMs) : dayEndMs(nowMs);
  return { limit, freesAtMs: cost > allowed ? null : endMs };
}

/**
 * Whether there is room for a sentence about a spent budget, which costs a segment. Others are told from the
 * first half of the owners' part, so that who is told may be many.
 */
export function sentenceFits(
  { limits, spent, owner, owners }: Pick<UsdInput, "limits" | "spent" | "owner" | "owners">,
): boolean {
  const kept = (max: Amount) => owners && !owner ? Math.floor(reserveOf(max) / 2) : 0;
  return accountBudgets(limits, spent).every(({ used, max }) =>
    used + spent.perSegment <= max - kept(max)
  );
}

/** Whether the part that is kept for owners may be touched, so that it matters whether there are any. */
export function nearsUsdReserve(limits: UsdLimits, spent: UsdSpent, cost: Amount): boolean {
  return accountBudgets(limits, spent).some(({ used, max }) => used + cost > max - reserveOf(max));
}

/** The account's budgets that are spent to the share from which on it is warned of. */
export function nearlySpent(
  limits: UsdLimits,
  spent: Pick<UsdSpent, "day" | "month">,
): UsdLimit[] {
  return accountBudgets(limits, spent)
    .filter(({ used, max }) => used >= max * BUDGET_WARNING_SHARE)
    .map(({ limit }) => limit);
}

/** The budgets that the log is to be warned of once a message has gone, and what it then was warned of. */
export function warnUsd(
  { limits, spent, cost, nowMs }: UsdInput,
  warned: UsdWarned = {},
): { readonly near: readonly UsdLimit[]; readonly warned: UsdWarned } {
  const after = { ...spent, day: spent.day + cost, month: spent.month + cost };
  const spanOf = (limit: UsdLimit) => limit === "usd-month" ? utcMonth(nowMs) : utcDay(nowMs);
  const near = nearlySpent(limits, after).filter((limit) => warned[limit] !== spanOf(limit));
  const noted = Object.fromEntries(near.map((limit) => [limit, spanOf(limit)]));
  return { near, warned: { ...warned, ...noted } };
}
