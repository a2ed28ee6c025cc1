import { assertEquals, assertStringIncludes } from "@std/assert";
import { readUsdSpent } from "../../src/outbound/ledger.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { sendText } from "../../src/outbound/send.ts";
import { todayAndMonth } from "../../src/operations/spend.ts";
import { readStatus } from "../../src/operations/status.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { allow } from "../../src/people/pairing_book.ts";
import { seededRandom } from "../../src/system/random.ts";
import { accepted, ANN, createKit, type Kit } from "../bridge/kit.ts";
import { NO_LIMITS } from "../policy/no_limits.ts";

const BOB = "+12025550102" as Phone;
const sid = (count: number) => (accepted(count) as { sid: string }).sid;

/** Sends until it is refused; returns how many went and why no more. */
async function untilRefused(kit: Kit, more: { to?: Phone; mediaUrls?: string[] } = {}) {
  const { context, deliverer } = kit;
  for (let count = 0; count < 100; count++) {
    const receipt = await sendText(context, deliverer.wake, { to: ANN, text: "hi", ...more });
    if (receipt instanceof Error) return [count, receipt.code] as const;
  }
  return [100, "no end"] as const;
}

async function spentToday({ store, clock }: Kit): Promise<number> {
  const { today } = await todayAndMonth(store, "default", clock.now());
  return today.billed + today.estimated;
}

Deno.test("A budget in USD stops at the cent, what waits counted in", async () => {
  await using kit = await createKit({ bridge: { limits: { ...NO_LIMITS, usdPerDayMax: 0.0831 } } });
  assertEquals(await untilRefused(kit), [10, "budget-usd-day"], "nothing has been sent yet");
  await kit.rest(30_000);
  assertEquals([kit.sent.length, await spentToday(kit)], [10, 8_300]);
  assertEquals(await untilRefused(kit), [0, "budget-usd-day"]);
  await kit.rest(24 * 3_600_000);
  assertEquals((await untilRefused(kit))[0], 10, "another day");
});

Deno.test("An MMS counts against a budget in USD as what it costs", async () => {
  await using kit = await createKit({
    bridge: { limits: { ...NO_LIMITS, usdPerMonthMax: 0.0831 } },
  });
  const mediaUrls = ["https://example.com/a.png"];
  assertEquals(await untilRefused(kit, { mediaUrls }), [3, "budget-usd-month"]);
  assertEquals(await untilRefused(kit), [2, "budget-usd-month"], "texts use the rest");
});

Deno.test("A budget in USD follows what Twilio billed and did not send", async () => {
  await using kit = await createKit({ bridge: { limits: { ...NO_LIMITS, usdPerDayMax: 0.0166 } } });
  assertEquals((await untilRefused(kit))[0], 2);
  await kit.rest(5_000);
  await keepReport(kit.context, sid(1), { status: "failed", errorCode: 30008 });
  assertEquals((await untilRefused(kit))[0], 1);
  await kit.rest(5_000);
  const delivered = { status: "delivered", errorCode: null };
  await keepReport(kit.context, sid(2), delivered, { price: "0.001 USD" });
  assertEquals((await untilRefused(kit))[0] > 0, true, "dearer was expected");
});

Deno.test("One person's day ends at its own budget, others' do not", async () => {
  await using kit = await createKit({
    bridge: { limits: { ...NO_LIMITS, usdPerSenderDayMax: 0.02, usdPerDayMax: 1 } },
  });
  await allow(kit.context, "default", BOB);
  const replies = async (from: Phone) => {
    const before = kit.sent.length;
    for (let i = 0; i < 4; i++) {
      await kit.text("hello", from);
      await kit.rest(60_000);
    }
    return kit.sent.slice(before).filter(({ body }) => body?.startsWith("echo")).length;
  };
  assertEquals([await replies(ANN), await replies(BOB)], [2, 2]);
  assertStringIncludes(
    kit.sent.map(({ body }) => body).join("\n"),
    "Your message budget for today",
  );
});

Deno.test("The sentence about a spent budget in USD does not break it", async () => {
  await using kit = await createKit({ bridge: { limits: { ...NO_LIMITS, usdPerDayMax: 0.02 } } });
  for (let i = 0; i < 5; i++) {
    await kit.text("hello");
    await kit.rest(60_000);
  }
  assertEquals([kit.sent.length, await spentToday(kit)], [2, 1_660]);
});

