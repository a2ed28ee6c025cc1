import { assertEquals } from "@std/assert";
import { readRow } from "../../src/gateway/transcript.ts";
import { unaskedReplies } from "../../src/gateway/unasked.ts";

const SID = `SM${"a".repeat(32)}`;
const OTHER = "feb3c3ae-29b7-46cf-b9d5-493bae8effd3";
const INTERRUPTED = "[System] Your previous turn was interrupted by a gateway restart. Go on.";

let ids = 0;

function user(text: string, run?: string) {
  const key = run === undefined ? {} : { idempotencyKey: `${run}:user` };
  return { role: "user", content: text, ...key, "__openclaw": { id: String(++ids) } };
}

function reply(text: string, runId: string) {
  const content = [{ type: "text", text }];
  const origin = { id: String(++ids), runId };
  return { role: "assistant", content, stopReason: "stop", "__openclaw": origin };
}

function prompt(text: string, run: string, kind: string) {
  return { ...user(text, run), role: "assistant", provenance: { kind } };
}

function unasked(...rows: unknown[]): (readonly [string, string | null])[] {
  return unaskedReplies(rows.map(readRow)).map(({ row, answers }) => [row.text, answers]);
}

Deno.test("unaskedReplies() leaves out what somebody typed in another client, under whatever run it is answered", () => {
  assertEquals(unasked(user("typed", OTHER), reply("answer", OTHER)), []);
  assertEquals(unasked(user("typed", OTHER), reply("steered answer", "run-9")), []);
  assertEquals(
    unasked(user("typed", OTHER), user(INTERRUPTED), reply("recovered answer", "run-9")),
    [],
  );
});

Deno.test("unaskedReplies() finds what sub-agents, jobs and other sessions led to", () => {
  assertEquals(
    unasked(
      user("typed", OTHER),
      reply("found it", "announce:v1:agent:main:subagent:1:2"),
      reply("answer", OTHER),
    ),
    [["found it", null]],
  );
  assertEquals(
    unasked(prompt("do it", "p1", "internal_system"), reply("job done", "run-1")),
    [["job done", null]],
  );
  assertEquals(
    unasked(prompt("tell them", "p2", "inter_session"), reply("told", "p2")),
    [["told", null]],
  );
  assertEquals(unasked(user("typed", OTHER), reply("answer", OTHER), reply("good morning", "r")), [
    ["good morning", null],
  ]);
});

Deno.test("unaskedReplies() leaves out the second word after another session's message", () => {
  const message = [prompt("tell them", "p2", "inter_session"), reply("told", "p2")];
  assertEquals(unasked(...message, reply("I told them", "r")), [["told", null]]);
  const job = [prompt("do it", "p3", "internal_system"), reply("job done", "r1")];
  assertEquals(unasked(...message, ...job), [["told", null], ["job done", null]]);
  assertEquals(
    unasked(...message, ...job, user("hi", SID), reply("I told them", "r2"), reply("hello", SID)),
    [["told", null], ["job done", null], ["hello", SID]],
  );
  assertEquals(
    unasked(...message, reply("I told them", "r1"), reply("good morning", "r2")),
    [["told", null], ["good morning", null]],
  );
  assertEquals(
    unasked(...message, { ...reply("good morning", "r"), timestamp: 600_001 }),
    [["told", null], ["good morning", null]],
  );
  assertEquals(
    unasked(...message, reply("found it", "announce:v1:x")),
    [["told", null], ["found it", null]],
  );
});

Deno.test("unaskedReplies() leaves out what two sessions say to each other after a message", () => {
  const from = (source: string, run: string, atMs = 0) => [
    {
      ...prompt(`by ${run}`, run, "inter_session"),
      provenance: { kind: "inter_session", sourceSessionKey: source },
      timestamp: atMs,
    },
    { ...reply(`to ${run}`, run), timestamp: atMs },
  ];
  const talk = [...from("a", "p1"), ...from("a", "p2", 60_000), ...from("a", "p3", 120_000)];
  const told = (...runs: string[]) => runs.map((run) => [`to ${run}`, null] as const);
  assertEquals(unasked(...talk), told("p1"));
  assertEquals(unasked(...from("a", "p1"), ...from("b", "p2")), told("p1", "p2"));
  assertEquals(unasked(...from("a", "p1"), ...from("a", "p2", 120_001)), told("p1", "p2"));
  const announced = { ...reply("I told them", "r"), timestamp: 120_000 };
  assertEquals(unasked(...talk, announced, ...from("a", "p4", 120_000)), told("p1", "p4"));
});

