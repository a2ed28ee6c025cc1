import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Phone } from "../../../src/policy/phone.ts";
import { utcDay } from "../../../src/policy/utc_day.ts";
import { openStore } from "../../../src/store/kv.ts";
import { spendDayKey, spendPersonKey } from "../../../src/store/spend_row.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { type BridgeWorld, createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101" as Phone;

async function fill({ stateDir }: BridgeWorld): Promise<string> {
  const store = await openStore(stateDir, { clock: systemClock, random: systemRandom });
  const day = utcDay(Date.now());
  const value = { billed: 1_580, estimated: 830, messages: 2, segments: 3 };
  await store.commit({
    set: [
      { key: spendDayKey("default", day), value },
      { key: spendPersonKey(day, "default", ANN), value },
    ],
  });
  store.close();
  return day;
}

Deno.test("spend shows billed and estimated apart, and prints CSV", async () => {
  await using world = await createBridgeWorld();
  assertMatch((await world.run("spend")).out, /^Nothing was sent since \d{4}-\d\d-\d\d\.\n$/);
  const day = await fill(world);
  const { code, out } = await world.run("spend");
  assertEquals(code, 0);
  assertMatch(out, new RegExp(`${day} +0\\.01580 +0\\.00830 +0\\.02410 +2 +3\\n`));
  assertMatch(out, /Total +0\.01580 +0\.00830 +0\.02410/);
  assertStringIncludes(out, "Today 0.02 USD, this month 0.02 USD.");
  assertEquals(
    (await world.run("spend", "--csv", "--since", "7d")).out,
    `day,billed_usd,estimated_usd,usd,messages,segments\n${day},0.01580,0.00830,0.02410,2,3\n`,
  );
});

Deno.test("spend --by person masks numbers unless they are asked for", async () => {
  await using world = await createBridgeWorld();
  await fill(world);
  for (const format of ["--json", "--csv", "--no-color"]) {
    const { out } = await world.run("spend", "--by", "person", format);
    assert(!out.includes(ANN) && out.includes("0101"), out);
  }
  const { out } = await world.run("spend", "--by", "person", "--full", "--json");
  const { rows, total } = JSON.parse(out);
  assertEquals(rows, [{ name: ANN, ...total }]);
  assertEquals(total, {
    billedUsd: 0.0158,
    estimatedUsd: 0.0083,
    usd: 0.0241,
    messages: 2,
    segments: 3,
  });
});

Deno.test("spend --csv has no cell that a spreadsheet would run, and one line a row", async () => {
  await using world = await createBridgeWorld();
  const store = await openStore(world.stateDir, { clock: systemClock, random: systemRandom });
  const day = utcDay(Date.now());
  const hostile = [
    '=HYPERLINK("http://evil","x")',
    "@SUM(1,2)",
    "-2+3",
    "+cmd|' /C calc'!A0",
    "a,b",
    "a\nb",
  ];
  const value = { billed: 790, estimated: 0, messages: 1, segments: 1 };
  for (const account of hostile) {
    await store.commit({
      set: [
        { key: spendDayKey(account, day), value },
        { key: spendPersonKey(day, account, ANN), value },
      ],
    });
  }
  store.close();
  const { out } = await world.run("spend", "--by", "account", "--csv");
  const cells = [...out.matchAll(/^(?:"((?:[^"]|"")*)"|([^,"\n]*)),0\.00790,/gm)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
  assertEquals(cells.length, hostile.length, out);
  for (const cell of cells) assert(!/^[=+@\t\r-]/.test(cell), cell);
  assertEquals(cells.map((cell) => cell.replace(/^'/, "")).sort(), hostile.sort());
  const people = await world.run("spend", "--by", "person", "--csv", "--full");
  assertStringIncludes(people.out, `\n${ANN},0.04740,`);
});

Deno.test("spend --by person says what people are called", async () => {
  await using world = await createBridgeWorld();
  await fill(world);
  await world.run("pair", "name", ANN, "Ada");
  assertMatch((await world.run("spend", "--by", "person")).out, /0101 Ada +0\.01580/);
  const { rows } = JSON.parse((await world.run("spend", "--by", "person", "--json")).out);
  assertEquals(rows[0].personName, "Ada");
});

Deno.test("spend --balance says how long the balance lasts, and does not fail without it", async () => {
  await using world = await createBridgeWorld();
  await fill(world);
  world.twilio.account.balance = "12.34";
  const { out } = await world.run("spend", "--balance");
  assertStringIncludes(out, "Balance of default: 12.34 USD; it lasts about 512 days");
  const probed = await world.run("status", "--probe");
  assertStringIncludes(probed.out, "12.34 USD, lasts about 512 days");
  world.env.TWILIO_AUTH_TOKEN = "f".repeat(32);
  const without = await world.run("spend", "--balance");
  assertEquals(without.code, 0);
  assertStringIncludes(without.out, "Balance of default: Twilio does not tell it.");
});

Deno.test("spend refuses what it cannot read", async () => {
  await using world = await createBridgeWorld();
  for (
    const args of [["--by", "moon"], ["--since", "soon"], ["--csv", "--json"], ["--account", "no"]]
  ) {
    const { code, out } = await world.run("spend", ...args);
    assert(code !== 0, `${args}: ${out}`);
  }
});
