import { assert, assertEquals } from "@std/assert";
import { decodeFrame, encodeRequest } from "../../src/gateway/frames.ts";
import { seededRandom } from "../../src/system/random.ts";

Deno.test("decodeFrame() reads answers, faults and events", () => {
  assertEquals(decodeFrame('{"type":"res","id":"1","ok":true,"payload":{"a":1}}'), {
    type: "res",
    id: "1",
    ok: true,
    payload: { a: 1 },
  });
  assertEquals(
    decodeFrame(
      '{"type":"res","id":"2","ok":false,"error":{"code":"UNAVAILABLE","message":"m","retryable":true,"retryAfterMs":500}}',
    ),
    {
      type: "res",
      id: "2",
      ok: false,
      error: { code: "UNAVAILABLE", message: "m", retryable: true, retryAfterMs: 500, details: {} },
    },
  );
  assertEquals(decodeFrame('{"type":"event","event":"tick","seq":3}'), {
    type: "event",
    event: "tick",
    payload: {},
  });
});

Deno.test("decodeFrame() passes over what is no frame for a client", () => {
  const odd = [
    "",
    "null",
    "[]",
    "{}",
    '{"type":"req"}',
    '{"type":"res","id":1}',
    '{"type":"event"}',
  ];
  for (const text of odd) assertEquals(decodeFrame(text), null, text);
  assertEquals(decodeFrame(new Uint8Array(4)), null);
});

Deno.test("decodeFrame() never throws on garbage", () => {
  const random = seededRandom(7);
  const frame = encodeRequest("9", "agent", { message: "hé “x” \u0000" });
  for (let i = 0; i < 2_000; i++) {
    const at = random.below(frame.length);
    const text = frame.slice(0, at) + String.fromCharCode(random.below(0xffff)) +
      frame.slice(at + random.below(3));
    decodeFrame(text.slice(0, random.below(text.length + 1)));
  }
});

Deno.test("decodeFrame() lets no Gateway put off the bridge for longer than five minutes, nor chase it, nor name a code of its own", () => {
  const waits: [unknown, number | null][] = [[1e12, 5 * 60_000], [0, 500], [0.001, 500]];
  for (const [retryAfterMs, waitMs] of [...waits, [-1, null], ["1", null]] as typeof waits) {
    const error = { code: "\x1b[31m+15557654321", message: "busy", retryAfterMs };
    const frame = decodeFrame(JSON.stringify({ type: "res", id: "1", ok: false, error }));
    assert(frame?.type === "res" && !frame.ok);
    assertEquals([frame.error.code, frame.error.retryAfterMs], ["UNKNOWN", waitMs]);
  }
});
