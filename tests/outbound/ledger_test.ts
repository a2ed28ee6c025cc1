import { assertEquals } from "@std/assert";
import { inSums } from "../../src/outbound/ledger.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { sendText } from "../../src/outbound/send.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { utcDay, utcHour } from "../../src/policy/utc_day.ts";
import {
  pricesKey,
  spendDayKey,
  spendHourKey,
  spendPersonKey,
  type SpendSum,
} from "../../src/store/spend_row.ts";
import { accepted, ANN, createKit, type Kit } from "../bridge/kit.ts";

const BOB = "+4915112345678" as Phone;
const DELIVERED = { status: "delivered", errorCode: null };

async function send(kit: Kit, text: string, more: { to?: Phone; mediaUrls?: string[] } = {}) {
  const { context, deliverer } = kit;
  const receipt = await sendText(context, deliverer.wake, { to: ANN, text, ...more });
  if (receipt instanceof Error) throw receipt;
  await kit.rest(2_000);
}

const sid = (count: number) => (accepted(count) as { sid: string }).sid;

async function sums({ store, clock }: Kit, phone = ANN): Promise<(SpendSum | undefined)[]> {
  const nowMs = clock.now();
  const keys = [
    spendDayKey("default", utcDay(nowMs)),
    spendHourKey("default", utcHour(nowMs)),
    spendPersonKey(utcDay(nowMs), "default", phone),
  ];
  return (await Promise.all(keys.map((key) => store.get(key)))).map((one) => one?.value);
}

Deno.test("A send is in the sums of its day, hour and person when Twilio has taken it", async () => {
  await using kit = await createKit();
  await send(kit, "a".repeat(200));
  const sum = { billed: 0, estimated: 2 * 830, messages: 1, segments: 2 };
  assertEquals(await sums(kit), [sum, sum, sum]);
  await send(kit, "hi", { to: BOB });
  const [day, , bob] = await sums(kit, BOB);
  assertEquals(day, { billed: 0, estimated: 2 * 830 + 12_000, messages: 2, segments: 3 });
  assertEquals(bob, { billed: 0, estimated: 12_000, messages: 1, segments: 1 });
});

Deno.test("An MMS counts as what it costs, not as its one segment", async () => {
  await using kit = await createKit();
  await send(kit, "look", { mediaUrls: ["https://example.com/a.png"] });
  assertEquals((await sums(kit))[0], { billed: 0, estimated: 2_200, messages: 1, segments: 1 });
});

Deno.test("keepReport() moves a sum from estimated to billed, once, and teaches the price book", async () => {
  await using kit = await createKit();
  await send(kit, "one");
  for (let i = 0; i < 3; i++) {
    await keepReport(kit.context, sid(1), DELIVERED, { price: "0.0079 USD" });
  }
  assertEquals((await sums(kit))[0], { billed: 790, estimated: 0, messages: 1, segments: 1 });
  assertEquals((await kit.store.get(pricesKey("default", "+1", "sms")))?.value, [790]);
  await send(kit, "two");
  assertEquals((await sums(kit))[2], { billed: 790, estimated: 790, messages: 2, segments: 2 });
  await keepReport(kit.context, sid(1), DELIVERED, { price: "0.0080 USD" });
  assertEquals((await sums(kit))[0]!.billed, 800, "a price that Twilio corrects");
});

Deno.test("What failed before a carrier had it costs nothing, unless Twilio bills it", async () => {
  await using kit = await createKit();
  await send(kit, "one");
  await keepReport(kit.context, sid(1), { status: "failed", errorCode: 30008 });
  assertEquals((await sums(kit))[0], { billed: 0, estimated: 0, messages: 1, segments: 1 });
  await keepReport(kit.context, sid(1), { status: "failed", errorCode: 30008 }, {
    price: "0.001 USD",
  });
  assertEquals((await sums(kit))[0]!.billed, 100);
});

Deno.test("A price in another currency leaves the estimate", async () => {
  await using kit = await createKit();
  await send(kit, "one");
  await keepReport(kit.context, sid(1), DELIVERED, { price: "0.0075 EUR" });
  assertEquals((await sums(kit))[0], { billed: 0, estimated: 830, messages: 1, segments: 1 });
});

Deno.test("A correction counts in the day of the send", async () => {
  await using kit = await createKit();
  await send(kit, "one");
  const day = utcDay(kit.clock.now());
  await kit.rest(40 * 3_600_000);
  await keepReport(kit.context, sid(1), DELIVERED, { price: "0.0079 USD" });
  const row = await kit.store.get(spendDayKey("default", day));
  assertEquals(row?.value, { billed: 790, estimated: 0, messages: 1, segments: 1 });
  assertEquals((await sums(kit))[0], undefined);
});

Deno.test("Sends at the same time to many people lose nothing of the sums", async () => {
  await using kit = await createKit({ bridge: { messagesPerSecond: 1_000 } });
  const people = Array.from({ length: 20 }, (_, i) => `+1202555${1_000 + i}` as Phone);
  await Promise.all(people.map((to) => {
    const { context, deliverer } = kit;
    return sendText(context, deliverer.wake, { to, text: "hi" });
  }));
  await kit.rest(5_000);
  assertEquals(kit.sent.length, 20);
  assertEquals((await sums(kit))[0], {
    billed: 0,
    estimated: 20 * 830,
    messages: 20,
    segments: 20,
  });
});

Deno.test("Sums are kept 400 days by day and person, and 14 days by hour", async () => {
  await using kit = await createKit();
  const atMs = kit.clock.now();
  const cost = { account: "default", phone: ANN, atMs, segments: 1, mms: false, estimate: 830 };
  const record = { status: "sent", errorCode: null, firstAtMs: atMs, lastAtMs: atMs } as const;
  const { set } = await inSums(kit.store, null, { messageId: 1, record, cost }, atMs);
  const days = set.map(({ key, expireInMs }) => [key[1], expireInMs! / 86_400_000]);
  assertEquals(days, [["day", 400], ["person", 400], ["hour", 14]]);
});
