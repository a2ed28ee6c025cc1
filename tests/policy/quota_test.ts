import { assert, assertEquals } from "@std/assert";
import {
  type DaySpending,
  decideSpending,
  decideTurnSpending,
  nearsReserve,
  NOTHING_SENT,
  NOTHING_SPENT,
  segmentsLastDay,
  type SenderSpending,
  senderSpent,
  type SpendingLimits,
} from "../../src/policy/quota.ts";
import { addSpent } from "../../src/policy/window.ts";
import { seededRandom } from "../../src/system/random.ts";
import { NO_LIMITS } from "./no_limits.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = 1_795_000_000_000;
const LIMITS: SpendingLimits = {
  segmentsPerReplyMax: 10,
  segmentsPerSenderHourMax: 60,
  segmentsPerSenderDayMax: 0,
  segmentsPerDayMax: 500,
  repliesPerSenderMinuteMax: 6,
};

const who = (name: string) => ({ owner: name === "owner", owners: name.startsWith("guest") });

/** An account with its senders, kept as the store keeps them. */
function createAccount(limits: SpendingLimits) {
  let day: DaySpending = NOTHING_SPENT;
  const senders = new Map<string, SenderSpending>();
  return {
    reply(name: string, segments: number, nowMs: number) {
      const sender = senders.get(name) ?? NOTHING_SENT;
      const decision = decideSpending({ segments, limits, sender, day, nowMs, ...who(name) });
      day = decision.day;
      senders.set(name, decision.sender);
      return decision;
    },
    shown: (name: string, nowMs: number) => ({
      ...senderSpent(senders.get(name) ?? NOTHING_SENT, nowMs),
      segmentsLastDay: segmentsLastDay(day, nowMs),
    }),
    size: () => JSON.stringify([day, ...senders.values()]).length,
  };
}

Deno.test("decideSpending() refuses a reply of too many segments for good", () => {
  const account = createAccount(LIMITS);
  assertEquals(account.reply("ann", 10, NOW_MS).kind, "ok");
  const decision = account.reply("ann", 11, NOW_MS);
  assert(decision.kind === "refused");
  assertEquals([decision.limit, decision.freesAtMs], ["reply", null]);
});

Deno.test("decideSpending() lets a sender have 60 segments an hour, and each sender its own", () => {
  const account = createAccount(LIMITS);
  for (let i = 0; i < 6; i++) {
    assertEquals(account.reply("ann", 10, NOW_MS + i * MINUTE_MS).kind, "ok");
  }
  const nowMs = NOW_MS + 6 * MINUTE_MS;
  const decision = account.reply("ann", 1, nowMs);
  assert(decision.kind === "refused" && decision.freesAtMs !== null);
  assertEquals(decision.limit, "sender-hour");
  assertEquals(account.reply("bob", 10, nowMs).kind, "ok");
  assertEquals(account.reply("ann", 1, decision.freesAtMs - 1).kind, "refused");
  assertEquals(account.reply("ann", 1, decision.freesAtMs).kind, "ok");
  assert(decision.freesAtMs - NOW_MS <= HOUR_MS + 3 * MINUTE_MS);
});

Deno.test("decideSpending() lets an account send 500 segments a day, whoever asks", () => {
  const account = createAccount(LIMITS);
  for (let i = 0; i < 50; i++) assertEquals(account.reply(`s${i}`, 10, NOW_MS + i).kind, "ok");
  const decision = account.reply("ann", 1, NOW_MS + 50);
  assert(decision.kind === "refused" && decision.freesAtMs !== null);
  assertEquals(decision.limit, "day");
  assertEquals(account.reply("ann", 1, decision.freesAtMs - 1).kind, "refused");
  assertEquals(account.reply("ann", 1, decision.freesAtMs).kind, "ok");
});

Deno.test("decideSpending() lets one sender have a share of the day, and owners all of it", () => {
  const account = createAccount({
    ...NO_LIMITS,
    segmentsPerSenderDayMax: 40,
    segmentsPerDayMax: 500,
  });
  for (let i = 0; i < 4; i++) {
    assertEquals(account.reply("guest", 10, NOW_MS + i * 2 * HOUR_MS).kind, "ok");
  }
  const nowMs = NOW_MS + 8 * HOUR_MS;
  const decision = account.reply("guest", 1, nowMs);
  assert(decision.kind === "refused" && decision.freesAtMs !== null);
  assertEquals(decision.limit, "sender-day");
  assertEquals(account.reply("guest", 1, decision.freesAtMs).kind, "ok");
  for (let i = 0; i < 10; i++) assertEquals(account.reply("owner", 10, nowMs + i).kind, "ok");
});

Deno.test("decideSpending() keeps a fifth of the day for owners, where there are any", () => {
  const account = createAccount({ ...NO_LIMITS, segmentsPerDayMax: 50 });
  let guests = 0;
  for (let i = 0; i < 100; i++) {
    if (account.reply(`guest ${i}`, 1, NOW_MS + i).kind === "ok") guests++;
  }
  assertEquals(guests, 40);
  assertEquals(account.reply("owner", 10, NOW_MS + 100).kind, "ok");
  assertEquals(account.reply("owner", 1, NOW_MS + 101).kind, "refused");
});