Deno.test("At 80 % of a budget in USD the log is warned once, and status says so", async () => {
  await using kit = await createKit({ bridge: { limits: { ...NO_LIMITS, usdPerDayMax: 0.1 } } });
  const warnings = () => kit.logged.filter((line) => line.includes("budget.nearly-spent")).length;
  const { context, deliverer } = kit;
  const near = async () => {
    const { store, clock } = kit;
    const [account] = (await readStatus({ store, clock, settings: context.settings })).accounts;
    return account!.money.nearlySpent;
  };
  const told: number[] = [];
  for (let i = 0; i < 12; i++) {
    await sendText(context, deliverer.wake, { to: ANN, text: "hi" });
    await kit.rest(2_000);
    told.push(warnings());
    if (i === 8) assertEquals(await near(), []);
  }
  assertEquals(told, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  assertEquals([kit.sent.length, await near()], [12, ["usd-day"]]);
});

Deno.test("A budget in USD holds when messages come and go at the same time", async () => {
  await using kit = await createKit({
    bridge: { limits: { ...NO_LIMITS, usdPerDayMax: 0.0831 }, messagesPerSecond: 1_000 },
  });
  const { context, deliverer } = kit;
  const people = Array.from({ length: 15 }, (_, i) => `+1202555${1_000 + i}` as Phone);
  const receipts = people.map((to) => sendText(context, deliverer.wake, { to, text: "hi" }));
  await kit.rest(5_000);
  const refused = (await Promise.all(receipts)).filter((one) => one instanceof Error);
  await kit.rest(5_000);
  assertEquals([refused.length, kit.sent.length, await spentToday(kit)], [5, 10, 8_300]);
});

Deno.test("What a budget in USD is checked against is what the sums and the whole outbox say, to the cent", async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const { fraction } = seededRandom(seed);
    const upTo = (n: number) => Math.floor(fraction() * n);
    await using kit = await createKit({
      bridge: { limits: { ...NO_LIMITS, usdPerDayMax: 20 }, messagesPerSecond: 1 },
      send: (_, count) =>
        upTo(4) > 0 ? accepted(count) : {
          kind: "refused",
          httpStatus: 400,
          code: 30006,
          class: "destination",
          message: "no mobile",
        },
    });
    const { context, deliverer, store, clock } = kit;
    const people = [ANN, BOB, "+4915112345678", "+12425550104"] as Phone[];
    for (let step = 0; step < 60; step++) {
      const what = upTo(10);
      const to = people[upTo(4)]!;
      if (what < 6) {
        const mediaUrls = upTo(4) === 0 ? ["https://example.com/a.png"] : [];
        await sendText(context, deliverer.wake, { to, text: "a".repeat(1 + upTo(400)), mediaUrls });
      } else if (what < 8 && kit.sent.length > 0) {
        const report = { status: "delivered", errorCode: null };
        const price = `${(fraction() / 50).toFixed(5)} USD`;
        await keepReport(context, sid(1 + upTo(kit.sent.length)), report, { price });
      } else {
        await kit.rest(upTo(4_000));
      }
      await kit.rest();
      const read = (from: typeof store) => readUsdSpent(from, "default", to, clock.now());
      assertEquals(await read(context.store), await read(store), `seed ${seed}, step ${step}`);
    }
  }
});

const OWNER = "+12025550109" as Phone;

/** What owners were texted of budgets while somebody texts often. */
async function toldOwners(budgetNotices: boolean, usdPerDayMax: number) {
  const bridge = { ownerAllowFrom: [OWNER], budgetNotices, limits: { ...NO_LIMITS, usdPerDayMax } };
  await using kit = await createKit({ bridge });
  for (let i = 0; i < 14; i++) {
    await kit.text("hello");
    await kit.rest(60_000);
  }
  const toOwner = kit.sent.filter(({ to }) => to === OWNER).map(({ body }) => body ?? "");
  return { toOwner, spent: await spentToday(kit) };
}

Deno.test("Owners are texted once when a budget of the account has no more room for others, where the settings want it", async () => {
  const { toOwner, spent } = await toldOwners(true, 0.1);
  assertEquals(toOwner.length, 1);
  assertStringIncludes(toOwner[0]!, "US dollars for today is spent to 80 %");
  assertEquals(spent <= 10_000, true);
  assertEquals((await toldOwners(false, 0.1)).toOwner, []);
});

Deno.test("What owners are texted of a budget does not break it", async () => {
  for (const [budget, told, most] of [[0.0083, 1, 830], [0.0082, 0, 0]] as const) {
    const { toOwner, spent } = await toldOwners(true, budget);
    assertEquals([toOwner.length, spent], [told, most]);
  }
});

Deno.test("Owners are texted of a budget that a message of the operator's brings to 80 %", async () => {
  await using kit = await createKit({
    bridge: {
      ownerAllowFrom: [OWNER],
      budgetNotices: true,
      limits: { ...NO_LIMITS, usdPerDayMax: 0.1 },
    },
  });
  const { context, deliverer } = kit;
  const told: number[] = [];
  for (let i = 0; i < 11; i++) {
    await sendText(context, deliverer.wake, { to: ANN, text: "hi" });
    await kit.rest(2_000);
    told.push(kit.sent.filter(({ to }) => to === OWNER).length);
  }
  assertEquals(told, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
});

Deno.test("A part of a budget in USD is kept for owners, to the cent, also when many are told that it is spent", async () => {
  await using kit = await createKit({
    bridge: { ownerAllowFrom: [OWNER], limits: { ...NO_LIMITS, usdPerDayMax: 0.166 } },
  });
  await allow(kit.context, "default", OWNER);
  const answered = async (from: Phone, texts: number) => {
    for (let i = 0; i < texts; i++) {
      await kit.text("hello", from);
      await kit.rest(60_000);
    }
    return kit.sent.filter(({ to, body }) => to === from && body?.startsWith("echo")).length;
  };
  assertEquals(await answered(ANN, 18), 16, "four fifths of twenty");
  for (let i = 0; i < 5; i++) {
    const other = `+1202555020${i}` as Phone;
    await allow(kit.context, "default", other);
    await answered(other, 1);
  }
  assertEquals(await spentToday(kit), 18 * 830, "two were told");
  assertEquals(await answered(OWNER, 5), 2, "which is all that is left");
  assertEquals(await spentToday(kit), 20 * 830);
});
