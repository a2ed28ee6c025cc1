/**
 * What was spent, from the kept sums: by day, person or account.
 *
 * @module
 */
import { type Amount, usdOf } from "../policy/price.ts";
import { utcDay, utcMonth } from "../policy/utc_day.ts";
import { below } from "../store/keys.ts";
import type { Store } from "../store/kv.ts";
import { readView } from "../store/follow.ts";
import { monthSpend } from "../store/month_spend.ts";
import { addSums, NO_SPEND, SPEND_DAYS, SPEND_PEOPLE, type SpendSum } from "../store/spend_row.ts";

/** What the rows of {@linkcode readSpend} are. */
export const SPEND_BY = ["day", "person", "account"] as const;
/** One of them. */
export type SpendBy = typeof SPEND_BY[number];

/** What was spent, in US dollars with all five decimals that Twilio bills. */
export interface Spend {
  /** What Twilio has billed. */
  readonly billedUsd: number;
  /** What the rest is expected to cost. */
  readonly estimatedUsd: number;
  /** Both together. */
  readonly usd: number;
  /** SMS and MMS. */
  readonly messages: number;
  readonly segments: number;
}

/** One row. */
export interface SpendRow extends Spend {
  /** The day, the number, or the account's name; an empty number for people whose sums are gone. */
  readonly name: string;
  /** What that person is called; left out where they have no name. */
  readonly personName?: string;
}

/** The answer. Days are in UTC. */
export interface SpendReport {
  readonly by: SpendBy;
  /** The first day that counts. */
  readonly since: string;
  readonly rows: readonly SpendRow[];
  /** All rows together. */
  readonly total: Spend;
  readonly today: Spend;
  readonly month: Spend;
}

/** A sum as it is shown. */
export function shownSum(sum: SpendSum): Spend {
  const { billed, estimated, messages, segments } = sum;
  const usd = (amount: Amount) => usdOf(amount);
  return {
    billedUsd: usd(billed),
    estimatedUsd: usd(estimated),
    usd: usd(billed + estimated),
    messages,
    segments,
  };
}

type Sums = Map<string, SpendSum>;
type Reads = Pick<Store, "list" | "follow">;

function add(sums: Sums, name: string, sum: SpendSum): void {
  sums.set(name, addSums(sums.get(name) ?? NO_SPEND, sum));
}

function totalOf(sums: Iterable<SpendSum>): SpendSum {
  return [...sums].reduce(addSums, NO_SPEND);
}

/** The days of an account from one day on, with what was spent. */
async function accountDays(
  store: Pick<Store, "list">,
  account: string,
  since: string,
): Promise<Sums> {
  const days: Sums = new Map();
  const prefix = below(SPEND_DAYS, account);
  for await (const { key, value } of store.list({ prefix, start: [...prefix, since] })) {
    days.set(String(key.at(-1)), value);
  }
  return days;
}

/** What an account spent today and this month. */
export async function todayAndMonth(
  store: Pick<Store, "list">,
  account: string,
  nowMs: number,
): Promise<{ readonly today: SpendSum; readonly month: SpendSum }> {
  const days = await accountDays(store, account, `${utcMonth(nowMs)}-01`);
  return { today: days.get(utcDay(nowMs)) ?? NO_SPEND, month: totalOf(days.values()) };
}

const DAY_MS = 24 * 3_600_000;
/** The rate of late is that of so many days, and of fewer where nothing was sent before. */
const RATE_DAYS = 14;

/** US dollars a day that an account spent of late. */
export async function usdPerDay(
  store: Pick<Store, "list">,
  account: string,
  nowMs: number,
): Promise<number> {
  const days = await accountDays(store, account, utcDay(nowMs - RATE_DAYS * DAY_MS));
  const [first] = days.keys();
  if (first === undefined) return 0;
  const span = Math.max(1, Math.ceil((nowMs - Date.parse(first)) / DAY_MS));
  const { billed, estimated } = totalOf(days.values());
  return usdOf(billed + estimated) / span;
}

/** Accounts that have sums, each with its days. */
async function allDays(
  store: Pick<Store, "list">,
  only: string | undefined,
): Promise<Map<string, Sums>> {
  const accounts = new Map<string, Sums>();
  const prefix = only === undefined ? SPEND_DAYS : below(SPEND_DAYS, only);
  for await (const { key, value } of store.list({ prefix })) {
    const [account, day] = [String(key.at(-2)), String(key.at(-1))];
    const days = accounts.get(account) ?? new Map();
    accounts.set(account, days.set(day, value));
  }
  return accounts;
}

/** By person from a day on; what is missing of `total` is of people whose sums are gone. */
async function byPerson(
  store: Reads,
  { nowMs, account: only }: SpendQuery,
  since: string,
  total: SpendSum,
): Promise<Sums> {
  const sums: Sums = new Map();
  const month = utcMonth(nowMs);
  if (since === `${month}-01`) {
    for (const { account, phone, sum } of (await readView(store, monthSpend(month))).all()) {
      if (only === undefined || account === only) add(sums, phone, sum);
    }
  } else {
    const start = [...SPEND_PEOPLE, since];
    for await (const { key, value } of store.list({ prefix: SPEND_PEOPLE, start })) {
      const [account, number] = [String(key.at(-2)), String(key.at(-1))];
      if (only === undefined || account === only) add(sums, number, value);
    }
  }
  const known = totalOf(sums.values());
  const negative = (sum: SpendSum): SpendSum => ({
    billed: -sum.billed,
    estimated: -sum.estimated,
    messages: -sum.messages,
    segments: -sum.segments,
  });
  const rest = addSums(total, negative(known));
  if (rest.messages > 0) add(sums, "", rest);
  return sums;
}

/** Which sums to read. */
export interface SpendQuery {
  readonly by: SpendBy;
  readonly sinceMs: number;
  readonly nowMs: number;
  readonly account?: string | undefined;
}

/** Reads what was spent since a day; people and accounts that cost most come first, days in order. */
export async function readSpend(store: Reads, query: SpendQuery): Promise<SpendReport> {
  const { by, sinceMs, nowMs, account: only } = query;
  const since = utcDay(sinceMs);
  const [day, month] = [utcDay(nowMs), utcMonth(nowMs)];
  const sums: Sums = new Map();
  const whole = { total: NO_SPEND, today: NO_SPEND, month: NO_SPEND };
  for (const [account, days] of await allDays(store, only)) {
    for (const [at, sum] of days) {
      if (at === day) whole.today = addSums(whole.today, sum);
      if (at.startsWith(month)) whole.month = addSums(whole.month, sum);
      if (at < since) continue;
      whole.total = addSums(whole.total, sum);
      if (by !== "person") add(sums, by === "day" ? at : account, sum);
    }
  }
  const named = by === "person" ? await byPerson(store, query, since, whole.total) : sums;
  const cost = ([, { billed, estimated }]: [string, SpendSum]) => billed + estimated;
  const sorted = [...named].sort((a, b) =>
    by === "day" ? (a[0] < b[0] ? -1 : 1) : cost(b) - cost(a)
  );
  return {
    by,
    since,
    rows: sorted.map(([name, sum]) => ({ name, ...shownSum(sum) })),
    total: shownSum(whole.total),
    today: shownSum(whole.today),
    month: shownSum(whole.month),
  };
}
