/**
 * What the fuzzer attacks: each target makes one case from a random source and checks what must hold.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { parseJson5, valueOf } from "../../src/config/json5/json5.ts";
import { decodeFrame } from "../../src/gateway/frames.ts";
import { createFrameReader, encodeClientFrame, OPCODE } from "../../src/gateway/ws_frames.ts";
import { isPhone, parsePhone } from "../../src/policy/phone.ts";
import { GATEWAY_RETRY_AFTER_MS_MAX } from "../../src/system/limits.ts";
import type { Random } from "../../src/system/random.ts";
import { renderReply } from "../../src/text/sms/render.ts";
import { countSegments } from "../../src/text/sms/segments.ts";
import { encodeForm, parseForm } from "../../src/twilio/form.ts";
import { interpretSend } from "../../src/twilio/response.ts";
import { signForm, verifySignature } from "../../src/twilio/signature.ts";

/** Makes a case and checks it; throws when something does not hold. */
export type Target = (random: Random) => void;

const PIECES = [
  ..."abc019 +-=&%;:,.'\"`*_#[](){}<>\\/|~!?\n\r\t\0\x1b\u00e9\u4e2d\u202e\ufeff\ud800",
  "👋🏽",
  "```",
  "https://example.com/?a=b",
  "%E0%A4",
  "+15557654321",
  "null",
  "$include",
  "__proto__",
  "1e999",
  "&amp;",
];

function below(random: Random, most: number): number {
  return Math.floor(random.fraction() * most);
}

/** One of several. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[below(random, from.length)]!;
}

/** A text of up to `most` pieces that parsers trip over. */
export function wild(random: Random, most = 40): string {
  const pieces = Array.from(
    { length: below(random, most) },
    () => PIECES[below(random, PIECES.length)]!,
  );
  return pieces.join("");
}

function json(random: Random, depth = 0): unknown {
  const kind = below(random, depth > 4 ? 4 : 6);
  if (kind === 0) return wild(random, 6);
  if (kind === 1) return (random.fraction() - 0.5) * 10 ** below(random, 16);
  if (kind === 2) return random.fraction() < 0.5;
  if (kind === 3) return null;
  const items = Array.from({ length: below(random, 4) }, () => json(random, depth + 1));
  return kind === 4
    ? items
    : Object.fromEntries(items.map((item, i) => [`${i}${wild(random, 3)}`, item]));
}

function pairsOf(random: Random): (readonly [string, string])[] {
  const whole = () => wild(random, 8).toWellFormed();
  return Array.from({ length: below(random, 8) }, () => [whole(), whole()] as const);
}

const HIDDEN = /[\p{Cc}\u202a-\u202e]|5557654321/u;

/** All targets by name. */
export const TARGETS: Readonly<Record<string, Target>> = {
  form(random) {
    const pairs = pairsOf(random);
    assertEquals(parseForm(encodeForm(pairs)), pairs);
    for (const [name, value] of parseForm(wild(random))) {
      assert(name.isWellFormed() && value.isWellFormed());
    }
  },
  signature(random) {
    const pairs = pairsOf(random);
    const publicUrl = "https://sms.example.com/webhooks/sms";
    const signature = signForm("token", publicUrl, pairs);
    const verdict = (of: typeof pairs, signed: string | null) =>
      verifySignature({
        authTokens: ["token"],
        signature: signed,
        publicUrl,
        content: { kind: "form", pairs: of },
      }).kind;
    assertEquals(verdict(pairs, signature), "valid");
    assert(verdict([...pairs, ["Zz", "1"]], signature) !== "valid");
    assert(verdict(pairs, wild(random)) !== "valid");
  },
  json5(random) {
    const value = json(random);
    const read = parseJson5(JSON.stringify(value));
    assert(read.kind === "node");
    assertEquals(JSON.stringify(valueOf(read.node)), JSON.stringify(value));
    const other = parseJson5(wild(random));
    if (other.kind === "fault") assert(other.at.line >= 1 && other.at.column >= 1);
  },
  phone(random) {
    const phone = parsePhone(wild(random, 12));
    if (phone === null) return;
    assert(isPhone(phone));
    assertEquals(parsePhone(phone), phone);
  },
  text(random) {
    const textChunkLimit = 70 + below(random, 1_500);
    // Mostly short ones: a million of them shall be played.
    const pieces = random.fraction() < 0.05 ? 400 : 40;
    const { chunks } = renderReply(wild(random, pieces), { textChunkLimit });
    assert(chunks.length <= 10);
    for (const { body, segments } of chunks) {
      assert(body.length <= 1_600 && body.isWellFormed());
      assertEquals(segments, countSegments(body).segments);
    }
  },
  frames(random) {
    const frame = decodeFrame(
      random.fraction() < 0.3 ? wild(random) : JSON.stringify({
        type: random.fraction() < 0.5 ? "res" : "event",
        id: json(random, 4),
        event: json(random, 4),
        ok: json(random, 4),
        payload: json(random),
        error: { code: wild(random, 4), retryAfterMs: json(random, 4), message: json(random) },
      }),
    );
    if (frame?.type !== "res" || frame.ok) return;
    assert((frame.error.retryAfterMs ?? 0) <= GATEWAY_RETRY_AFTER_MS_MAX);
    assert(!HIDDEN.test(frame.error.code));
  },
  websocket(random) {
    const most = 1 + below(random, 300);
    const text = wild(random, 60).toWellFormed();
    const bytes = new TextEncoder().encode(text);
    const whole = encodeClientFrame(OPCODE.text, bytes, new Uint8Array(4));
    const start = whole.length - bytes.length;
    // What a client writes under a mask of zeros is what a server writes, but for the mask and its bit.
    const frame = new Uint8Array([...whole.slice(0, start - 4), ...bytes]);
    frame[1]! &= 0x7f;
    const reader = createFrameReader(most);
    const junk = random.fraction() < 0.5;
    if (junk) {
      for (let i = 0; i < 3; i++) {
        frame[below(random, frame.length)] = below(random, 256);
      }
    }
    const events = [];
    for (let at = 0; at < frame.length;) {
      const piece = frame.subarray(at, at + 1 + below(random, 20));
      at += piece.length;
      events.push(...reader.read(piece));
    }
    for (const event of events) {
      if (event.kind === "text") {
        assert(new TextEncoder().encode(event.text).length <= most && event.text.isWellFormed());
      }
    }
    if (junk) return;
    assertEquals(events, [
      bytes.length <= most ? { kind: "text", text } : { kind: "fault", code: 1009 },
    ]);
  },
  twilio(random) {
    const status = 100 + below(random, 500);
    const body = random.fraction() < 0.3
      ? wild(random)
      : JSON.stringify({ code: json(random, 4), message: wild(random), sid: json(random, 4) });
    const outcome = interpretSend({ status, retryAfter: wild(random, 4), body }, 0);
    if (outcome.kind === "refused") assert(!HIDDEN.test(outcome.message), outcome.message);
    if (outcome.kind === "sent") assert(outcome.sid !== "");
  },
};
