import { assert, assertEquals } from "@std/assert";
import { endOfRun, partsOf } from "../../src/gateway/reply.ts";
import { isFault, spoken } from "../../src/gateway/silence.ts";
import { readRecord } from "../../src/gateway/turn_record.ts";
import { readRow } from "../../src/gateway/transcript.ts";
import { unaskedReplies } from "../../src/gateway/unasked.ts";

const KEY = `SM${"0123456789abcdef".repeat(2)}`;
const AFTER_TOOLS =
  "The tool run finished, but no final summary was produced. I did not repeat any completed actions.";

Deno.test("spoken() gives nothing of a silence, however a model writes it", () => {
  for (
    const text of [
      "NO_REPLY",
      "no_reply",
      "NO_REPLY\n\nAnd nothing was asked.",
      "HEARTBEAT_OK\n\nIs all well? Yes.",
      " **NO_REPLY** ",
      '"NO_REPLY"',
      "`NO_REPLY`.",
      '{"action":"NO_REPLY"}',
      "NO_REPLY NO_REPLY",
      "HEARTBEAT_OK",
      "ANNOUNCE_SKIP",
      "REPLY_SKIP",
      "All is well. HEARTBEAT_OK",
      "Nothing to add.\n\nNO_REPLY",
      "HEARTBEAT_OK\nAll is well.",
      AFTER_TOOLS,
    ]
  ) assertEquals(spoken(text), "", text);
});

Deno.test("spoken() leaves a text that only speaks of such words, and what is long beside one", () => {
  for (
    const text of [
      "hello",
      "NO_REPLY means that nothing is sent.",
      "The word HEARTBEAT_OK stands in the middle here.",
      "SNO_REPLY",
      "HEARTBEAT_OK is what it says when all is well.",
      "HEARTBEAT_OK, NO_REPLY and ANNOUNCE_SKIP are words for silence.",
      "`HEARTBEAT_OK` tells the Gateway that all is well.",
      "",
      "  indented",
    ]
  ) assertEquals(spoken(text), text);
  const report = "A long report. ".repeat(30).trim();
  assertEquals(spoken(`${report}\nNO_REPLY`), report);
});

Deno.test("isFault() knows the Gateway's reports of failures from what a model says", () => {
  for (
    const text of [
      "⚠️ fake/fake-1 request failed.",
      "⚠️ fake/fake-1 request failed (authentication failed, HTTP 401).",
      "⚠️ API rate limit reached. Please try again later.",
      "⚠️ Agent couldn't generate a response. Please try again.",
      "LLM request timed out.",
    ]
  ) assertEquals(isFault(text), true, text);
  for (const text of ["⚠️ Storm at 5 pm", "The request failed.", "An LLM request is a call."]) {
    assertEquals(isFault(text), false, text);
  }
});

Deno.test("endOfRun() is silent when the model was, and tells a real failure by a sentence", () => {
  const silent = { kind: "reply", payloads: [] } as const;
  const payloads = [{ text: "⚠️ Agent couldn't generate a response.", isError: true }];
  const run = (more: object, meta: object) =>
    endOfRun({ status: "error", result: { payloads, meta }, ...more });
  const attempts = [{ reason: "format", code: "incomplete_result" }];
  assertEquals(run({}, { fallbackAttempts: attempts }), silent);
  assertEquals(run({}, { error: { kind: "incomplete_turn" } }), silent);
  assertEquals(run({}, { finalAssistantRawText: "NO_REPLY" }), silent);
  assertEquals(run({ terminalReply: { disposition: "silent" } }, {}), silent);
  assertEquals(run({ stopReason: "aborted" }, {}), silent);
  assertEquals(endOfRun({ status: "ok", result: { payloads: [{ text: AFTER_TOOLS }] } }), silent);
  assertEquals(run({}, {}).kind, "failed");
  const rated = [...attempts, { reason: "rate_limit", code: "http_429" }];
  assertEquals(run({}, { fallbackAttempts: rated }).kind, "failed");
});

Deno.test("endOfRun() never gives a fault to the phone, marked as an error or not", () => {
  const fault = "⚠️ fake/fake-1 request failed.";
  for (const status of ["ok", "error"]) {
    for (const more of [{}, { isError: true }]) {
      const end = endOfRun({ status, result: { payloads: [{ text: fault, ...more }] } });
      assertEquals(end.kind === "failed" && !end.sentence.includes("fake"), true, status);
    }
  }
});

Deno.test("partsOf() keeps the files of a silence", () => {
  assertEquals(partsOf("NO_REPLY\nMEDIA:./a.png"), [{ text: "", mediaUrls: ["./a.png"] }]);
  assertEquals(partsOf("NO_REPLY"), []);
});

