import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { SCHEMA_VERSION } from "../../src/store/kv.ts";
import { readExported } from "../../src/operations/queue_row.ts";

const TIME_MS = Date.UTC(2026, 10, 29);
const TEXT = {
  id: TIME_MS * 1_000,
  account: "default",
  accountSid: `AC${"0".repeat(32)}`,
  messageSid: `SM${"0".repeat(32)}`,
  from: "+12025550147",
  to: "+12025550123",
  text: "hello\nthere",
  media: [],
  mediaMissing: 0,
  receivedAtMs: TIME_MS,
  recovered: false,
  started: null,
  attempts: 0,
  noticed: false,
};
const MESSAGE = {
  id: TIME_MS * 1_000 + 1,
  account: "default",
  to: "+12025550147",
  kind: "sent",
  inReplyTo: null,
  chunks: [{ body: "hello", segments: 1, mediaUrls: [] }],
  sids: [],
  begunAtMs: null,
  attempts: 0,
  notBeforeMs: 0,
  createdAtMs: TIME_MS,
};

const read = (queue: string, row: unknown) => readExported(JSON.stringify({ queue, row }), TIME_MS);

Deno.test("readExported() takes rows as the bridge writes them", () => {
  assert(typeof read("inbox", TEXT) !== "string");
  assert(typeof read("outbox", MESSAGE) !== "string");
});

Deno.test("readExported() refuses a row that another release wrote, whose shape it cannot know", () => {
  for (const schema of [SCHEMA_VERSION + 1, "1", null]) {
    const said = readExported(JSON.stringify({ schema, queue: "inbox", row: TEXT }), TIME_MS);
    assertStringIncludes(String(said), `"schema" must be ${SCHEMA_VERSION}`);
  }
});

Deno.test("readExported() refuses what would stall, outlast or outspend the bridge, by its name", () => {
  const chunk = MESSAGE.chunks[0]!;
  const hostile: readonly (readonly [string, string, Record<string, unknown>])[] = [
    ["inbox", "mediaMissing", { mediaMissing: 1_000_000_000 }],
    ["inbox", "account", { account: "a\u001b[31m" }],
    ["inbox", "id", { id: Number.MAX_SAFE_INTEGER }],
    ["inbox", "receivedAtMs", { receivedAtMs: 1e300 }],
    ["inbox", "messageSid", { messageSid: "SM\n1" }],
    ["inbox", "receivedAtMs", { receivedAtMs: Date.UTC(2090, 0) }],
    ["inbox", "started", { started: { bootId: "x", atMs: Date.UTC(2090, 0) } }],
    ["inbox", "text", { text: "x".repeat(100_000) }],
    ["inbox", "held", { held: { texts: 1, missed: 9e15 } }],
    ["outbox", "notBeforeMs", { notBeforeMs: 1e300 }],
    ["outbox", "notBeforeMs", { notBeforeMs: Date.UTC(2090, 0) }],
    ["outbox", "begunAtMs", { begunAtMs: Date.UTC(2090, 0) }],
    ["outbox", "createdAtMs", { createdAtMs: Date.UTC(2090, 0) }],
    ["outbox", "sids", { sids: [`SM${"0".repeat(32)}`] }],
    ["outbox", "chunks", { chunks: [] }],
    ["outbox", "chunks", { chunks: [{ ...chunk, segments: 1_000_000 }] }],
    ["outbox", "chunks", { chunks: [{ ...chunk, body: "x".repeat(1_601), segments: 11 }] }],
    ["outbox", "chunks", { chunks: Array(50).fill({ ...chunk, segments: 0 }) }],
    ["outbox", "chunks", { chunks: Array(1_000).fill(chunk) }],
    ["outbox", "chunks", { chunks: [{ ...chunk, body: "x".repeat(1_600) }] }],
    ["outbox", "chunks", { chunks: [{ ...chunk, mediaUrls: Array(11).fill("https://a") }] }],
  ];
  for (const [queue, name, change] of hostile) {
    const said = read(queue, { ...(queue === "inbox" ? TEXT : MESSAGE), ...change });
    assert(typeof said === "string", `${name} is refused`);
    assertStringIncludes(said, `"${name}"`);
  }
  const dead = { id: TEXT.id, from: "outbox", account: "default", phone: null, messageSid: null };
  const row = { ...MESSAGE, chunks: [{ ...chunk, segments: 0 }] };
  const said = read("dead", { ...dead, reason: "x", detail: "", atMs: TIME_MS, row });
  assertEquals(typeof said, "string");
  const code = { reason: "x", detail: "", atMs: TIME_MS, errorCode: 12025550101 };
  assertEquals(typeof read("dead", { ...dead, ...code }), "string", "a number that is no code");
});
