/**
 * The checker of budgets: whatever happened, no more was sent than they allow.
 */
import type { FakeMessage } from "../../src/sim/twilio_account.ts";
import { PRICE_OF_SEGMENT } from "../../src/sim/twilio_rows.ts";
import type { Settings } from "../../src/config/settings.ts";
import { ABOUT_BUDGET, type Histories } from "./checker.ts";
import type { Scenario } from "./scenario.ts";

/** The budgets of a scenario; those left out have no limit. */
export type Budgets = Partial<
  Pick<
    Settings["bridge"]["limits"],
    "segmentsPerDayMax" | "segmentsPerSenderHourMax" | "usdPerDayMax"
  >
>;

function sentBy({ messages }: Pick<Histories, "messages">): FakeMessage[] {
  return messages.filter(({ direction }) => direction === "outbound-api");
}

function segmentsOf(messages: readonly FakeMessage[]): number {
  return messages.reduce((sum, { segments }) => sum + segments, 0);
}

/** What was spent of each budget, and what it allows. */
function spendingOf(
  happened: Pick<Histories, "messages">,
  { budgets, phones }: Pick<Scenario, "phones"> & { readonly budgets: Budgets },
): {
  readonly name: string;
  readonly spent: number;
  readonly most: number;
  readonly unit: number;
}[] {
  const sent = sentBy(happened);
  const counted = sent.filter(({ body }) => !ABOUT_BUDGET.test(body));
  const { segmentsPerDayMax, segmentsPerSenderHourMax, usdPerDayMax } = budgets;
  const of = (name: string, spent: number, most: number | undefined, unit = 1) =>
    most === undefined ? [] : [{ name, spent, most, unit }];
  return [
    ...of("the day", segmentsOf(counted), segmentsPerDayMax),
    ...phones.flatMap((phone) =>
      of(
        `the hour of ${phone}`,
        segmentsOf(counted.filter(({ to }) => to === phone)),
        segmentsPerSenderHourMax,
      )
    ),
    ...of("the day in USD", segmentsOf(sent) * PRICE_OF_SEGMENT, usdPerDayMax, PRICE_OF_SEGMENT),
  ];
}

/** Whether there may have been no room for a reply: only then may one be missing. */
export function isTight(
  happened: Pick<Histories, "messages">,
  expected: Pick<Scenario, "phones" | "texts"> & { readonly budgets: Budgets },
): boolean {
  const longest = Math.max(...expected.texts.map(({ plan }) => Math.ceil(plan.text.length / 60)));
  return spendingOf(happened, expected).some(({ spent, most, unit }) =>
    spent + (longest + 1) * unit > most
  );
}

/** Every budget that was overspent. */
export function* checkBudgets(
  happened: Pick<Histories, "messages">,
  expected: Pick<Scenario, "phones"> & { readonly budgets: Budgets },
): Generator<string> {
  for (const { name, spent, most } of spendingOf(happened, expected)) {
    if (spent > most + 1e-9) yield `the budget of ${name} was overspent: ${spent} of ${most}`;
  }
}