Deno.test("unaskedReplies() knows a job in a session for one, though its prompt is bare", () => {
  const job = [user("[cron:job-1 daily] say hello"), reply("hello", "r")];
  const told = [prompt("tell them", "p", "inter_session"), reply("told", "p")];
  const found = unaskedReplies([...told, ...job, reply("I told them", "r2")].map(readRow));
  assertEquals(
    found.map(({ row: { text }, unprompted }) => [text, unprompted]),
    [["told", false], ["hello", false]],
  );
});

Deno.test("unaskedReplies() says which text a late or recovered reply answers", () => {
  assertEquals(unasked(user("hi", SID), reply("hello", SID)), [["hello", SID]]);
  assertEquals(unasked(user("hi", SID), reply("hello", `${SID}:3`)), [["hello", SID]]);
  assertEquals(
    unasked(user("hi", SID), user(INTERRUPTED), user(INTERRUPTED), reply("hello", "r")),
    [["hello", SID]],
  );
  // The text was answered before the restart: what was interrupted was something else.
  assertEquals(
    unasked(user("hi", SID), reply("hello", SID), user(INTERRUPTED), reply("and on", "r")),
    [["hello", SID], ["and on", null]],
  );
  // A job ends while a text waits for its own run.
  assertEquals(unasked(user("hi", SID), reply("good morning", "r")), [["good morning", null]]);
});

Deno.test("unaskedReplies() leaves out what is no reply and what says nothing", () => {
  const tool = { ...reply("let me look", "r"), stopReason: "toolUse" };
  const failed = { ...reply("The agent run failed", "r"), stopReason: "error" };
  const command = { ...reply("status", "r"), model: "gateway-injected" };
  const silent = ["HEARTBEAT_OK", "NO_REPLY", "**ANNOUNCE_SKIP**", " REPLY_SKIP.\n"];
  assertEquals(unasked(tool, failed, command, ...silent.map((text) => reply(text, "r"))), []);
  const written = (model: string) => ({ ...reply("written", "r"), provider: "openclaw", model });
  assertEquals(unasked(written("delivery-mirror"), written("session-catalog")), []);
  assertEquals(unasked(written("acp-runtime")), [["written", null]]);
});

Deno.test("unaskedReplies() knows a job by its prompt, though it is keyed as if somebody had typed it", () => {
  const job = user("[Mon 2026-11-23 05:17 UTC] [cron:job-1 daily] say hello", OTHER);
  assertEquals(unasked(job, reply("hello", OTHER)), [["hello", null]]);
});

Deno.test("unaskedReplies() tells what came of commands that an owner has allowed", () => {
  const followUp = (id: string) => {
    const run = `exec-approval-followup:${id}:nonce:1`;
    const provenance = { kind: "inter_session", sourceSessionKey: "agent:main:main" };
    return [{ ...user("An async command has completed.", run), provenance }, reply(id, run)];
  };
  assertEquals(
    unasked(user("run it", SID), ...followUp("one"), ...followUp("two"), reply("a heartbeat", "r")),
    [["one", null], ["two", null], ["a heartbeat", null]],
  );
});

Deno.test("unaskedReplies() leaves out what a channel of the Gateway's own has answered", () => {
  assertEquals(unasked(user("by the plugin"), reply("its answer", "run-1")), []);
  const later = [
    user("by the plugin"),
    reply("its answer", "run-1"),
    reply("a heartbeat", "run-2"),
  ];
  assertEquals(unasked(...later), [["a heartbeat", null]]);
});

Deno.test("unaskedReplies() marks what nothing led to as a heartbeat", () => {
  const marked = (...rows: unknown[]) =>
    unaskedReplies(rows.map(readRow)).map(({ unprompted }) => unprompted);
  assertEquals(marked(user("hi", SID), reply("hello", SID), reply("a heartbeat", "run-2")), [
    false,
    true,
  ]);
  assertEquals(marked(prompt("do it", "run-3", "internal_system"), reply("done", "run-3")), [
    false,
  ]);
  assertEquals(marked(reply("found", "announce:v1:child:1")), [false]);
});

Deno.test("unaskedReplies() marks what the Gateway goes on with when nothing tells what it was", () => {
  const marked = (...rows: unknown[]) =>
    unaskedReplies(rows.map(readRow)).map(({ goneOn }) => goneOn);
  assertEquals(marked(user(INTERRUPTED), reply("nothing to go on with", "run-9")), [true]);
  const asked = [user("hi", SID), user(INTERRUPTED), reply("hello", "r")];
  assertEquals(marked(...asked), [false]);
  assertEquals(marked(user("hi", SID), reply("hello", SID), reply("beat", "r")), [false, false]);
});
