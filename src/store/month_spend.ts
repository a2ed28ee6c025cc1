/**
 * What people cost in a month, so that who cost most is told without reading what each cost on each day.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { createRowsView } from "./follow.ts";
import type { View, ViewKind } from "./kv.ts";
import { addSums, NO_SPEND, SPEND_PEOPLE, type SpendSum } from "./spend_row.ts";

/** What one person cost. */
export interface PersonSpend {
  readonly account: string;
  readonly phone: Phone;
  readonly sum: SpendSum;
}

/** What people cost. */
export interface MonthSpend extends View {
  all(): Iterable<PersonSpend>;
}

function negative({ billed, estimated, messages, segments }: SpendSum): SpendSum {
  return {
    billed: -billed,
    estimated: -estimated,
    messages: -messages,
    segments: -segments,
  };
}

function createMonthSpend(month: string): MonthSpend {
  const people = new Map<string, PersonSpend>();
  const isIn = (day: unknown) => String(day).startsWith(month);
  const rows = createRowsView<SpendSum, PersonSpend>({
    prefix: SPEND_PEOPLE,
    start: [...SPEND_PEOPLE, `${month}-01`],
    keep(sum, key) {
      const [day, account, phone] = key.slice(SPEND_PEOPLE.length);
      // A key of a person ends with their number.
      return isIn(day) ? { account: String(account), phone: String(phone) as Phone, sum } : null;
    },
    changed(before, after) {
      const one = after ?? before;
      if (one === null) return;
      const name = `${one.account} ${one.phone}`;
      const known = people.get(name)?.sum ?? NO_SPEND;
      const less = before === null ? known : addSums(known, negative(before.sum));
      people.set(name, { ...one, sum: after === null ? less : addSums(less, after.sum) });
    },
  });
  return { ...rows, all: () => people.values() };
}

/** What people cost in a month (UTC), as in `2026-11`. */
export function monthSpend(month: string): ViewKind<MonthSpend> {
  return { name: "month-spend", of: month, make: () => createMonthSpend(month) };
}
