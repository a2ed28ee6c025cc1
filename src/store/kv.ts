/**
 * The store: Deno KV behind the few operations the bridge needs, so that a simulator can crash it.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";
import type { Random } from "../system/random.ts";
import {
  earlierSchema,
  migrate,
  type Migration,
  SCHEMA_KEY,
  schemaAfter,
  type StoredSchema,
} from "./migrations.ts";
import { errorText, Failure } from "../system/failure.ts";
import { nodePart } from "../system/node_part.ts";
import { emptyWriteLog } from "./write_log.ts";

/** A key: parts as Deno KV orders them. */
export type Key = readonly (string | number)[];

/** A key that knows the type of its row, which `get` then gives; one that names a single value, too. */
export type RowKey<Row> = Key & { readonly row?: Row };

/** A stored value with the version that a later {@linkcode Change} may check. */
export interface Entry<T> {
  readonly key: RowKey<T>;
  readonly value: T;
  readonly versionstamp: string;
}

/** A value to write; `expireInMs` lets the store forget the row by itself, a little late. */
export interface Write {
  readonly key: Key;
  readonly value: unknown;
  readonly expireInMs?: number;
}

/** One atomic step: all of it happens, or nothing does. */
export interface Change {
  /** The step happens only if each key still has this version (null: does not exist). */
  readonly check?: readonly { readonly key: Key; readonly versionstamp: string | null }[];
  readonly set?: readonly Write[];
  /** Written over rows that the same step deletes, see `removal.ts`; a store without a file may leave it. */
  readonly overwrite?: readonly Write[];
  readonly delete?: readonly Key[];
}

/** Which rows to list: those below `prefix`, in key order, from `start` (inclusive) on. */
export interface Range<T> {
  readonly prefix: RowKey<T>;
  readonly start?: Key;
  /** Rows at the most. */
  readonly limit?: number;
  /** Newest (greatest key) first. */
  readonly reverse?: boolean;
}

/** What is kept in memory of the rows below a prefix (see `follow.ts`). */
export interface View {
  readonly prefix: Key;
  /** The first row that matters; all when left out. */
  readonly start?: Key;
  /** Takes in what a row is since a version, null for gone; it may have heard of a later one already. */
  note(key: Key, versionstamp: string, row: unknown): void;
  /** Of these rows, which are gone, it will hear nothing older. */
  settle(gone: readonly Key[]): void;
}

/** A kind of view. */
export interface ViewKind<V extends View> {
  readonly name: string;
  /** Which of its kind, such as a month: the last that was asked for is kept. */
  readonly of?: string;
  make(): V;
}

/** What the bridge keeps on disk. */
export interface Store {
  get<T>(key: RowKey<T>): Promise<Entry<T> | null>;
  list<T>(range: Range<T>): AsyncIterable<Entry<T>>;
  /**
   * Carries out a change. When it resolves to the version that all rows of it now have, it is on disk; null
   * when a check did not hold, and nothing was done.
   *
   * @throws {StoreError} when the disk refuses (full, read-only, locked for too long).
   */
  commit(change: Change): Promise<string | null>;
  /** Has what was removed leave the log of writes; false when it could not be. */
  tidy?(): boolean;
  /** A view that is kept; only a store into which nobody else writes keeps some. */
  follow?<V extends View>(kind: ViewKind<V>): Promise<V>;
  /** Forgets what it has read of people, see `look.ts`: time has passed. */
  anew?(): void;
  close(): void;
}

/** A name of a row by which it can be looked up in memory. */
export function keyName(key: Key): string {
  return key.join("\n");
}

/** What a store that lies over another leaves to that one. */
export function passedOn(store: Store): Required<Pick<Store, "get" | "list" | "tidy" | "close">> {
  return {
    get: (key) => store.get(key),
    list: (range) => store.list(range),
    tidy: () => store.tidy?.() ?? true,
    close: () => store.close(),
  };
}

/** The disk did not take a change or give an answer; nothing of the change was applied. */
export class StoreError extends Error {
  override name = "StoreError";
  /** What mends it, where that is known. */
  readonly hint: string | undefined;

