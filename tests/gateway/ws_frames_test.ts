import { assert, assertEquals } from "@std/assert";
import {
  createFrameReader,
  encodeClientFrame,
  OPCODE,
  type WsEvent,
} from "../../src/gateway/ws_frames.ts";
import { seededRandom } from "../../src/system/random.ts";

/** A frame as a server writes it; `length` may lie. */
function serverFrame(first: number, payload: Uint8Array, length = BigInt(payload.length)) {
  const head = length <= 125n
    ? [Number(length)]
    : length < 65_536n
    ? [126, Number(length >> 8n), Number(length & 255n)]
    : [127, ...Array.from({ length: 8 }, (_, i) => Number((length >> BigInt(56 - 8 * i)) & 255n))];
  return new Uint8Array([first, ...head, ...payload]);
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const hex = (text: string) => new Uint8Array(text.split(" ").map((byte) => parseInt(byte, 16)));
const read = (bytes: Uint8Array, most = 1_000) => createFrameReader(most).read(bytes);

Deno.test("createFrameReader() reads the examples of RFC 6455, 5.7", () => {
  assertEquals(read(hex("81 05 48 65 6c 6c 6f")), [{ kind: "text", text: "Hello" }]);
  assertEquals(read(hex("01 03 48 65 6c 80 02 6c 6f")), [{ kind: "text", text: "Hello" }]);
  assertEquals(read(hex("89 05 48 65 6c 6c 6f")), [{ kind: "ping", payload: utf8("Hello") }]);
  assertEquals(read(hex("8a 05 48 65 6c 6c 6f")), []);
  assertEquals(read(hex("88 02 03 e8")), [{ kind: "close", code: 1000 }]);
  assertEquals(read(hex("88 00")), [{ kind: "close", code: 1005 }]);
});

Deno.test("encodeClientFrame() writes the example of RFC 6455, 5.7, and each form of length", () => {
  const mask = hex("37 fa 21 3d");
  const frame = encodeClientFrame(OPCODE.text, utf8("Hello"), mask);
  assertEquals(frame, hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
  for (const length of [0, 125, 126, 65_535, 65_536, 200_000]) {
    const payload = new Uint8Array(length).map((_, i) => i);
    const written = encodeClientFrame(OPCODE.text, payload, mask);
    const start = length <= 125 ? 2 : length < 65_536 ? 4 : 10;
    assertEquals(written[1]! & 0x7f, start === 2 ? length : start === 4 ? 126 : 127);
    assertEquals(written.slice(start, start + 4), mask);
    assertEquals(written.slice(start + 4).map((byte, i) => byte ^ mask[i & 3]!), payload);
  }
});

Deno.test("createFrameReader() says what is against the protocol, and nothing after it", () => {
  const faults: [string, number][] = [
    ["c1 00", 1002], // reserved bit
    ["81 80", 1002], // masked
    ["83 00", 1002], // unknown opcode
    ["8b 00", 1002], // unknown control opcode
    ["09 00", 1002], // control in fragments
    ["89 7e 00 7e", 1002], // control too long
    ["80 00", 1002], // goes on with nothing
    ["01 00 81 00", 1002], // a new message within one
    ["88 01 03", 1002], // half a code
    ["82 00", 1003], // binary
    ["81 01 ff", 1007], // no UTF-8
    ["01 02 e4 b8 80 00", 1007], // UTF-8 cut at the end
  ];
  for (const [bytes, code] of faults) {
    assertEquals(read(hex(`${bytes} 81 01 41`)), [{ kind: "fault", code } as WsEvent], bytes);
  }
});

Deno.test("createFrameReader() ends a message at its limit, by the head that goes beyond it", () => {
  const whole = serverFrame(0x81, new Uint8Array(1_000));
  assertEquals(read(whole).map(({ kind }) => kind), ["text"]);
  const beyond: WsEvent[] = [{ kind: "fault", code: 1009 }];
  assertEquals(read(serverFrame(0x81, new Uint8Array(0), 1_001n)), beyond);
  assertEquals(read(serverFrame(0x81, new Uint8Array(0), 2n ** 63n)), beyond);
  const reader = createFrameReader(1_000);
  const part = new Uint8Array(100).fill(65);
  let events = reader.read(serverFrame(0x01, part));
  let parts = 1;
  for (; events.length === 0 && parts < 100; parts++) {
    events = reader.read(serverFrame(0x00, part));
  }
  assertEquals([events, parts], [beyond, 11]);
});

Deno.test("createFrameReader() gives the same events however the bytes are cut", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const texts: string[] = [];
    const bytes: number[] = [];
    for (let i = 0; i < 1 + random.below(4); i++) {
      const text = "aé中😀".repeat(random.below(60));
      texts.push(text);
      let rest = utf8(text);
      for (let first = true;; first = false) {
        const take = random.below(3) === 0 ? rest.length : random.below(rest.length + 1);
        const last = take === rest.length;
        bytes.push(...serverFrame((last ? 0x80 : 0) | (first ? 1 : 0), rest.subarray(0, take)));
        rest = rest.subarray(take);
        if (random.below(4) === 0) bytes.push(...serverFrame(0x89, utf8("p")));
        if (last) break;
      }
    }
    const reader = createFrameReader(10_000);
    const heard: string[] = [];
    const all = new Uint8Array(bytes);
    for (let at = 0; at < all.length;) {
      const piece = all.subarray(at, at + 1 + random.below(50));
      at += piece.length;
      for (const event of reader.read(piece)) {
        assert(event.kind === "text" || event.kind === "ping", `seed ${seed}`);
        if (event.kind === "text") heard.push(event.text);
      }
    }
    assertEquals(heard, texts, `seed ${seed}`);
  }
});

Deno.test("createFrameReader() decodes large texts as they come, whatever is cut where", () => {
  const text = `\ufeffa${"é日🙂".repeat(40_000)}`;
  const bytes = utf8(text);
  const reader = createFrameReader(bytes.length);
  const events: WsEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const fragment = bytes.slice(at, at + 50_001);
    const first = (at === 0 ? 1 : 0) + (at + fragment.length === bytes.length ? 0x80 : 0);
    events.push(...reader.read(serverFrame(first, fragment)));
    events.push(...reader.read(serverFrame(0x89, utf8("p"))));
    at += fragment.length;
  }
  assertEquals(events.filter(({ kind }) => kind === "text"), [{ kind: "text", text }]);
  assertEquals(reader.read(serverFrame(0x81, utf8("next"))), [{ kind: "text", text: "next" }]);
});

Deno.test("createFrameReader() hears of bytes that are no text before a message ends", () => {
  const reader = createFrameReader(1_000_000);
  const events = reader.read(serverFrame(1, new Uint8Array(200_000).fill(0xff)));
  assertEquals(events, [{ kind: "fault", code: 1007 }]);
  assertEquals(reader.read(serverFrame(0x81, utf8("later"))), []);
});
