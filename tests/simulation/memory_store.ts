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

/** A row on disk. Its value cannot be changed, so all that read it get the same. */
interface DiskRow {
  readonly key: Key;
  readonly value: unknown;
  readonly versionstamp: string;
}

/** What survives a crash. */
export interface Disk {
  readonly rows: Map<string, DiskRow>;
  /** The names of the rows of each kind, which is the first part of a key. */
  readonly kinds: Map<string, Set<string>>;
  /** Called after a change, by an engine that watches. */
  readonly watchers: Set<() => void>;
  version: number;
}

/** Makes an empty disk. */
export function createDisk(): Disk {
  return { rows: new Map(), kinds: new Map(), watchers: new Set(), version: 0 };
}

const names = new WeakMap<Key, string>();

/** The name of a row. Names rise in the order of Deno KV keys: strings before numbers, each part apart. */
export function nameOf(key: Key): string {
  const known = names.get(key);
  if (known !== undefined) return known;
  let name = "";
  for (const part of key) {
    name += typeof part === "number" ? `2${String(part).padStart(17, "0")}` : `1${part}`;
    name += "\u0000";
  }
  names.set(key, name);
  return name;
}

function kindOf(name: string): string {
  return name.slice(0, name.indexOf("\u0000"));
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

/** Carries a change out; null when a check does not hold. */
export function applyTo(disk: Disk, change: Change): string | null {
  for (const { key, versionstamp } of change.check ?? []) {
    if ((disk.rows.get(nameOf(key))?.versionstamp ?? null) !== versionstamp) return null;
  }
  const versionstamp = String(++disk.version).padStart(20, "0");
  for (const key of change.delete ?? []) {
    const name = nameOf(key);
    disk.rows.delete(name);
    disk.kinds.get(kindOf(name))?.delete(name);
  }
  for (const { key, value } of change.set ?? []) {
    const name = nameOf(key);
    disk.rows.set(name, { key, value: frozen(JSON.parse(JSON.stringify(value))), versionstamp });
    const kind = kindOf(name);
    disk.kinds.set(kind, (disk.kinds.get(kind) ?? new Set()).add(name));
  }
  return versionstamp;
}

/** One row of a disk. */
export function rowOf<T>(disk: Disk, name: string): Entry<T> | null {
  return disk.rows.get(name) as Entry<T> | undefined ?? null;
}

/** The names of the rows of a range. */
export function namesIn<T>(
  disk: Disk,
  { prefix, start, limit, reverse }: Range<T>,
): string[] {
  const head = nameOf(prefix);
  const from = start === undefined ? head : nameOf(start);
  const kind = prefix.length === 0 ? disk.rows.keys() : disk.kinds.get(kindOf(head)) ?? [];
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
      return rowOf<T>(disk, nameOf(key));
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
