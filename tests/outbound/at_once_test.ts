import { assertEquals } from "@std/assert";
import { readBudget } from "../../src/outbound/budget.ts";
import { sendText } from "../../src/outbound/send.ts";
import { todayAndMonth } from "../../src/operations/spend.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { createKit, type Kit } from "../bridge/kit.ts";
import { NO_LIMITS } from "../policy/no_limits.ts";

const PEOPLE = Array.from({ length: 30 }, (_, i) => `+12025550${200 + i}` as Phone);

/** Texts one, then everybody in the same moment; returns how many texts were taken, and why the others were not. */
async function textAll({ context, deliverer }: Kit) {
  const text = (to: Phone) => sendText(context, deliverer.wake, { to, text: "hi" });
  const [first, ...others] = PEOPLE;
  const receipts = [await text(first!), ...await Promise.all(others.map(text))];
  const refused = receipts.filter((one) => one instanceof Error);
  return [PEOPLE.length - refused.length, [...new Set(refused.map(({ code }) => code))]];
}

Deno.test("Texts to many in one moment use a day's budget up to the last segment, and no further", async () => {
  const limits = { ...NO_LIMITS, segmentsPerDayMax: 12 };
  await using kit = await createKit({ bridge: { limits, messagesPerSecond: 1_000 } });
  assertEquals(await textAll(kit), [12, ["budget-day"]]);
  const { day } = await readBudget(kit.context, "default", PEOPLE[0]!);
  await kit.rest(5_000);
  const counted = day.row.segments.reduce((sum, { amount }) => sum + amount, 0);
  assertEquals([kit.sent.length, counted], [12, 12]);
});

Deno.test("Texts to many in one moment use a budget in USD up to the cent, and are billed once each", async () => {
  const limits = { ...NO_LIMITS, usdPerDayMax: 0.0831 };
  await using kit = await createKit({ bridge: { limits, messagesPerSecond: 1_000 } });
  assertEquals(await textAll(kit), [10, ["budget-usd-day"]]);
  await kit.rest(5_000);
  const { today } = await todayAndMonth(kit.store, "default", kit.clock.now());
  assertEquals([kit.sent.length, today.messages, today.billed + today.estimated], [10, 10, 8_300]);
});
