/**
 * Group commit: changes that come while one is on its way to the disk go there together, in one commit. It costs
 * one fsync whatever it holds.
 *
 * @module
 */
import { type Change, keyName, passedOn, type Store, TooMuchError } from "../kv.ts";

/** Deno KV takes 100 checks, 1,000 writes and 800 KiB in one commit. */
const CHECKS_MAX = 100;
const WRITES_MAX = 500;
const CHANGES_MAX = 32;

interface Waiting {
  readonly change: Change;
  /** The rows that it depends on, and those that it changes. */
  readonly checks: readonly string[];
  readonly writes: readonly string[];
  readonly done: PromiseWithResolvers<string | null>;
}

function waitingFor(change: Change): Waiting {
  const { check = [], set = [], overwrite = [], delete: gone = [] } = change;
  return {
    change,
    checks: check.map(({ key }) => keyName(key)),
    writes: [...[...set, ...overwrite].map(({ key }) => keyName(key)), ...gone.map(keyName)],
    done: Promise.withResolvers(),
  };
}

/**
 * Takes the first of those that wait, with all that can go along: what has a row in common with one before it, which
 * one of them writes, comes after that.
 */
function takeGroup(waiting: Waiting[]): Waiting[] {
  const [checked, written] = [new Set<string>(), new Set<string>()];
  const group: Waiting[] = [];
  const later: Waiting[] = [];
  let [checks, writes] = [0, 0];
  for (const one of waiting) {
    const fits = group.length < CHANGES_MAX && checks + one.checks.length <= CHECKS_MAX &&
      writes + one.writes.length <= WRITES_MAX;
    const apart = !one.writes.some((name) => checked.has(name) || written.has(name)) &&
      !one.checks.some((name) => written.has(name));
    if (group.length === 0 || (fits && apart)) {
      group.push(one);
      checks += one.checks.length;
      writes += one.writes.length;
    } else later.push(one);
    one.checks.forEach((name) => checked.add(name));
    one.writes.forEach((name) => written.add(name));
  }
  waiting.splice(0, waiting.length, ...later);
  return group;
}

function together(group: readonly Waiting[]): Change {
  const changes = group.map(({ change }) => change);
  return {
    check: changes.flatMap(({ check = [] }) => check),
    set: changes.flatMap(({ set = [] }) => set),
    overwrite: changes.flatMap(({ overwrite = [] }) => overwrite),
    delete: changes.flatMap(({ delete: gone = [] }) => gone),
  };
}

/** Commits a group. Where one of it does not hold, or all is too much, each half is tried, down to each one. */
async function commitGroup(store: Store, group: readonly Waiting[]): Promise<void> {
  let versionstamp: string | null = null;
  try {
    versionstamp = await store.commit(group.length === 1 ? group[0]!.change : together(group));
  } catch (error) {
    if (group.length === 1 || !(error instanceof TooMuchError)) {
      return group.forEach(({ done }) => done.reject(error));
    }
  }
  if (versionstamp !== null || group.length === 1) {
    return group.forEach(({ done }) => done.resolve(versionstamp));
  }
  const half = group.length >> 1;
  await commitGroup(store, group.slice(0, half));
  await commitGroup(store, group.slice(half));
}

/** A store whose commits go to the disk one after the other, those that wait together. */
export function groupingStore(store: Store): Store {
  const waiting: Waiting[] = [];
  let busy = false;
  async function run(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      await commitGroup(store, takeGroup(waiting));
    }
    busy = false;
  }
  return {
    ...passedOn(store),
    commit(change) {
      const one = waitingFor(change);
      waiting.push(one);
      if (!busy) run();
      return one.done.promise;
    },
  };
}
