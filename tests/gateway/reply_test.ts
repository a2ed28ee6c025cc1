import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { contentText, endOfRun, partsOf } from "../../src/gateway/reply.ts";

function end(payload: Record<string, unknown>, status = "ok") {
  return endOfRun({ status, result: { payloads: [payload] } });
}

Deno.test("endOfRun() tells the log no more of a failed run than its status", () => {
  const text = "401 bad key sk-proj-CANARYKEY0123 for +15557654321: my private words";
  const failed = end({ text, isError: true });
  assert(failed.kind === "failed");
  assertStringIncludes(failed.detail, "401");
  for (const canary of ["CANARY", "5557654321", "private", "key"]) {
    assert(!failed.detail.includes(canary), failed.detail);
  }
  const odd = end({ text: "\x1b[31mwords", isError: true }, "\x1b[31m hunter2");
  assert(odd.kind === "failed");
  assert(!/hunter2|words|\p{Cc}/u.test(odd.detail), odd.detail);
});

Deno.test("endOfRun() refuses a reply of more than a million characters with a sentence", () => {
  assertEquals(end({ text: "x".repeat(1_000_000) }).kind, "reply");
  const long = end({ text: "x".repeat(1_000_001) });
  assert(long.kind === "failed");
  assertStringIncludes(long.sentence, "too long to text");
});

Deno.test("endOfRun() texts nothing of what a model thinks or says to itself", () => {
  const said = { text: "Lisbon.", mediaUrls: [] };
  const payloads = [
    { text: "Reasoning:\n_The capital is asked for._", isReasoning: true },
    { text: "Let me look.", isCommentary: true },
    { text: "Lisbon." },
  ];
  assertEquals(endOfRun({ status: "ok", result: { payloads } }), {
    kind: "reply",
    payloads: [said],
  });
  assertEquals(endOfRun({ status: "ok", result: { payloads: payloads.slice(0, 2) } }), {
    kind: "reply",
    payloads: [],
  });
});

Deno.test("partsOf() leaves out the tags by which a model says what it answers", () => {
  const texts = [
    "[[reply_to_current]] It is done.",
    "[[ reply_to: abc-1 ]][[audio_as_voice]]\nIt is done.",
    "It is done. [[audio_as_voice]]\n",
  ];
  for (const text of texts) assertEquals(partsOf(text), [{ text: "It is done.", mediaUrls: [] }]);
  for (const text of ["See [[Page]] there", "`[[reply_to_current]]` begins a reply"]) {
    assertEquals(partsOf(text), [{ text, mediaUrls: [] }]);
  }
  assertEquals(partsOf("[[reply_to_current]]"), []);
  assertEquals(partsOf("[[reply_to_current]] HEARTBEAT_OK. All is well."), []);
});

Deno.test("contentText() leaves out what a model says to itself on the way to its answer", () => {
  const part = (text: string, phase: string) => ({
    type: "text",
    text,
    textSignature: JSON.stringify({ v: 1, id: "msg_1", phase }),
  });
  const content = [part("Let me look.", "commentary"), part("Lisbon.", "final_answer")];
  assertEquals(contentText(content), "Lisbon.");
  assertEquals(contentText(content.slice(0, 1)), "");
  assertEquals(
    contentText([
      { type: "output_text", text: "a", textSignature: "msg_1" },
      { type: "thinking", thinking: "b", text: "b" },
      { type: "text", text: "c" },
    ]),
    "a\nc",
  );
});

Deno.test("partsOf() leaves out the thoughts in front of an answer, also where only their end is marked", () => {
  for (
    const text of [
      "<think>The user asks for\n\nthe capital.</think>\n\nLisbon.",
      "Okay, the capital is asked for.\n</think>\n\nLisbon.",
      "<thinking>x</thinking>[[reply_to_current]] Lisbon.",
    ]
  ) assertEquals(partsOf(text), [{ text: "Lisbon.", mediaUrls: [] }]);
  for (
    const text of [
      "End it with `</think>`.",
      "```\na\n</think>\n```\nDone.",
      "See <think>x</think> there",
      "plan</think>",
    ]
  ) {
    assertEquals(partsOf(text), [{ text, mediaUrls: [] }]);
  }
});
