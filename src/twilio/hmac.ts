/**
 * HMAC (RFC 2104) with keys that serve many times.
 *
 * The first block of both hashes depends on the key alone, so it is hashed once (RFC 2104, section 4):
 * half the time of `createHmac`, which begins anew with each message, and on older runtimes writes a
 * warning into the log. `crypto.subtle` answers later only, and takes longer still.
 *
 * @module
 */
import type { Hash } from "node:crypto";
import { nodePart } from "../system/node_part.ts";

/** The hashes it can be built on; both have blocks of 64 bytes. */
export type HmacHash = "sha1" | "sha256";

/** Gives the code of a text (as UTF-8) under one key: 20 bytes by SHA-1, 32 by SHA-256. */
export type Hmac = (text: string) => Uint8Array;

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

function keyBytes(hash: HmacHash, key: string): Uint8Array {
  const bytes = new TextEncoder().encode(key);
  return bytes.byteLength > BLOCK_BYTES
    ? nodePart("node:crypto").createHash(hash).update(bytes).digest()
    : bytes;
}

/** A hash that has taken in the key, filled up with zeros to a block, with each byte changed by `pad`. */
function begun(hash: HmacHash, key: Uint8Array, pad: number): Hash {
  const block = new Uint8Array(BLOCK_BYTES).fill(pad);
  for (let i = 0; i < key.byteLength; i++) block[i] = key[i]! ^ pad;
  return nodePart("node:crypto").createHash(hash).update(block);
}

/** Prepares a key (as UTF-8) of any length. */
export function prepareHmac(hash: HmacHash, key: string): Hmac {
  const bytes = keyBytes(hash, key);
  const inner = begun(hash, bytes, INNER_PAD);
  const outer = begun(hash, bytes, OUTER_PAD);
  return (text) => outer.copy().update(inner.copy().update(text, "utf8").digest()).digest();
}
