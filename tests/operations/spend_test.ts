import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { usd } from "../../src/admin/markup.ts";
import { bridgeMetrics } from "../../src/daemon/exposition.ts";
import {
  readSpend,
  type Spend,
  type SpendBy,
  type SpendReport,
} from "../../src/operations/spend.ts";
import { readStatus } from "../../src/operations/status.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { sendText } from "../../src/outbound/send.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { SPEND_PEOPLE } from "../../src/store/spend_row.ts";
import { openStore } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { seededRandom, systemRandom } from "../../src/system/random.ts";
import { enterPage } from "../admin/page_kit.ts";
import { accepted, createKit, type Kit } from "../bridge/kit.ts";
import { createBridgeWorld } from "../cli/bridge_world.ts";
import { NO_LIMITS } from "../policy/no_limits.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PEOPLE = ["+12025550101", "+12025550102", "+4915112345678", "+18765550101"] as Phone[];
const sid = (count: number) => (accepted(count) as { sid: string }).sid;
const cents = (usd: number) => Math.round(usd * 100_000);

async function send(kit: Kit, to: Phone, text: string, mediaUrls: string[] = []) {
  const request = { to, text, mediaUrls };
  const receipt = await sendText(kit.context, kit.deliverer.wake, request);
  if (receipt instanceof Error) throw receipt;
}

async function spend({ store, clock }: Kit, by: SpendBy, days = 31) {
  const nowMs = clock.now();
  return await readSpend(store, { by, sinceMs: nowMs - (days - 1) * DAY_MS, nowMs });
}

async function metric({ context }: Kit, period: string, state: string): Promise<number> {
  const facts = { link: { kind: "connecting" }, pending: { inbox: 0, outbox: 0 } } as const;
  const metrics = await bridgeMetrics(context, {
    ...facts,
    storeWorks: true,
    answers: true,
    leaseEpoch: null,
  });
  const { samples } = metrics.find(({ name }) => name === "smsbridge_spend_usd")!;
  for (const sample of samples) {
    if (sample.labels?.period !== period || sample.labels.state !== state) continue;
    if ("value" in sample) return cents(sample.value);
  }
  throw new Error(`no sample of ${period} ${state}`);
}

Deno.test("A month of traffic sums to the cent in spend, status, metrics, the commands and the page", async () => {
  await using kit = await createKit({ bridge: { limits: NO_LIMITS, messagesPerSecond: 100 } });
  const random = seededRandom(21);
  const pick = (count: number) => Math.floor(random.fraction() * count);
  const billedBy = new Map<string, number>();
  const billedOn = new Map<string, number>();
  let billed = 0;
  let unbilled = 0;
  // The simulated clock begins on 1 January; 31 days are all of the month.
  for (let day = 0; day < 31; day++) {
    for (let count = pick(6); count >= 0; count--) {
      const to = PEOPLE[pick(PEOPLE.length)]!;
      const at = new Date(kit.clock.now()).toISOString().slice(0, 10);
      const before = kit.sent.length;
      await send(kit, to, "x".repeat(1 + pick(500)), pick(4) === 0 ? ["https://e.com/a.png"] : []);
      await kit.rest(60_000);
      for (let sent = before + 1; sent <= kit.sent.length; sent++) {
        if (day === 30 && pick(2) === 0) {
          unbilled++;
          continue;
        }
        const price = 1 + pick(30_000);
        const learnt = { price: `${price / 100_000} USD` };
        await keepReport(kit.context, sid(sent), { status: "delivered", errorCode: null }, learnt);
        billed += price;
        billedBy.set(to, (billedBy.get(to) ?? 0) + price);
        billedOn.set(at, (billedOn.get(at) ?? 0) + price);
      }
    }
    if (day < 30) await kit.clock.advance(DAY_MS - (kit.clock.now() % DAY_MS));
  }
  const reports = await Promise.all(
    (["day", "person", "account"] as const).map((by) => spend(kit, by)),
  );
  for (const { rows, total, month } of reports) {
    assertEquals(cents(total.billedUsd), billed);
    assertEquals(total, month);
    assertEquals(rows.reduce((sum, row) => sum + cents(row.billedUsd), 0), billed);
    assertEquals(
      rows.reduce((sum, row) => sum + cents(row.estimatedUsd), 0),
      cents(total.estimatedUsd),
    );
    assertEquals([total.messages, total.estimatedUsd > 0], [kit.sent.length, unbilled > 0]);
  }
  const [byDay, byPerson] = reports;
  const billedIn = (rows: { name: string; billedUsd: number }[]) =>
    new Map(
      rows.map(({ name, billedUsd }) => [name, cents(billedUsd)] as const)
        .filter(([, amount]) => amount > 0).sort(),
    );
  assertEquals(billedIn([...byDay!.rows]), new Map([...billedOn].sort()));
  assertEquals(billedIn([...byPerson!.rows]), new Map([...billedBy].sort()));
  const { store, clock, context } = kit;
  const [account] = (await readStatus({ store, clock, settings: context.settings })).accounts;
  assertEquals(account!.money.month, byDay!.month);
  assertEquals(account!.money.today, byDay!.today);
  for (const [period, sum] of [["month", byDay!.month], ["day", byDay!.today]] as const) {
    assertEquals(await metric(kit, period, "billed"), cents(sum.billedUsd));
    assertEquals(await metric(kit, period, "estimated"), cents(sum.estimatedUsd));
  }
  await assertCommandsSay(kit, byDay!.month, billedBy);
  await assertPageSays(kit, byDay!);
});

