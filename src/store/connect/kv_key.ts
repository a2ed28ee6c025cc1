/**
 * Keys as bytes, in the order that Deno KV gives them.
 *
 * @module
 */
import type { Key } from "../kv.ts";

const TEXT = 0x02;
const NUMBER = 0x21;
const utf8 = new TextEncoder();

/** A number whose bytes sort as the number does: the sign turned round, and all else of a negative one. */
function numberBytes(number: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, number);
  const negative = bytes[0]! >= 0x80;
  return [...bytes].map((byte, i) => negative ? byte ^ 0xff : i === 0 ? byte ^ 0x80 : byte);
}

function numberFrom(bytes: Uint8Array): number {
  const negative = bytes[0]! < 0x80;
  const plain = bytes.map((byte, i) => negative ? byte ^ 0xff : i === 0 ? byte ^ 0x80 : byte);
  return new DataView(plain.buffer).getFloat64(0);
}

/** A key as the engine has it. */
export function encodeKey(key: Key): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const part of key) {
    if (typeof part === "number") bytes.push(NUMBER, ...numberBytes(part));
    else {
      bytes.push(TEXT);
      for (const byte of utf8.encode(part)) byte === 0 ? bytes.push(0, 0xff) : bytes.push(byte);
      bytes.push(0);
    }
  }
  return Uint8Array.from(bytes);
}

/** The key of bytes; null when it has a part that the bridge never writes. */
export function decodeKey(bytes: Uint8Array): Key | null {
  const key: (string | number)[] = [];
  for (let at = 0; at < bytes.length;) {
    const kind = bytes[at++];
    if (kind === NUMBER && at + 8 <= bytes.length) {
      key.push(numberFrom(bytes.slice(at, at += 8)));
    } else if (kind === TEXT) {
      const text: number[] = [];
      for (; bytes[at] !== 0 || bytes[at + 1] === 0xff; at++) {
        if (at >= bytes.length) return null;
        text.push(bytes[at]!);
        if (bytes[at] === 0) at++;
      }
      at++;
      key.push(new TextDecoder().decode(Uint8Array.from(text)));
    } else return null;
  }
  return key;
}