  /** Makes one with the reason in words. */
  constructor(message: string, options: ErrorOptions & { hint?: string | undefined } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}

/** A change that no store takes as it is: it has a row that is too large, or is too large as a whole. */
export class TooMuchError extends StoreError {
  override name = "TooMuchError";
}

/** Whether the store itself does not work: a change that is too much says nothing about that. */
export function isStoreTrouble(error: unknown): error is StoreError {
  return error instanceof StoreError && !(error instanceof TooMuchError);
}

/** A store of a newer schema than this program knows, or of an older one that it may not change. */
export class SchemaError extends Failure {
  /** Makes one with the reason in words. */
  constructor(message: string, is: "newer" | "older" = "newer") {
    const told = is === "newer"
      ? { code: "store-too-new", hint: "update sms-bridge, and Deno where it runs from the source" }
      : {
        code: "store-too-old",
        hint:
          "upgrade the bridges first: the first of this version that starts brings the store to its form",
      };
    super("configuration", { ...told, message });
  }
}

/** What {@linkcode openStore} needs from outside. */
export interface StoreOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** At index `n - 1` the step from schema `n` to `n + 1`; the first schema needs none. */
const MIGRATIONS: readonly Migration<Store>[] = [];
/** The schema this program writes. */
export const SCHEMA_VERSION = schemaAfter(MIGRATIONS);
/** Another process holds the file for milliseconds at a time; beyond this it is stuck. */
const LOCK_WAIT_MS_MAX = 10_000;

function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is (locked|busy)/i.test(error.message);
}

/** Retries `operation` while another process holds the file. */
async function patiently<T>(options: StoreOptions, operation: () => Promise<T>): Promise<T> {
  const deadlineMs = options.clock.now() + LOCK_WAIT_MS_MAX;
  for (let pauseMs = 2;; pauseMs = Math.min(pauseMs * 2, 200)) {
    try {
      return await operation();
    } catch (error) {
      if (isLocked(error) && options.clock.now() < deadlineMs) {
        await sleep(options.clock, pauseMs * (0.5 + options.random.fraction()));
        continue;
      }
      const why = errorText(error);
      throw new StoreError(`Cannot use the store: ${why}`, { cause: error });
    }
  }
}

/** The limits of Deno KV are the same for its file and for an engine on another machine. */
const VALUE_BYTES_MAX = 65_536;
const COMMIT_BYTES_MAX = 800 * 1_024;
const WRITES_MAX = 1_000;
const CHECKS_MAX = 100;
const KEY_BYTES_MAX = 2_048;
const utf8 = new TextEncoder();

