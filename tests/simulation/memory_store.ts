/**
 * A store in memory that can crash around every commit, as a disk and a process do.
 *
 * @module
 */
import type { FileDisk } from "../../src/outbound/outgoing_files.ts";
import {
  type Change,
  type Entry,
  type Key,
  type Range,
  type Store,
  StoreError,
} from "../../src/store/kv.ts";

/** What happens to a commit. */
export type CommitFault = "none" | "crash-before" | "crash-after" | "refuse";

/** What survives a crash. */
export interface Disk {
  readonly rows: Map<
    string,
    { readonly key: Key; readonly json: string; readonly version: number }
  >;
  /** The names of the rows of each kind, which is the first part of a key. */
  readonly kinds: Map<string, Set<string>>;
  version: number;
}

/** Makes an empty disk. */
export function createDisk(): Disk {
  return { rows: new Map(), kinds: new Map(), version: 0 };
}

/** Rises in the order of Deno KV keys: strings before numbers, each part apart. */
function encode(key: Key): string {
  return key.map((part) =>
    typeof part === "number" ? `2${String(part).padStart(17, "0")}` : `1${part}`
  ).join("\u0000") + "\u0000";
}

function stamp(version: number): string {
  return String(version).padStart(20, "0");
}

/** Carries a change out; null when a check does not hold. */
export function applyTo(disk: Disk, change: Change): string | null {
  for (const { key, versionstamp } of change.check ?? []) {
    const row = disk.rows.get(encode(key));
    if ((row === undefined ? null : stamp(row.version)) !== versionstamp) return null;
  }
  const version = ++disk.version;
  for (const key of change.delete ?? []) {
    disk.rows.delete(encode(key));
    disk.kinds.get(encode(key.slice(0, 1)))?.delete(encode(key));
  }
  for (const { key, value } of change.set ?? []) {
    disk.rows.set(encode(key), { key, json: JSON.stringify(value), version });
    const kind = encode(key.slice(0, 1));
    disk.kinds.set(kind, (disk.kinds.get(kind) ?? new Set()).add(encode(key)));
  }
  return stamp(version);
}

/** One row of a disk. */
export function rowOf<T>(disk: Disk, name: string): Entry<T> | null {
  const row = disk.rows.get(name);
  if (row === undefined) return null;
  return { key: row.key, value: JSON.parse(row.json), versionstamp: stamp(row.version) };
}

/** The name of a row. */
export function nameOf(key: Key): string {
  return encode(key);
}

/** The names of the rows of a range. */
export function namesIn<T>(
  disk: Disk,
  { prefix, start, limit, reverse }: Range<T>,
): string[] {
  const head = encode(prefix);
  const from = start === undefined ? head : encode(start);
  const kind = prefix.length === 0
    ? disk.rows.keys()
    : disk.kinds.get(encode(prefix.slice(0, 1))) ?? [];
  const names = [...kind]
    .filter((name) => name.startsWith(head) && name > head && name >= from).sort();
  if (reverse) names.reverse();
  return names.slice(0, limit ?? names.length);
}

/** How long a commit takes; at once when left out. */
type Latency = () => Promise<void>;

/**
 * Opens a disk. `fault` is asked before each commit; `crash` is called when the process dies at it, and
 * from then on nothing of this store ever resolves, as nothing of a dead process goes on.
 */
export function openDisk(
  disk: Disk,
  fault: () => CommitFault,
  crash: () => void,
  latency: Latency = () => Promise.resolve(),
): Store {
  let dead = false;
  const never = new Promise<never>(() => {});

  async function* list<T>(range: Range<T>): AsyncGenerator<Entry<T>> {
    for (const name of namesIn(disk, range)) {
      if (dead) await never;
      const row = rowOf<T>(disk, name);
      if (row !== null) yield row;
    }
  }

  return {
    list,
    async get<T>(key: Key) {
      await Promise.resolve();
      if (dead) return await never;
      return rowOf<T>(disk, encode(key));
    },
    async commit(change) {
      await latency();
      if (dead) return await never;
      const what = fault();
      if (what === "refuse") throw new StoreError("Cannot use the store: disk full");
      if (what !== "crash-before") {
        const done = applyTo(disk, change);
        if (what === "none") return done;
      }
      dead = true;
      crash();
      return await never;
    },
    close() {
      dead = true;
    },
  };
}

/** A disk without files. */
export const noDisk: FileDisk = {
  read: () => Promise.resolve({ kind: "unavailable", fault: "not-found" }),
  spool: {
    keep: () => Promise.resolve(null),
    holds: () => Promise.resolve(false),
    read: () => Promise.resolve(null),
    sweep: () => Promise.resolve(),
  },
};
