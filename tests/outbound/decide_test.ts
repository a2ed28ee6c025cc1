import { assertEquals } from "@std/assert";
import type { AccountSettings } from "../../src/config/settings.ts";
import { decideLookUp, decideMessage, decideSent } from "../../src/outbound/decide.ts";
import type { OutboxRow } from "../../src/store/outbox_row.ts";
import type { SendOutcome } from "../../src/twilio/rest.ts";
import { ANN } from "../bridge/kit.ts";

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const ACCOUNT = { id: "default" } as AccountSettings;
const ROW: OutboxRow = {
  id: 1,
  account: "default",
  to: ANN,
  kind: "reply",
  inReplyTo: null,
  chunks: [{ body: "hello", segments: 1, mediaUrls: [] }],
  sids: [],
  begunAtMs: null,
  attempts: 0,
  notBeforeMs: 0,
  createdAtMs: NOW_MS,
};

Deno.test("decideMessage() does one thing with a message", () => {
  const cases: [string, Partial<OutboxRow>, AccountSettings | undefined, string][] = [
    ["a new one", {}, ACCOUNT, "send"],
    ["one that waits for its next try", { notBeforeMs: NOW_MS + 5 }, ACCOUNT, "wait"],
    ["one whose time has come", { notBeforeMs: NOW_MS }, ACCOUNT, "send"],
    ["one whose account has gone", {}, undefined, "abandon"],
    ["one that waits, and whose account has gone", { notBeforeMs: NOW_MS + 5 }, undefined, "wait"],
    ["one whose answer is not known", { begunAtMs: NOW_MS - 5 }, ACCOUNT, "look-up"],
    ["one not taken for a day", { createdAtMs: NOW_MS - DAY_MS - 1 }, ACCOUNT, "abandon"],
    [
      "one begun a day ago: it may have been sent",
      { createdAtMs: NOW_MS - DAY_MS - 1, begunAtMs: NOW_MS - DAY_MS },
      ACCOUNT,
      "look-up",
    ],
  ];
  for (const [name, row, account, expected] of cases) {
    assertEquals(decideMessage({ ...ROW, ...row }, account, NOW_MS).kind, expected, name);
  }
});

Deno.test("decideLookUp() never sends again before Twilio's list must show the message", () => {
  const begunAtMs = NOW_MS - 5;
  const sid = `SM${"1".repeat(32)}`;
  const found = { kind: "found", sid, status: "queued" } as const;
  const unknown = { kind: "unknown", reason: "list-too-long" } as const;
  const again = { kind: "postpone", trouble: "fate-unknown", delayMs: 0 } as const;
  for (const counts of [true, false]) {
    assertEquals(decideLookUp(found, begunAtMs, counts), {
      kind: "advance",
      sid,
      status: "queued",
    });
    assertEquals(decideLookUp(unknown, begunAtMs, counts), { ...again, backoff: true, begunAtMs });
  }
  assertEquals(decideLookUp({ kind: "absent" }, begunAtMs, false), null);
  assertEquals(decideLookUp({ kind: "absent" }, begunAtMs, true), {
    ...again,
    backoff: false,
    begunAtMs: null,
  });
});

Deno.test("decideSent() keeps what may have been sent apart from what certainly was not", () => {
  const begunAtMs = NOW_MS;
  const sent: SendOutcome = {
    kind: "sent",
    sid: `SM${"1".repeat(32)}`,
    status: "queued",
    segments: 1,
    errorCode: null,
  };
  const refused = { kind: "refused", httpStatus: 400, message: "bad number" } as const;
  const cases: [SendOutcome, Record<string, unknown>][] = [
    [sent, { kind: "advance", sid: sent.sid, status: "queued" }],
    [
      { ...refused, code: 21211, class: "destination" },
      { kind: "abandon", reason: "refused", detail: "bad number", errorCode: 21211 },
    ],
    [
      { ...refused, code: 20003, class: "credentials" },
      { kind: "postpone", trouble: "credentials", backoff: false, begunAtMs: null },
    ],
    [
      { kind: "unprocessed", reason: "rate", httpStatus: 429, code: 20429, retryAfterMs: 7_000 },
      { kind: "postpone", trouble: "rate", delayMs: 7_000, backoff: true, begunAtMs: null },
    ],
    [
      { kind: "unprocessed", reason: "connect", httpStatus: null, code: null },
      { kind: "postpone", trouble: "connect", delayMs: 0, backoff: true, begunAtMs: null },
    ],
    [
      { kind: "unknown", reason: "timeout", httpStatus: null, code: null },
      { kind: "postpone", trouble: "fate-unknown", delayMs: 0, backoff: false, begunAtMs },
    ],
  ];
  for (const [outcome, expected] of cases) {
    const verdict: Record<string, unknown> = { ...decideSent(outcome, begunAtMs) };
    if (!("delayMs" in expected)) delete verdict.delayMs;
    assertEquals(verdict, expected, outcome.kind);
  }
});

Deno.test("decideSent() keeps the code that comes with a 201", () => {
  const sid = `SM${"0".repeat(32)}`;
  const sent = { kind: "sent", sid, status: "failed", segments: 5, errorCode: 30044 } as const;
  assertEquals(decideSent(sent, 1), { kind: "advance", sid, status: "failed", errorCode: 30044 });
});
