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

function isEarlier(version: unknown, newest: number): version is number {
  return Number.isInteger(version) && Number(version) >= 1 && Number(version) < newest;
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
    if (found !== null && !isEarlier(version, newest)) return String(version);
    let next = newest;
    if (isEarlier(version, newest)) {
      await migrations[version - 1]!(store);
      next = version + 1;
    }
    // When another process was faster, the next look sees what it has done.
    await store.commit({
      check: [{ key: SCHEMA_KEY, versionstamp: found?.versionstamp ?? null }],
      set: [{ key: SCHEMA_KEY, value: next }],
    });
  }
}
