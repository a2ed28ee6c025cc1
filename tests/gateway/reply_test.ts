import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { endOfRun } from "../../src/gateway/reply.ts";

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
