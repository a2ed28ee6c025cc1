import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readStatus } from "../../src/operations/status.ts";
import { setOptOut } from "../../src/people/opt_out.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { accepted, ANN, createKit, type Kit } from "../bridge/kit.ts";

const BOB = "+12025550102" as Phone;

/** The status that the store alone tells, as without a daemon. */
async function statusOf({ store, clock, context }: Kit) {
  return await readStatus({ store, clock, settings: context.settings });
}

Deno.test("readStatus() says that no daemon runs, and shows what the store knows", async () => {
  await using kit = await createKit();
  await kit.text("hello");
  await kit.rest();
  const answeredAtMs = kit.clock.now();
  await kit.rest(60_000);
  const status = await statusOf(kit);
  assertEquals([status.running, status.ready, status.reasons], [false, false, ["not-running"]]);
  assertEquals(status.gateway.state, "not-running");
  assertStringIncludes(status.gateway.advice, "sms-bridge serve");
  const [account] = status.accounts;
  assertEquals(status.accounts.length, 1);
  assertEquals(account!.sender, "+1•••••0123");
  const { lastInboundAtMs, lastTurnAtMs, lastOutboundAtMs, lastDelivery } = account!;
  for (const atMs of [lastInboundAtMs, lastTurnAtMs, lastOutboundAtMs, lastDelivery!.atMs]) {
    assertEquals(Math.abs(answeredAtMs - atMs!) < 5_000, true, `${answeredAtMs} ${atMs}`);
  }
  assertEquals(lastDelivery!.status, "queued");
  assertEquals(account!.budget.segmentsLastDay, 1);
  assertEquals([account!.allowedSenders, account!.pendingPairings], [1, 0]);
});

Deno.test("readStatus() counts what waits, and since when", async () => {
  await using kit = await createKit();
  kit.setReady(false);
  const { receivedAtMs } = await kit.text("one");
  await kit.rest(10_000);
  await kit.text("two");
  const [account] = (await statusOf(kit)).accounts;
  assertEquals(account!.inbox, { count: 2, oldestAtMs: receivedAtMs });
  assertEquals(account!.outbox, { count: 0, oldestAtMs: null });
  assertEquals(account!.lastTurnAtMs, null);
});

Deno.test("readStatus() counts who opted out and who is limited", async () => {
  await using kit = await createKit({
    bridge: {
      limits: {
        segmentsPerReplyMax: 30,
        segmentsPerSenderHourMax: 1,
        segmentsPerSenderDayMax: 0,
        segmentsPerDayMax: 500,
        repliesPerSenderMinuteMax: 10,
      },
    },
  });
  for (const phone of [BOB, "+12025550103" as Phone]) {
    await setOptOut(kit.context, "default", phone, { optedOut: true });
  }
  await kit.text("hello");
  await kit.rest();
  const [account] = (await statusOf(kit)).accounts;
  assertEquals([account!.optedOutSenders, account!.limitedSenders], [2, 1]);
  assertEquals(account!.budget.segmentsLastHourMost, 1);
});

Deno.test("readStatus() tells the last errors with what mends them, newest first", async () => {
  await using kit = await createKit({
    send: (_message, count) =>
      count === 1 ? accepted(1) : {
        kind: "refused",
        httpStatus: 400,
        code: 21614,
        class: "destination",
        message: "21614: the number is not a mobile number",
      },
  });
  await kit.text("one");
  await kit.rest(5_000);
  const { sids } = await lastSent(kit);
  await kit.text("two");
  await kit.rest(5_000);
  await keepReport(kit.context, sids[0]!, { status: "undelivered", errorCode: 30034 });
  const { errors, accounts } = await statusOf(kit);
  assertEquals(errors.map(({ code }) => code), ["undelivered", "refused"]);
  assertMatch(errors[0]!.fix, /A2P 10DLC/);
  assertStringIncludes(errors[1]!.fix, "mobile number");
  assertEquals(accounts[0]!.deadLetters, 1);
  assertEquals(JSON.stringify(errors).includes(ANN), false);
});

async function lastSent({ store }: Kit): Promise<{ sids: readonly string[] }> {
  for await (
    const { value } of store.list<{ direction: string; sids: string[] }>({
      prefix: ["history"],
      reverse: true,
    })
  ) if (value.direction === "out") return value;
  throw new Error("nothing was sent");
}

Deno.test("readStatus() shows accounts of the store when the configuration cannot be read", async () => {
  await using kit = await createKit();
  const status = await readStatus({ store: kit.store, clock: kit.clock, settings: () => null });
  const [account] = status.accounts;
  assertEquals([account!.id, account!.enabled, account!.allowedSenders], ["default", null, 1]);
  assertEquals(account!.budget.segmentsPerDayMax, null);
});

Deno.test("readStatus() of a daemon says what is in the way and which errors were logged", async () => {
  await using kit = await createKit();
  const { store, clock, context: { settings } } = kit;
  const live = () =>
    Promise.resolve({
      startedAtMs: clock.now() - 1_000,
      link: { kind: "refused", why: "token", untilMs: 0 } as const,
      agent: null,
      health: { ok: false, reasons: ["gateway-refuses" as const] },
      listen: "127.0.0.1:8787",
      adminListen: null,
      troubles: [
        {
          atMs: clock.now(),
          level: "error",
          event: "gateway.refused",
          fields: { why: "token", hint: "set the token" },
          count: 3,
        } as const,
      ],
    });
  const status = await readStatus({ store, clock, settings, live });
  assertEquals([status.running, status.ready, status.reasons], [true, false, ["gateway-refuses"]]);
  assertStringIncludes(status.gateway.advice, "gateway.auth.token");
  assertEquals(status.errors, [{
    atMs: clock.now(),
    account: null,
    code: "gateway.refused",
    message: "the Gateway refuses the bridge (token), 3 times",
    fix: "set the token",
  }]);
});

Deno.test("readStatus() counts texts to several people", async () => {
  await using kit = await createKit();
  assertEquals((await statusOf(kit)).accounts[0]!.groups, { texts: 0, lastAtMs: null });
  await kit.rest(5_000);
  for (const from of [ANN, BOB]) await kit.take("hi all", { from, group: true });
  const { groups } = (await statusOf(kit)).accounts[0]!;
  assertEquals(groups, { texts: 2, lastAtMs: kit.clock.now() });
});
