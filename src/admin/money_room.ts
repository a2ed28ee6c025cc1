/**
 * The room Money: what was spent by day and by person, against the budgets, and what is left.
 *
 * @module
 */
import type { Balance } from "../operations/spend_operations.ts";
import type { SpendReport, SpendRow } from "../operations/spend.ts";
import type { Status } from "../operations/status.ts";
import { plural } from "../text/amounts.ts";
import { barChart } from "./charts.ts";
import { called, escapeHtml, section, table, usd } from "./markup.ts";
import type { Room } from "./room.ts";

const DAY_MS = 24 * 3_600_000;
const DAYS_SHOWN = 30;
const PEOPLE_SHOWN = 20;

const NOTHING = { billedUsd: 0, estimatedUsd: 0, usd: 0, messages: 0, segments: 0 };

/** Every day that is shown, those without anything too. */
function everyDay({ rows }: SpendReport, nowMs: number): SpendRow[] {
  const known = new Map(rows.map((row) => [row.name, row]));
  return Array.from({ length: DAYS_SHOWN }, (_, i) => {
    const name = new Date(nowMs - (DAYS_SHOWN - 1 - i) * DAY_MS).toISOString().slice(0, 10);
    return known.get(name) ?? { name, ...NOTHING };
  });
}

/** A budget of all accounts together; null where one of them has none. */
function budgetOf({ accounts }: Status, of: (one: Status["accounts"][number]) => number | null) {
  const each = accounts.map(of);
  return each.some((one) => !one) ? null : each.reduce<number>((sum, one) => sum + (one ?? 0), 0);
}

function againstBudget(budget: number | null, words: string): string {
  return budget === null ? "" : ` The budget is ${words} a day.`;
}

const KEY = '<p class="key"><span class="billed">billed by Twilio</span> ' +
  '<span class="estimated">still estimated</span> <span class="limit">budget</span></p>';

function charts(report: SpendReport, status: Status): string {
  const days = everyDay(report, status.atMs);
  const usdBudget = budgetOf(status, ({ money }) => money.usdPerDayMax);
  const segmentBudget = budgetOf(status, ({ budget }) => budget.segmentsPerDayMax);
  const { total, today, month } = report;
  return barChart({
    id: "usd",
    title: "US dollars by day",
    summary: `${usd(today.usd)} today, ${usd(month.usd)} this month, ${usd(total.usd)} in ` +
      `${DAYS_SHOWN} days, of which ${usd(total.billedUsd)} is billed.` +
      againstBudget(usdBudget, usd(usdBudget ?? 0)),
    bars: days.map((day) => ({
      name: day.name,
      parts: [[day.billedUsd, "billed"], [day.estimatedUsd, "estimated"]],
      words: `${usd(day.billedUsd)} billed, ${usd(day.estimatedUsd)} estimated`,
    })),
    line: usdBudget,
  }) + KEY + barChart({
    id: "segments",
    title: "Segments by day",
    summary: `${plural(today.segments, "segment")} today, ${total.segments} in ` +
      `${DAYS_SHOWN} days.${againstBudget(segmentBudget, String(segmentBudget))}`,
    bars: days.map((day) => ({
      name: day.name,
      parts: [[day.segments, "out"]],
      words: `${plural(day.segments, "segment")} in ${plural(day.messages, "SMS", "SMS")}`,
    })),
    line: segmentBudget,
  });
}

function spenders({ rows }: SpendReport, names: ReadonlyMap<string, string>): string {
  if (rows.length === 0) return "<p>Nothing was sent this month.</p>";
  const shown = rows.slice(0, PEOPLE_SHOWN).map((row) => [
    row.name === "" ? "others" : called(names.get(row.name), row.name),
    usd(row.usd, ""),
    String(row.segments),
    String(row.messages),
  ]);
  const more = rows.length - shown.length;
  return table("This month, who cost most first", ["Person", "USD", "Segments", "SMS"], shown) +
    (more > 0
      ? `<p>And ${plural(more, "person", "people")} more: ` +
        "<code>sms-bridge spend --by person</code></p>"
      : "");
}

function balanceRows(balances: readonly Balance[] | null): string {
  if (balances === null) return "<p>Twilio is being asked.</p>";
  const rows = balances.map(({ account, left, currency, days }) =>
    `<li><strong>${escapeHtml(account)}</strong>: ${
      left === null
        ? "Twilio does not tell"
        : `${escapeHtml(`${left.toFixed(2)} ${currency ?? ""}`)}${
          days === null ? "" : `, lasts about ${plural(days, "day")}`
        }`
    }</li>`
  );
  return `<ul>${rows.join("")}</ul>`;
}

function budgets({ accounts }: Status): string {
  const of = (spent: number, max: number | null) =>
    `${usd(spent, "")}${max ? ` of ${usd(max, "")}` : ""}`;
  const rows = accounts.map(({ id, money, budget }) => [
    escapeHtml(id),
    of(money.today.usd, money.usdPerDayMax),
    of(money.month.usd, money.usdPerMonthMax),
    `${budget.segmentsLastDay}${budget.segmentsPerDayMax ? ` of ${budget.segmentsPerDayMax}` : ""}`,
  ]);
  const near = accounts.filter(({ money }) => money.nearlySpent.length > 0);
  return near.map(({ id }) =>
    `<p class="bad">A budget of ${escapeHtml(id)} is spent to 80 % or more.</p>`
  ).join("") +
    table(
      "US dollars and segments that were spent, of what may be",
      ["Account", "Today", "This month", "Segments, 24 h"],
      rows,
    );
}

/** The room Money. */
export const MONEY_ROOM: Room = {
  path: "/money",
  title: "Money",
  async render(parts) {
    const [status, report, people, by] = await Promise.all([
      parts.status(),
      parts.ask("spend", { by: "day", sinceMs: parts.nowMs - (DAYS_SHOWN - 1) * DAY_MS }),
      parts.people(),
      parts.spenders(),
    ]);
    const names = new Map(
      people.flatMap(({ phone, name }) => name === null ? [] : [[String(phone), name]]),
    );
    return section("budgets", "Budgets", budgets(status)) +
      section("spent", "By day", charts(report, status)) +
      section("spenders", "By person", spenders(by, names)) +
      section("balance", "Left at Twilio", balanceRows(parts.balances()));
  },
};
