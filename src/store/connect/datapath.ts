/**
 * The messages of KV Connect's data path, version 2 and 3:
 * https://github.com/denoland/denokv/blob/main/proto/schema/datapath.proto
 *
 * @module
 */
import { nodePart } from "../../system/node_part.ts";
import { decodeHex, encodeHex } from "@std/encoding/hex";
import type { Change, Entry, Range } from "../kv.ts";
import { decodeKey, encodeKey } from "./kv_key.ts";
import { allBytes, oneBytes, oneNumber, readMessage, writeMessage } from "./protobuf.ts";

const V8 = 1;
const SET = 1;
const DELETE = 2;

/** One range of keys in bytes, the end exclusive. */
export interface ByteRange {
  readonly start: Uint8Array<ArrayBuffer>;
  readonly end: Uint8Array<ArrayBuffer>;
  readonly limit: number;
  readonly reverse: boolean;
}

function followedBy(bytes: Uint8Array, last: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytes, last]);
}

/** The range of one key. */
export function rangeOfKey(key: readonly (string | number)[]): ByteRange {
  const start = encodeKey(key);
  return { start, end: followedBy(start, 0), limit: 1, reverse: false };
}

/** The range of a list, `limit` rows of it. */
export function rangeOfList<T>(
  { prefix, start, reverse = false }: Range<T>,
  limit: number,
): ByteRange {
  const head = encodeKey(prefix);
  return {
    start: start === undefined ? followedBy(head, 0) : encodeKey(start),
    end: followedBy(head, 0xff),
    limit,
    reverse,
  };
}

/** What remains of a range behind the last key that was read, in hexadecimal. */
export function rangeBehindBytes(range: ByteRange, lastKey: string): ByteRange {
  const at = decodeHex(lastKey);
  return range.reverse ? { ...range, end: at } : { ...range, start: followedBy(at, 0) };
}

/** A request to read ranges. */
export function writeSnapshotRead(ranges: readonly ByteRange[]): Uint8Array<ArrayBuffer> {
  return writeMessage(ranges.map(({ start, end, limit, reverse }) => [
    1,
    writeMessage([[1, start], [2, end], [3, limit], [4, reverse]]),
  ]));
}

/** What one range gave. */
export interface ReadRange {
  readonly entries: readonly Entry<unknown>[];
  /** How many rows there were, with those that are nobody's here. */
  readonly count: number;
  /** In hexadecimal. */
  readonly lastKey: string;
}

/** A row as it was read; the bridge's own have keys of texts and numbers, and others are left out. */
function readEntry(bytes: Uint8Array<ArrayBuffer>): Entry<unknown>[] {
  const fields = readMessage(bytes);
  const key = decodeKey(oneBytes(fields, 1));
  if (key === null || oneNumber(fields, 3) !== V8) return [];
  const value: unknown = nodePart("node:v8").deserialize(oneBytes(fields, 2));
  return [{ key, value, versionstamp: encodeHex(oneBytes(fields, 4)) }];
}

function readRange(bytes: Uint8Array<ArrayBuffer>): ReadRange {
  const rows = allBytes(readMessage(bytes), 1);
  const last = rows.at(-1);
  return {
    entries: rows.flatMap(readEntry),
    count: rows.length,
    lastKey: last === undefined ? "" : encodeHex(oneBytes(readMessage(last), 1)),
  };
}

/** What came of a request to read, range for range; null when this server does not read strongly. */
export function readSnapshot(bytes: Uint8Array<ArrayBuffer>): ReadRange[] | null {
  const fields = readMessage(bytes);
  const disabled = oneNumber(fields, 2) !== 0 || oneNumber(fields, 8) > 1;
  const strong = oneNumber(fields, 4) !== 0;
  return disabled || !strong ? null : allBytes(fields, 1).map(readRange);
}

/** A request to change rows. */
export function writeAtomic(change: Change, nowMs: number): Uint8Array<ArrayBuffer> {
  const { check = [], set = [], delete: gone = [] } = change;
  return writeMessage([
    ...check.map(({ key, versionstamp }) => {
      const version = versionstamp === null ? new Uint8Array() : decodeHex(versionstamp);
      return [1, writeMessage([[1, encodeKey(key)], [2, version]])] as const;
    }),
    ...gone.map((key) => [2, writeMessage([[1, encodeKey(key)], [3, DELETE]])] as const),
    ...set.map(({ key, value, expireInMs }) => {
      const kept = writeMessage([[1, Uint8Array.from(nodePart("node:v8").serialize(value))], [
        2,
        V8,
      ]]);
      const expires = expireInMs === undefined
        ? []
        : [[4, Math.round(nowMs + Math.max(1, expireInMs))] as const];
      return [2, writeMessage([[1, encodeKey(key)], [2, kept], [3, SET], ...expires])] as const;
    }),
  ]);
}

/** What came of a request to change: the version of its rows, or why not. */
export function readAtomic(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly versionstamp: string } | "checked" | "disabled" {
  const fields = readMessage(bytes);
  switch (oneNumber(fields, 1)) {
    case 1:
      return { versionstamp: encodeHex(oneBytes(fields, 2)) };
    case 2:
      return "checked";
    default:
      return "disabled";
  }
}

/** A request to watch rows. */
export function writeWatch(
  keys: readonly (readonly (string | number)[])[],
): Uint8Array<ArrayBuffer> {
  return writeMessage(keys.map((key) => [1, writeMessage([[1, encodeKey(key)]])]));
}

/** Whether a message says that rows changed; else this server does not watch. */
export function readWatch(bytes: Uint8Array<ArrayBuffer>): boolean {
  return oneNumber(readMessage(bytes), 1) === 1;
}