function keyBytes(key: Key): number {
  const sizes = key.map((part) =>
    typeof part === "number" ? 9 : utf8.encode(part.replaceAll("\0", "  ")).length + 2
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Says which key or row of a change is too large, or how large all of it is; null when no limit is passed. */
export function passedLimit(
  { check = [], set = [], overwrite = [], delete: gone = [] }: Change,
): string | null {
  const keys = [...[...check, ...set, ...overwrite].map(({ key }) => key), ...gone];
  const long = keys.find((key) => keyBytes(key) > KEY_BYTES_MAX);
  if (long !== undefined) {
    return `a key of \`${long[0]}\` has ${keyBytes(long)} bytes, and it takes ${KEY_BYTES_MAX}`;
  }
  if (check.length > CHECKS_MAX) {
    return `a commit has ${check.length} checks, and it takes ${CHECKS_MAX}`;
  }
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

/** Puts a {@linkcode Store} before an open Deno KV, whose file is at `path` if it has one. */
export function storeOver(kv: Deno.Kv, options: StoreOptions, path?: string): Store {
  return {
    async get<T>(key: RowKey<T>) {
      const { value, versionstamp } = await patiently(options, () => kv.get<T>(key));
      return versionstamp === null ? null : { key, value: value as T, versionstamp };
    },
    async *list<T>({ prefix, start, limit, reverse }: Range<T>) {
      const selector = start === undefined ? { prefix } : { prefix, start };
      const rows = kv.list<T>(selector, {
        ...(limit === undefined ? {} : { limit }),
        reverse: reverse ?? false,
        batchSize: 500,
      });
      try {
        for await (const { key, value, versionstamp } of rows) {
          yield { key: key as Key, value, versionstamp };
        }
      } catch (error) {
        throw new StoreError(`Cannot read the store: ${errorText(error)}`, { cause: error });
      }
    },
    async commit(change) {
      const done = await patiently(options, () => {
        const step = kv.atomic();
        for (const { key, versionstamp } of change.check ?? []) step.check({ key, versionstamp });
        for (
          const { key, value, expireInMs } of [
            ...change.overwrite ?? [],
            ...change.set ?? [],
          ]
        ) {
          step.set(
            key,
            value,
            expireInMs === undefined ? {} : { expireIn: Math.max(1, expireInMs) },
          );
        }
        for (const key of change.delete ?? []) step.delete(key);
        return step.commit();
      }).catch((error) => {
        const passed = error.cause instanceof TypeError ? passedLimit(change) : null;
        if (passed === null) throw error;
        throw new TooMuchError(`Cannot use the store: ${passed}`, { cause: error });
      });
      return done.ok ? done.versionstamp : null;
    },
    tidy: () => path === undefined || emptyWriteLog(path),
    close: () => kv.close(),
  };
}

/** A newer runtime encodes values in a way that an older one cannot read. */
function isNewerEncoding(error: unknown): boolean {
  return error instanceof StoreError && /could not deserialize value/.test(error.message);
}

/** The row that tells the schema of a store that has an older one than this program; null when it has not. */
export async function olderSchema(
  store: Store,
  steps = MIGRATIONS,
): Promise<Entry<StoredSchema> | null> {
  const found = await store.get<StoredSchema>(SCHEMA_KEY);
  return earlierSchema(found?.value, schemaAfter(steps)) === null ? null : found;
}

/** Makes sure that a store has this program's schema. @throws {SchemaError} When it has a newer one. */
export async function bringUpToDate(store: Store, steps = MIGRATIONS): Promise<void> {
  const unknown = await migrate(store, steps).catch((error) => {
    if (!isNewerEncoding(error)) throw error;
    throw new SchemaError(
      "Cannot open the store as a newer version of the program, or of the Deno it runs on, wrote it",
    );
  });
  if (unknown === null) return;
  throw new SchemaError(
    `Cannot open the store as its schema must be at most ${
      schemaAfter(steps)
    }: current value is ${unknown}`,
  );
}

/** Makes an empty file of the owner's alone: SQLite gives the two files beside it the same mode. */
async function makePrivate(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, createNew: true, mode: 0o600 })).close();
  } catch {
    // It is there already, or opening the store says what is wrong with it.
  }
}

/** Makes the state directory when it is not there, for its owner alone. @throws {StoreError} */
export async function makeFolder(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 }).catch((error) => {
    throw new StoreError(`Cannot use the store: ${errorText(error)}`, { cause: error });
  });
}

/** The store's file in the state directory. */
export const STORE_FILE = "bridge.kv";

/**
 * Opens the store in `folder` (made with mode 0700 when missing) as `bridge.kv` (mode 0600), or in
 * memory when `folder` is `":memory:"`.
 *
 * @throws {StoreError} when the file cannot be opened.
 * @throws {SchemaError} when a newer version of the program wrote it.
 */
export async function openStore(folder: string, options: StoreOptions): Promise<Store> {
  if (folder === ":memory:") {
    const store = storeOver(await Deno.openKv(":memory:"), options);
    await bringUpToDate(store);
    return store;
  }
  await makeFolder(folder);
  return await openStoreFile(`${folder}/${STORE_FILE}`, options);
}

/** Opens the store in a file, which is made (mode 0600) when it is missing. */
export async function openStoreFile(path: string, options: StoreOptions): Promise<Store> {
  await makePrivate(path);
  const kv = await patiently(options, () => Deno.openKv(path));
  const store = storeOver(kv, options, path);
  try {
    await bringUpToDate(store);
  } catch (error) {
    store.close();
    throw error;
  }
  return store;
}
