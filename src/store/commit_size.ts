/**
 * How large a change is, in words, where a store has refused it for that. The limits of Deno KV are the same
 * for its file and for an engine on another machine.
 *
 * @module
 */
import { nodePart } from "../system/node_part.ts";
import type { Change } from "./kv.ts";

const VALUE_BYTES_MAX = 65_536;
const COMMIT_BYTES_MAX = 800 * 1_024;
const WRITES_MAX = 1_000;

/** Says which row of a change is too large, or how large all of it is; null when no limit is passed. */
export function passedLimit(
  { set = [], overwrite = [], delete: gone = [] }: Change,
): string | null {
  const sizes = [...set, ...overwrite].map(({ key, value }) => ({
    kind: String(key[0]),
    bytes: nodePart("node:v8").serialize(value).length,
  }));
  const large = sizes.find(({ bytes }) => bytes > VALUE_BYTES_MAX);
  const sum = sizes.reduce((total, { bytes }) => total + bytes, 0);
  if (large !== undefined) {
    return `a row of \`${large.kind}\` has ${large.bytes} bytes, and it takes ${VALUE_BYTES_MAX}`;
  }
  const writes = sizes.length + gone.length;
  return writes <= WRITES_MAX && sum <= COMMIT_BYTES_MAX
    ? null
    : `a commit has ${writes} rows of ${sum} bytes in all, and it takes ${WRITES_MAX} of ${COMMIT_BYTES_MAX}`;
}
