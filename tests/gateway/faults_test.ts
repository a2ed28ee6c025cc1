import { assertEquals } from "@std/assert";
import { type FaultKind, kindOfFault } from "../../src/gateway/faults.ts";
import { runTurn, type Turn } from "../../src/gateway/turn.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { createSimClock, type SimClock } from "../../src/sim/clock.ts";
import type { FakeGateway } from "../../src/sim/gateway.ts";
import { silentLog } from "../../src/system/log.ts";
import { startWiredGateway } from "../simulation/wired_gateway.ts";

const ANN = "+12025550101" as Phone;
const SESSION = `agent:main:sms:direct:${ANN}`;

Deno.test("kindOfFault() tells what was not begun from what is spent, final, or to be looked up", () => {
  const faults: readonly [FaultKind, string, string, Record<string, unknown>?][] = [
    ["key-spent", "UNAVAILABLE", `Session "${SESSION}" changed while starting work. Retry.`],
    ["key-spent", "INVALID_REQUEST", `Session "${SESSION}" changed while starting work. Retry.`],
    ["key-spent", "UNAVAILABLE", "no", { code: "SESSION_WORK_START_CHANGED" }],
    ["key-spent", "UNAVAILABLE", "Pending input ownership ended; submit a new turn to continue"],
    ["not-begun", "UNAVAILABLE", "no", { reason: "gateway-restarting" }],
    ["not-begun", "UNAVAILABLE", "agent run admission failed"],
    ["final", "UNAVAILABLE", "⚠️ fake/fake-1 request failed (authentication failed, HTTP 401)."],
    ["final", "UNAVAILABLE", "LLM request timed out."],
    ["final", "FORBIDDEN", "missing scope: operator.admin", { code: "MISSING_SCOPE" }],
    ["final", "INVALID_REQUEST", 'Agent "main" no longer exists in configuration'],
    ["unknown", "UNAVAILABLE", "something that no release has said so far"],
    ["unknown", "INVALID_REQUEST", "odd"],
  ];
  for (const [kind, code, message, details = {}] of faults) {
    const fault = { code, message, details, retryable: false, retryAfterMs: null };
    assertEquals(kindOfFault(fault), kind, message);
  }
  const flagged = { code: "NEW", message: "", details: {}, retryable: true, retryAfterMs: 1 };
  assertEquals(kindOfFault(flagged), "not-begun");
});

/** A turn against a fake Gateway, on a simulated clock. */
async function answer(
  prepare: (gateway: FakeGateway, clock: SimClock) => Promise<void> | void,
  started: Turn["started"] = null,
  withinMs = 120_000,
) {
  const clock = createSimClock();
  const { gateway, link } = startWiredGateway(clock);
  await clock.advance(1_000);
  await prepare(gateway, clock);
  const turn: Turn = {
    sessionKey: SESSION,
    key: `SM${"0".repeat(32)}`,
    message: "[[say:after all]]",
    to: ANN,
    accountId: "default",
    extraSystemPrompt: "",
    started,
    timeoutMs: 600_000,
  };
  const signal = new AbortController().signal;
  const parts = { onStarting: () => Promise.resolve(), clock, log: silentLog, signal };
  const outcome = runTurn(link, turn, parts);
  await clock.advance(withinMs);
  const { turns } = gateway.sessions;
  await link.close();
  await clock.advance(30_000);
  return { outcome: await outcome, asked: turns.map(({ key }) => key) };
}

Deno.test("runTurn() goes on under another key when the session changed while work was started", async () => {
  const { outcome, asked } = await answer((gateway) => gateway.sessions.change(SESSION));
  assertEquals(outcome, { kind: "reply", payloads: [{ text: "after all", mediaUrls: [] }] });
  assertEquals(asked, [`SM${"0".repeat(32)}:2`]);
});

Deno.test("runTurn() takes nine keys at most for a text that the Gateway loses again and again", async () => {
  const lost = "Pending input ownership ended; submit a new turn to continue";
  const { outcome, asked } = await answer((gateway) => gateway.fail(lost, 12), null, 500_000);
  assertEquals([outcome.kind, asked], ["reply", [`SM${"0".repeat(32)}:9`]]);
});

Deno.test("runTurn() looks an unknown error up and tries again before it tells a failure", async () => {
  const passing = await answer((gateway) => gateway.fail("nobody knows this", 2));
  assertEquals(passing.outcome.kind, "reply");
  assertEquals(passing.asked.length, 1);
  const lasting = await answer((gateway) => gateway.fail("nobody knows this", Infinity));
  assertEquals([lasting.outcome.kind, lasting.asked.length], ["failed", 0]);
});

Deno.test("runTurn() waits for what a Gateway goes on with, and not for what one that is gone went on with", async () => {
  const key = `SM${"0".repeat(32)}`;
  const note = "[System] Your previous turn was interrupted by a gateway restart.";
  for (
    const [restarts, asked] of [
      [["note"], []],
      [["note", "restart"], [key]],
      [["restart", "note"], []],
    ] as const
  ) {
    const found = await answer(
      async (gateway, clock) => {
        for (const step of restarts) {
          await clock.advance(5_000);
          if (step === "note") gateway.sessions.prompt(SESSION, note, "run-1");
          else await Promise.all([gateway.restart(), clock.advance(5_000)]);
        }
        await clock.advance(5_000);
      },
      { bootId: "before", atMs: 1 },
      30_000,
    );
    assertEquals(found.asked, [...asked], restarts.join(", "));
  }
});

Deno.test("runTurn() gives a Gateway that restarted its time to go on, also when the machine slept meanwhile", async () => {
  const key = `SM${"0".repeat(32)}`;
  const seen = (sleptMs: number, withinMs: number) =>
    answer(
      (gateway, clock) => {
        gateway.sessions.prompt(SESSION, "[[say:after all]]", key);
        clock.after(10_000, () => clock.jump(clock.now() + sleptMs));
      },
      { bootId: "before", atMs: 1 },
      withinMs,
    );
  assertEquals((await seen(300_000, 40_000)).outcome.kind, "later");
  assertEquals((await seen(0, 110_000)).outcome.kind, "uncertain");
});
