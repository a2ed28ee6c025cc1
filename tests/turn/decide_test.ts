import { assertEquals } from "@std/assert";
import type { AccountSettings } from "../../src/config/settings.ts";
import type { TurnOutcome } from "../../src/gateway/turn.ts";
import type { OutboxRow } from "../../src/store/outbox_row.ts";
import type { InboxRow } from "../../src/store/inbox_row.ts";
import { decideOutcome, decideText, type TextFacts } from "../../src/turn/decide.ts";
import { ANN } from "../bridge/kit.ts";
import { inboxRow } from "../store/inbox_rows.ts";

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const ACCOUNT = { id: "default" } as AccountSettings;
const ROW = inboxRow({ id: 1, from: ANN, receivedAtMs: NOW_MS });
const LET_IN: TextFacts = { account: ACCOUNT, access: "allow", optedOut: false };
const begun = { bootId: "boot-1", atMs: NOW_MS };

Deno.test("decideText() gives each text one verdict", () => {
  const cases: [string, Partial<InboxRow>, Partial<TextFacts>, string][] = [
    ["a text of somebody let in", {}, {}, "run"],
    ["an account that has gone", {}, { account: undefined, access: null }, "give-up no-account"],
    ["a stranger", {}, { access: "pair", optedOut: null }, "finish refused"],
    ["somebody refused", {}, { access: "refuse", optedOut: null }, "finish refused"],
    ["somebody who said STOP", {}, { optedOut: true }, "finish opted-out"],
    ["nothing at all", { text: "" }, {}, "finish empty"],
    ["no words, but a file without an address", { text: "", mediaMissing: 1 }, {}, "run"],
    ["a text that waited a day", { receivedAtMs: NOW_MS - DAY_MS - 1 }, {}, "give-up too-old"],
    ["a turn begun a day ago", { receivedAtMs: NOW_MS - 2 * DAY_MS, started: begun }, {}, "run"],
  ];
  for (const [name, row, facts, expected] of cases) {
    const verdict = decideText({ ...ROW, ...row }, { ...LET_IN, ...facts }, NOW_MS);
    const said = verdict.kind === "finish"
      ? `finish ${verdict.outcome}`
      : verdict.kind === "give-up"
      ? `give-up ${verdict.reason}`
      : verdict.kind;
    assertEquals(said, expected, name);
  }
});

Deno.test("decideOutcome() gives each end of a turn one verdict", () => {
  const reply = { id: 2 } as OutboxRow;
  const notice = (sentence: string) => ({ id: 3, detail: sentence }) as unknown as OutboxRow;
  const answered: TurnOutcome = { kind: "reply", payloads: [] };
  const failed: TurnOutcome = { kind: "failed", detail: "HTTP 500", sentence: "Sorry." };
  const later: TurnOutcome = { kind: "later", afterMs: 500, reason: "no link" };
  const uncertain: TurnOutcome = { kind: "uncertain", reason: "gone" };
  const facts = { reply: null, notice, stopping: false };

  assertEquals(decideOutcome(ROW, answered, { ...facts, reply }), {
    kind: "finish",
    outcome: "answered",
    reply,
  });
  assertEquals(decideOutcome(ROW, answered, facts), {
    kind: "finish",
    outcome: "silent",
    reply: null,
  });
  assertEquals(decideOutcome(ROW, failed, facts), {
    kind: "finish",
    outcome: "failed",
    reply: notice("Sorry."),
  });
  assertEquals(decideOutcome(ROW, later, facts), {
    kind: "rewrite",
    row: { ...ROW, attempts: 1 },
    waitMs: 500,
  });
  const given = decideOutcome(ROW, uncertain, facts);
  assertEquals(given.kind === "give-up" && [given.reason, given.detail], ["uncertain", "gone"]);
  for (const open of [later, uncertain]) {
    assertEquals(decideOutcome(ROW, open, { ...facts, stopping: true }), { kind: "leave" });
  }
});
