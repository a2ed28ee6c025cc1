/**
 * Schemas of the store: which one a file has, and the steps from each to the next.
 *
 * @module
 */

type Key = readonly (string | number)[];

/** What of a store tells and changes its schema. */
export interface Versioned {
  get<T>(key: Key): Promise<{ readonly value: T; readonly versionstamp: string } | null>;
  commit(change: {
    readonly check: readonly { readonly key: Key; readonly versionstamp: string | null }[];
    readonly set: readonly { readonly key: Key; readonly value: unknown }[];
  }): Promise<string | null>;
}

/**
 * Brings a store from one schema to the next. It may be cut off anywhere and is then run again from its
 * beginning, so rows that are converted already must pass through it unchanged.
 */
export type Migration<S> = (store: S) => Promise<void>;

/** The key under which a file says which schema it has. */
export const SCHEMA_KEY = ["schema"];

/** The schema that these steps lead to; schemas count from 1. */
export function schemaAfter(migrations: readonly Migration<never>[]): number {
  return migrations.length + 1;
}

/** A schema as a store has it; in an array while it is brought to the next, which older programs refuse. */
export type StoredSchema = number | readonly [number];

/** Which schema before the newest a store has, or is being brought from; null when it is none of these. */
export function earlierSchema(told: unknown, newest: number): number | null {
  const from = Array.isArray(told) && told.length === 1 ? told[0] : told;
  return Number.isInteger(from) && from >= 1 && from < newest ? from : null;
}

/**
 * Makes sure that a store has the newest schema: a new file gets it at once, an older one step by step,
 * each noted when it is complete. Returns null, or the schema of a file that these steps do not know:
 * then nothing is changed.
 */
export async function migrate<S extends Versioned>(
  store: S,
  migrations: readonly Migration<S>[],
): Promise<string | null> {
  const newest = schemaAfter(migrations);
  for (;;) {
    const found = await store.get<unknown>(SCHEMA_KEY);
    const version = found?.value;
    if (version === newest) return null;
    const from = earlierSchema(version, newest);
    if (found !== null && from === null) {
      return Array.isArray(version) ? `${version}, on its way to the next` : String(version);
    }
    let next: StoredSchema = newest;
    if (from !== null) {
      await migrations[from - 1]!(store);
      next = Array.isArray(version) && from + 1 < newest ? [from + 1] : from + 1;
    }
    // When another process was faster, the next look sees what it has done.
    await store.commit({
      check: [{ key: SCHEMA_KEY, versionstamp: found?.versionstamp ?? null }],
      set: [{ key: SCHEMA_KEY, value: next }],
    });
  }
}
