import { assertEquals } from "@std/assert";
import { endOfRun, splitMedia } from "../../src/gateway/reply.ts";
import { readRecord } from "../../src/gateway/turn_record.ts";

const KEY = "SMaaaa";
const ABSENT = { kind: "absent", active: false, goneOn: null } as const;
const user = (key = KEY) => ({
  role: "user",
  content: "hello",
  idempotencyKey: `${key}:user`,
  timestamp: 5,
});
const reply = (runId: string, text = "hi", more = {}) => ({
  role: "assistant",
  content: [{ type: "text", text }],
  stopReason: "stop",
  timestamp: 6,
  __openclaw: { runId },
  ...more,
});
const interrupted = {
  role: "user",
  content: "[System] Your previous turn was interrupted by a gateway restart. Continue.",
};
const read = (messages: unknown[], more = {}) => readRecord({ messages, ...more }, KEY, 4, 100);

Deno.test("readRecord() finds the reply of the run with this key", () => {
  assertEquals(read([user("SMother"), reply("SMother", "no"), user(), reply(KEY, "yes")]), {
    kind: "ended",
    end: { kind: "reply", payloads: [{ text: "yes", mediaUrls: [] }] },
  });
});

Deno.test("readRecord() knows a text that never reached the session", () => {
  assertEquals(read([user("SMother"), reply("SMother")]), ABSENT);
  assertEquals(read([]), ABSENT);
});

Deno.test("readRecord() does not take a page that begins too late for a proof of absence", () => {
  const page = { messages: [{ ...reply("SMother"), timestamp: 9 }] };
  assertEquals(readRecord(page, KEY, 4, 1), { kind: "out-of-sight" });
  assertEquals(readRecord(page, KEY, 10, 1), ABSENT);
});

Deno.test("readRecord() keeps a turn open while its reply is not there", () => {
  assertEquals(read([user()], { inFlightRun: { runId: KEY } }), { kind: "open", active: true });
  assertEquals(read([user()]), { kind: "open", active: false });
  const working = reply(KEY, "let me look", { stopReason: "toolUse" });
  assertEquals(read([user(), working]), { kind: "open", active: false });
});

Deno.test("readRecord() recognises the answer of a run that the Gateway began by itself", () => {
  assertEquals(read([user(), interrupted]), { kind: "open", active: false });
  assertEquals(read([user(), interrupted, reply("random-id", "after all")]), {
    kind: "ended",
    end: { kind: "reply", payloads: [{ text: "after all", mediaUrls: [] }] },
  });
});

Deno.test("readRecord() does not take somebody else's answer for the recovered one", () => {
  const rows = [user(), interrupted, user("SMnext"), reply("SMnext", "not yours")];
  assertEquals(read(rows).kind, "open");
  const injected = reply("x", "notice", { model: "gateway-injected" });
  assertEquals(read([user(), interrupted, injected]).kind, "open");
});

Deno.test("readRecord() takes an error row for the end, without its text", () => {
  const error = { role: "assistant", content: "HTTP 500", idempotencyKey: `${KEY}:terminal-error` };
  const verdict = read([user(), error]);
  assertEquals(verdict.kind === "ended" && verdict.end.kind, "failed");
});

Deno.test("splitMedia() parts MEDIA lines from the text, but not those in code", () => {
  assertEquals(splitMedia("Pic\nMEDIA:./pic.png\nMEDIA: `/a b.png`"), {
    text: "Pic",
    mediaUrls: ["./pic.png", "/a b.png"],
  });
  const code = "```\nMEDIA:./pic.png\n```";
  assertEquals(splitMedia(code), { text: code, mediaUrls: [] });
});

Deno.test("endOfRun() gives payloads in order and keeps errors from the sender", () => {
  const run = (payloads: unknown[], status = "ok") => endOfRun({ status, result: { payloads } });
  assertEquals(
    run([{ text: "a", mediaUrl: null }, { text: "", mediaUrl: "/p.png" }, { text: " " }]),
    {
      kind: "reply",
      payloads: [{ text: "a", mediaUrls: [] }, { text: "", mediaUrls: ["/p.png"] }],
    },
  );
  assertEquals(run([]), { kind: "reply", payloads: [] });
  const failed = run([{ text: "⚠️ HTTP 500", isError: true }], "error");
  assertEquals(failed.kind === "failed" && failed.sentence.includes("HTTP"), false);
  assertEquals(run([{ text: "kept" }, { text: "⚠️", isError: true }]), {
    kind: "reply",
    payloads: [{ text: "kept", mediaUrls: [] }],
  });
});

Deno.test("readRecord() tells what the Gateway went on with while the text is not there", () => {
  const before = [user("SMother"), reply("SMother", "earlier")];
  const note = { ...interrupted, idempotencyKey: "random:user", timestamp: 7 };
  assertEquals(read([...before, note]), { ...ABSENT, goneOn: { atMs: 7, end: null } });
  const end = { kind: "reply", payloads: [{ text: "after all", mediaUrls: [] }] } as const;
  const goneOn = { ...ABSENT, goneOn: { atMs: 7, end } };
  assertEquals(read([...before, note, reply("random", "after all")]), goneOn);
  const twice = [...before, note, { ...note, idempotencyKey: "second:user" }];
  assertEquals(read([...twice, reply("second", "after all")]), goneOn);
  const old = { ...note, timestamp: 3 };
  assertEquals(read([...before, old, reply("random", "not yours")]), ABSENT);
  const others = [user("SMother"), note, reply("random", "not yours")];
  assertEquals(read(others), ABSENT);
});