Deno.test("what the Gateway writes once more after tools ends the turn, and is texted to nobody", () => {
  const mirror = {
    role: "assistant",
    provider: "openclaw",
    model: "delivery-mirror",
    stopReason: "stop",
    idempotencyKey: `${KEY}:settled-finalization-fallback`,
    content: [{ type: "text", text: "A text that was sent already." }],
  };
  const messages = [
    { role: "user", content: "hello", idempotencyKey: `${KEY}:user`, timestamp: 1 },
    { role: "assistant", stopReason: "toolUse", content: [], "__openclaw": { runId: KEY } },
    { role: "toolResult", content: [] },
    mirror,
  ];
  assertEquals(readRecord({ messages }, KEY, 0, 100), {
    kind: "ended",
    end: { kind: "reply", payloads: [] },
  });
  assertEquals(unaskedReplies(messages.map(readRow)), []);
  const { idempotencyKey: _, ...unkeyed } = mirror;
  assertEquals(unaskedReplies([unkeyed].map(readRow)), []);
});

Deno.test("spoken() and isFault() know further forms that models and Gateways write", () => {
  for (
    const text of [
      "<b>HEARTBEAT_OK</b>",
      "<final>NO_REPLY</final>",
      "**NO\\_REPLY**",
      "```text\nNO_REPLY\n```",
      '```json\n{"action":"NO_REPLY"}\n```',
      "&lt;NO_REPLY&gt;",
      "NO_REPLY: nothing to say",
      "NO_REPLY (nothing to do)",
      "NO_REPLY - nothing changed",
      "NO_REPLY because nothing changed",
      "HEARTBEAT_OK All is well.",
      "HEARTBEAT_OK. All is well.",
      "HEARTBEAT_OK, all is well",
      "**HEARTBEAT_OK** All is well.",
      "HEARTBEAT_OK✅ All is well.",
      "NO_REPLY. The user only said thanks.",
      "NO_REPLY, they said good night",
      "**NO_REPLY**: nothing to say",
      "NO_REPLY [[reply_to_current]]",
      "NO_REPLY<|im_end|>",
    ]
  ) assertEquals(spoken(text), "", text);
  const long = "word ".repeat(100).trim();
  for (
    const end of [
      "**NO_REPLY**",
      "\n```\nNO_REPLY\n```",
      "<b>NO_REPLY</b>",
      "NO_REPLY\nNO_REPLY",
      "\n[[reply_to:1]]NO_REPLY",
    ]
  ) {
    assertEquals(spoken(`${long} ${end}`), long, end);
  }
  for (
    const text of [
      "⚠️ 🛠️ Exec failed: /home/ann/secret",
      "⚠️ 🛠️ `rm x` failed (exit 1)",
      "⚠️ Exec failed.",
      "⚠️ 📖 Read: /etc/shadow failed",
      "⚠️ Web Fetch timed out after 30s.",
      "⚠️ Something went wrong while processing your request. Please try again, or use /new.",
      "The AI service is temporarily overloaded. Please try again in a moment.",
      "Request timed out before a response was generated. Please try again, or increase `agents.defaults.timeoutSeconds` in your config.",
      "HTTP 401: invalid api key sk-1",
      '401 {"type":"error"}',
      '{"error":{"message":"insufficient_quota"}}',
    ]
  ) assert(isFault(text), text);
  for (
    const text of [
      "HTTP 404 means that a page is not there.",
      "⚠️ Careful: the stove failed its test.",
      "⚠️ 💾 Backup failed at 3:00, the disk is full",
      "⚠️ 🔒 Your card was blocked",
      "❌ CI/CD failed on main",
      "⚠️ build/test failed",
      "⚠️ 📈 Your order timed out.",
      "LLM error rates fell",
      '{"errors":0}',
      "401 Main Street",
      "Context matters.",
    ]
  ) assert(!isFault(text), text);
});

Deno.test("spoken() and isFault() come to an end with long texts of signs and tags", () => {
  for (
    const text of [
      "-".repeat(1e6),
      "<b>".repeat(3e5),
      "```json ".repeat(1e5),
      " -".repeat(5e5),
      "[[a]]".repeat(1e5),
      "[[_]]".repeat(1e3),
      "<|_|>".repeat(1e3),
      'NO_REPLY"action:'.repeat(1e3),
    ]
  ) {
    assertEquals(spoken(`${text}x`), `${text}x`);
  }
  assert(!isFault("⚠️ " + "<http://".repeat(1e5)));
});
