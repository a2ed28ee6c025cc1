/**
 * Removing a row: SQLite keeps the bytes of what it deletes, so they are written over first.
 *
 * @module
 */
import type { Change, Entry } from "./kv.ts";

const LATIN_1 = /^[\0-\xff]*$/;

/** A value of the same size without a word of it. */
function blank(value: unknown): unknown {
  if (typeof value === "string") {
    return (LATIN_1.test(value) ? " " : "\u3000").repeat(value.length);
  }
  if (Array.isArray(value)) return value.map(blank);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, blank(of)]));
}

/** The part of a change that removes rows. */
export function removalOf(
  ...entries: readonly Entry<unknown>[]
): Required<Pick<Change, "overwrite" | "delete">> {
  return {
    overwrite: entries.map(({ key, value }) => ({ key, value: blank(value) })),
    delete: entries.map(({ key }) => key),
  };
}