/** The commands say the same, over a copy of the store and at the same time. */
async function assertCommandsSay(kit: Kit, month: Spend, billedBy: ReadonlyMap<string, number>) {
  await using world = await createBridgeWorld();
  const copy = await openStore(world.stateDir, { clock: systemClock, random: systemRandom });
  for await (const { key, value } of kit.store.list({ prefix: ["spend"] })) {
    await copy.commit({ set: [{ key, value }] });
  }
  copy.close();
  const run = async (...args: string[]) =>
    (await world.runIn({ clock: kit.clock }, ...args, "--json")).out;
  for (const by of ["day", "person", "account"]) {
    const report = JSON.parse(await run("spend", "--by", by, "--since", "31d", "--full"));
    assertEquals([report.total, report.month], [month, month], by);
    const rows = report.rows as { name: string; billedUsd: number; estimatedUsd: number }[];
    const sum = (key: "billedUsd" | "estimatedUsd") =>
      rows.reduce((all, row) => all + cents(row[key]), 0);
    assertEquals(
      [sum("billedUsd"), sum("estimatedUsd")],
      [cents(month.billedUsd), cents(month.estimatedUsd)],
    );
    for (const { name, billedUsd } of by === "person" ? rows : []) {
      assertEquals(cents(billedUsd), billedBy.get(name), name);
    }
  }
  assertEquals(JSON.parse(await run("status")).accounts[0].money.month, month);
  const { out } = await world.runIn({ clock: kit.clock }, "spend", "--since", "31d", "--csv");
  const [head, ...lines] = out.trim().split("\n").map((line) => line.split(","));
  const column = head!.indexOf("usd");
  assertEquals(lines.reduce((sum, line) => sum + cents(Number(line[column])), 0), cents(month.usd));
}

/** The page's room Money says the same in its words, its tables and its charts. */
async function assertPageSays(kit: Kit, { today, month }: SpendReport) {
  const html = await (await enterPage(kit)).open("/money");
  assertStringIncludes(html, `${usd(today.usd)} today, ${usd(month.usd)} this month`);
  assertStringIncludes(html, `<td>${usd(today.usd, "")}</td><td>${usd(month.usd, "")}</td>`);
  const shown = (pattern: RegExp) =>
    [...html.matchAll(pattern)].reduce((sum, [, amount]) => sum + Number(amount), 0);
  const people = html.slice(html.indexOf('id="spenders"'));
  const inTable = [...people.matchAll(/<th scope="row">.*?<\/th><td>([\d.]+)</g)];
  assertEquals(inTable.length, PEOPLE.length);
  const off = inTable.reduce((sum, [, amount]) => sum + Number(amount), 0) - month.usd;
  assert(Math.abs(off) < 0.005 * PEOPLE.length, `people are off by ${off}`);
  // The chart shows the last thirty of the 31 days.
  const thirty = (await spend(kit, "day", 30)).total;
  const days = shown(/<title>[\d-]+: ([\d.]+) USD billed/g) +
    shown(/<title>[\d-]+: [\d.]+ USD billed, ([\d.]+) USD estimated/g);
  assert(Math.abs(days - thirty.usd) < 0.005 * 30, `${days} of ${thirty.usd}`);
}

Deno.test("readSpend() counts whole days from one on, and the month apart", async () => {
  await using kit = await createKit({ bridge: { limits: NO_LIMITS } });
  await kit.clock.advance(29 * DAY_MS);
  for (let day = 0; day < 4; day++) {
    await send(kit, PEOPLE[0]!, "hi");
    await kit.rest(DAY_MS);
  }
  const { rows, total, today, month } = await spend(kit, "day", 3);
  assertEquals(rows.map(({ name, usd }) => [name, usd]), [
    ["2026-02-01", 0.0083],
    ["2026-02-02", 0.0083],
  ]);
  assertEquals([total.usd, today.usd, month.usd], [0.0166, 0, 0.0166]);
});

Deno.test("readSpend() says what people cost whose sums are gone", async () => {
  await using kit = await createKit({ bridge: { limits: NO_LIMITS } });
  await send(kit, PEOPLE[0]!, "hi");
  await send(kit, PEOPLE[2]!, "hi");
  await kit.rest(5_000);
  for await (const { key } of kit.store.list({ prefix: SPEND_PEOPLE })) {
    if (key.at(-1) === PEOPLE[2]) await kit.store.commit({ delete: [key] });
  }
  const { rows } = await spend(kit, "person");
  assertEquals(rows.map(({ name, usd }) => [name, usd]), [["", 0.12], [PEOPLE[0]!, 0.0083]]);
});

Deno.test("The series of money are there before anything was sent", async () => {
  await using kit = await createKit();
  for (const period of ["day", "month"]) {
    assertEquals([await metric(kit, period, "billed"), await metric(kit, period, "estimated")], [
      0,
      0,
    ]);
  }
});
