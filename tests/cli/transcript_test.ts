import { assertEquals, assertMatch } from "@std/assert";
import { followTranscript, transcriptEntry } from "../../src/cli/transcript.ts";
import type { ChunkView, MessageView } from "../../src/operations/message_view.ts";
import type { Operations } from "../../src/operations/operations.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { createTestContext } from "./test_context.ts";

const CHUNK: ChunkView = {
  sid: "SM1",
  status: "delivered",
  errorCode: null,
  meaning: "",
  advice: "",
  price: null,
  estimatedPrice: "0.0083 USD",
  atMs: 0,
};
const message = (more: Partial<MessageView> = {}): MessageView => ({
  id: "1",
  account: "default",
  direction: "in",
  number: "+12025550101",
  beganAtMs: 0,
  atMs: 4_000,
  status: "answered",
  detail: "",
  advice: "",
  trouble: null,
  segments: 0,
  chunks: [],
  ...more,
});
const SCREEN = { columns: 60, colour: false };

Deno.test("transcriptEntry() has their texts to the left and ours to the right, with what became of each", () => {
  const text = transcriptEntry(message({ body: "hello" }), SCREEN);
  assertMatch(text, /^hello\n\d\d-\d\d \d\d:\d\d +answered after 4s\n\n$/);
  const ours = { direction: "out", segments: 1, chunks: [CHUNK], status: "delivered" } as const;
  const lines = transcriptEntry(message({ ...ours, body: "hi there" }), SCREEN).split("\n");
  assertMatch(lines[0]!, /^ {10,}hi there$/);
  assertMatch(lines.slice(1).join(" "), /delivered, 1 SMS,.*1 segment, +~0\.0083 USD/);
  assertEquals(lines.every((line) => line.length <= 60), true);
});

Deno.test("transcriptEntry() says why a message failed, and runs no terminal's codes", () => {
  const failed = { ...CHUNK, errorCode: 30003, meaning: "the phone is off", advice: "Try later." };
  const ours = { direction: "out", chunks: [failed], status: "failed" } as const;
  const text = transcriptEntry(message({ ...ours, body: "a\u001b[31mb" }), SCREEN);
  assertMatch(text, /30003: the phone is off\. Try/);
  assertEquals(text.includes("\u001b"), false);
});

Deno.test("followTranscript() prints what is new and what has changed, once each, until it is interrupted", async () => {
  const clock = createSimClock();
  const stop = new AbortController();
  const context = createTestContext({ clock, signal: stop.signal });
  const first = message({ id: "1", body: "one" });
  const waits = message({ id: "2", status: "waiting", body: "two" });
  let messages = [waits, first];
  const operations = { ask: () => Promise.resolve({ messages }) } as unknown as Operations;
  const ended = followTranscript(context, operations, { with: "+12025550101" }, [first]);
  await clock.advance(3_000);
  messages = [{ ...waits, status: "answered" }, first];
  await clock.advance(3_000);
  stop.abort();
  assertEquals(await ended, null);
  assertEquals(context.out.match(/^one$/gm), null);
  assertEquals(context.out.match(/^two$/gm)?.length, 2);
});