Deno.test("decideTurnSpending() expects an answer as long as the one that was refused last", () => {
  const limits = { ...NO_LIMITS, segmentsPerSenderHourMax: 10 };
  const rest = { limits, day: NOTHING_SPENT, owner: false, owners: false };
  const before = decideSpending({ ...rest, segments: 8, sender: NOTHING_SENT, nowMs: NOW_MS });
  const turn = (sender: SenderSpending, nowMs: number) =>
    decideTurnSpending({ ...rest, sender, nowMs });
  assertEquals(turn(before.sender, NOW_MS + 1).kind, "ok");
  const refused = decideSpending({
    ...rest,
    segments: 5,
    sender: before.sender,
    nowMs: NOW_MS + 1,
  });
  assertEquals(turn(refused.sender, NOW_MS + 2).kind, "refused");
  assertEquals(turn(refused.sender, NOW_MS + 2 * HOUR_MS).kind, "ok");
  const raised = { ...rest, limits: NO_LIMITS, sender: refused.sender, nowMs: NOW_MS + 2 };
  assertEquals(decideTurnSpending(raised).kind, "ok");
});

Deno.test("decideSpending() lets a sender have six replies in any minute", () => {
  const account = createAccount(LIMITS);
  for (let i = 0; i < 6; i++) assertEquals(account.reply("ann", 1, NOW_MS + i).kind, "ok");
  const decision = account.reply("ann", 1, NOW_MS + 6);
  assert(decision.kind === "refused");
  assertEquals([decision.limit, decision.freesAtMs], ["sender-minute", NOW_MS + MINUTE_MS]);
  assertEquals(account.reply("ann", 1, NOW_MS + MINUTE_MS - 1).kind, "refused");
  assertEquals(account.reply("ann", 1, NOW_MS + MINUTE_MS).kind, "ok");
});

Deno.test("decideSpending() tells the sender once and warns the log once until the budget frees", () => {
  const account = createAccount({ ...NO_LIMITS, segmentsPerSenderHourMax: 10 });
  account.reply("ann", 10, NOW_MS);
  const said = [1, 2, 3].map((i) => {
    const decision = account.reply("ann", 1, NOW_MS + i * MINUTE_MS);
    return decision.kind === "refused" ? [decision.tell, decision.warn] : [];
  });
  assertEquals(said, [[true, true], [false, false], [false, false]]);

  account.reply("ann", 10, NOW_MS + 2 * HOUR_MS);
  const later = account.reply("ann", 1, NOW_MS + 2 * HOUR_MS);
  assert(later.kind === "refused" && later.tell && later.warn);
});

Deno.test("decideSpending() tells at most twenty senders a day", () => {
  const account = createAccount({ ...NO_LIMITS, segmentsPerDayMax: 1 });
  account.reply("first", 1, NOW_MS);
  let told = 0;
  for (let i = 0; i < 1_000; i++) {
    const decision = account.reply(`s${i}`, 1, NOW_MS + i);
    if (decision.kind === "refused" && decision.tell) told++;
  }
  assertEquals(told, 20);
});

Deno.test("decideSpending() takes a limit of 0 for none", () => {
  const account = createAccount(NO_LIMITS);
  for (let i = 0; i < 1_000; i++) assertEquals(account.reply("ann", 100, NOW_MS).kind, "ok");
});

Deno.test("decideSpending() keeps its limits and its size whatever comes", () => {
  const seed = 31;
  const random = seededRandom(seed);
  const account = createAccount(LIMITS);
  let nowMs = NOW_MS;
  let sent: { name: string; segments: number; atMs: number }[] = [];
  const total = (ms: number, name?: string) =>
    sent.filter((one) => nowMs - one.atMs < ms && (name === undefined || one.name === name))
      .reduce((sum, one) => sum + one.segments, 0);
  for (let i = 0; i < 5_000; i++) {
    nowMs += random.below(MINUTE_MS);
    const name = `s${random.below(12)}`;
    const segments = 1 + random.below(12);
    if (account.reply(name, segments, nowMs).kind !== "ok") continue;
    sent = [...sent.filter((one) => nowMs - one.atMs < 24 * HOUR_MS), {
      name,
      segments,
      atMs: nowMs,
    }];
    const why = `seed ${seed}, reply ${i}`;
    assert(total(HOUR_MS, name) <= 60 && total(24 * HOUR_MS) <= 500, why);
  }
  assert(account.size() < 30_000, `seed ${seed}: ${account.size()}`);
});

Deno.test("senderSpent() and segmentsLastDay() show what was spent", () => {
  const account = createAccount(LIMITS);
  account.reply("ann", 3, NOW_MS);
  account.reply("ann", 4, NOW_MS + 2 * MINUTE_MS);
  assertEquals(account.shown("ann", NOW_MS + 2 * MINUTE_MS), {
    segmentsLastHour: 7,
    repliesLastMinute: 1,
    segmentsLastDay: 7,
  });
});

Deno.test("nearsReserve() is false only where it does not matter whether there are owners", () => {
  const seed = 77;
  const random = seededRandom(seed);
  for (let i = 0; i < 5_000; i++) {
    const limits = {
      ...NO_LIMITS,
      segmentsPerDayMax: random.below(60),
      segmentsPerReplyMax: random.below(12),
    };
    const day = { ...NOTHING_SPENT, segments: addSpent([], random.below(70), 1_000, 24 * HOUR_MS) };
    const segments = 1 + random.below(limits.segmentsPerReplyMax || 60);
    const decide = (owners: boolean) =>
      decideSpending({
        segments,
        limits,
        sender: NOTHING_SENT,
        day,
        owner: false,
        owners,
        nowMs: 2_000,
      });
    if (nearsReserve(limits, day, 2_000)) continue;
    assertEquals(decide(true), decide(false), `seed ${seed}, case ${i}`);
  }
});
