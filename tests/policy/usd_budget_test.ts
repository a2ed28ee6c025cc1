import { assert, assertEquals } from "@std/assert";
import { amountOf } from "../../src/policy/price.ts";
import {
  brokenUsd,
  nearlySpent,
  sentenceFits,
  type UsdSpent,
  type UsdWarned,
  warnUsd,
} from "../../src/policy/usd_budget.ts";
import { seededRandom } from "../../src/system/random.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 10);
const DAY_END_MS = Date.UTC(2026, 10, 30);
const MONTH_END_MS = Date.UTC(2026, 11, 1);
const NOTHING: UsdSpent = { sender: 0, day: 0, month: 0, perSegment: 790 };
const guest = { owner: false, owners: false, nowMs: NOW_MS };

Deno.test("brokenUsd() lets a budget be spent to its last 1/100,000 and no further", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 300; round++) {
    const usd = Math.round(random.fraction() * 1_000 + 1) / 100;
    const max = amountOf(usd);
    let used = 0;
    for (;;) {
      const cost = 1 + Math.floor(random.fraction() * max / 5);
      const spent = { ...NOTHING, day: used };
      if (brokenUsd({ ...guest, limits: { usdPerDayMax: usd }, spent, cost }) !== null) {
        assert(used + cost > max, `${used} + ${cost} would fit into ${max}`);
        break;
      }
      used += cost;
      assert(used <= max, `${used} of ${max}`);
    }
    const rest = { ...guest, limits: { usdPerDayMax: usd }, spent: { ...NOTHING, day: used } };
    assertEquals(brokenUsd({ ...rest, cost: max - used }), null, "the rest to the last part");
    assertEquals(brokenUsd({ ...rest, cost: max - used + 1 })?.limit, "usd-day");
  }
});

Deno.test("brokenUsd() keeps a fifth for owners, and counts no day of theirs", () => {
  const limits = { usdPerDayMax: 1, usdPerSenderDayMax: 0.1 };
  const spent = { ...NOTHING, sender: 10_000, day: 80_000, month: 80_000 };
  const of = (owner: boolean, owners: boolean, cost: number) =>
    brokenUsd({ limits, spent: { ...spent, sender: 0 }, cost, owner, owners, nowMs: NOW_MS });
  assertEquals(of(false, true, 1)?.limit, "usd-day");
  assertEquals(of(false, false, 1), null);
  assertEquals([of(true, true, 20_000), of(true, true, 20_001)?.limit], [null, "usd-day"]);
  assertEquals(brokenUsd({ ...guest, limits, spent, cost: 1 })?.limit, "usd-sender-day");
  assertEquals(brokenUsd({ ...guest, owner: true, limits, spent, cost: 1 }), null);
});

Deno.test("brokenUsd() says when the day or the month ends, and that what is too dear never fits", () => {
  const at = (limits: Parameters<typeof brokenUsd>[0]["limits"], cost: number) =>
    brokenUsd({ ...guest, limits, spent: { ...NOTHING, day: 99_999, month: 99_999 }, cost });
  assertEquals(at({ usdPerDayMax: 1 }, 2), { limit: "usd-day", freesAtMs: DAY_END_MS });
  assertEquals(at({ usdPerMonthMax: 1 }, 2), { limit: "usd-month", freesAtMs: MONTH_END_MS });
  assertEquals(at({ usdPerMonthMax: 1 }, 100_001)?.freesAtMs, null);
  assertEquals(at({}, 1_000_000), null, "no budget is set");
});

Deno.test("warnUsd() warns at 80 % once a day and once a month", () => {
  const limits = { usdPerDayMax: 1, usdPerMonthMax: 2 };
  let warned: UsdWarned = {};
  const warnings = (used: number, nowMs = NOW_MS) => {
    const spent = { ...NOTHING, day: used, month: used };
    const told = warnUsd({ ...guest, limits, spent, cost: 1, nowMs }, warned);
    warned = told.warned;
    return told.near;
  };
  assertEquals(warnings(79_998), []);
  assertEquals(warnings(79_999), ["usd-day"]);
  assertEquals(warnings(90_000), []);
  assertEquals(warnings(160_000), ["usd-month"]);
  assertEquals(warnings(80_000, DAY_END_MS), ["usd-day"], "another day");
  assertEquals(nearlySpent(limits, { day: 80_000, month: 80_000 }), ["usd-day"]);
});

Deno.test("sentenceFits() has a sentence about a spent budget stay within it, and leave half of what is kept for owners", () => {
  const fits = (day: number, owner: boolean, owners: boolean) =>
    sentenceFits({ limits: { usdPerDayMax: 1 }, spent: { ...NOTHING, day }, owner, owners });
  for (const [owner, owners] of [[false, false], [true, true]] as const) {
    assertEquals([fits(99_210, owner, owners), fits(99_211, owner, owners)], [true, false]);
  }
  assertEquals([fits(89_210, false, true), fits(89_211, false, true)], [true, false]);
});
