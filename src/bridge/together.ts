/**
 * Together: changes of rows that many people share are planned one after the other, and committed together. Each
 * plan sees what those before it are about to write, so that a sum is as exact as if each had waited for the disk.
 *
 * @module
 */
import {
  type Change,
  type Entry,
  type Key,
  keyName,
  passedOn,
  type RowKey,
  type Store,
  TooMuchError,
  type Write,
} from "../store/kv.ts";

/** What was planned, and the version of its rows; null when one of its checks did not hold: then nothing was done. */
interface Carried<Plan> {
  readonly plan: Plan;
  readonly versionstamp: string | null;
}

/** Commits plans. */
export interface Together {
  /** Plans a change after all earlier ones of its lane, over what they write, and commits it; maybe more than once. */
  <Plan extends { readonly change: Change }>(
    lane: string,
    store: Store,
    plan: (store: Store) => Promise<Plan>,
  ): Promise<Carried<Plan>>;
  /** Whether plans share a commit; else each waits for those before it in its lane. */
  readonly shares: boolean;
}

/** A commit takes 100 checks and 1,000 writes; a plan has three and seven or so. */
const CHECKS_MAX = 80;
const WRITES_MAX = 400;
const PLANS_MAX = 20;
/** The version of a row that is about to be written. */
const AHEAD = "ahead";

interface Job {
  readonly store: Store;
  readonly plan: (store: Store) => Promise<Change>;
  readonly settle: (versionstamp: string | null) => void;
  readonly fail: (error: unknown) => void;
}

type Check = NonNullable<Change["check"]>[number];

/** Several changes as one. */
class Batch {
  #checks = new Map<string, Check>();
  #sets = new Map<string, Write>();
  #gone = new Map<string, Key>();
  #overwrites: Write[] = [];
  #isEmpty = true;

  /** A store as it will be, and whether more was asked of it than it can tell of what will be. */
  over(store: Store): { readonly store: Store; readonly askedTooMuch: () => boolean } {
    const { follow } = store;
    let asked = false;
    const get = async <T>(key: RowKey<T>): Promise<Entry<T> | null> => {
      const ahead = this.#sets.get(keyName(key));
      // A key's row is always of the key's own type.
      if (ahead !== undefined) return { key, value: ahead.value as T, versionstamp: AHEAD };
      return this.#gone.has(keyName(key)) ? null : await store.get(key);
    };
    return {
      askedTooMuch: () => asked && !this.#isEmpty,
      store: {
        ...passedOn(store),
        get,
        list: (range) => (asked = true, store.list(range)),
        ...follow && { follow: (kind) => (asked = true, follow(kind)) },
        commit: store.commit,
      },
    };
  }

  #isWritten(key: Key): boolean {
    return this.#sets.has(keyName(key)) || this.#gone.has(keyName(key));
  }

  /** Takes in a change, the first or one that can go along; false when it cannot. */
  add({ check = [], set = [], overwrite = [], delete: gone = [] }: Change): boolean {
    const checks = check.filter((one) => one.versionstamp !== AHEAD);
    const fits = this.#checks.size + checks.length <= CHECKS_MAX &&
      this.#sets.size + this.#gone.size + set.length + gone.length <= WRITES_MAX;
    const apart = !checks.some(({ key }) => this.#isWritten(key)) &&
      !gone.some((key) => this.#isWritten(key)) &&
      !set.some(({ key }) => this.#gone.has(keyName(key)));
    if (!this.#isEmpty && !(fits && apart)) return false;
    this.#isEmpty = false;
    for (const one of checks) this.#checks.set(`${keyName(one.key)}\n${one.versionstamp}`, one);
    for (const one of set) this.#sets.set(keyName(one.key), one);
    for (const key of gone) this.#gone.set(keyName(key), key);
    this.#overwrites.push(...overwrite);
    return true;
  }

  get change(): Change {
    return {
      check: [...this.#checks.values()],
      set: [...this.#sets.values()],
      overwrite: this.#overwrites,
      delete: [...this.#gone.values()],
    };
  }
}

/** Takes the first of those that wait, and plans it with all that can go along. */
async function planSome(waiting: Job[], plansMax: number) {
  const batch = new Batch();
  const jobs: Job[] = [];
  for (let job = waiting[0]; job !== undefined && jobs.length < plansMax; job = waiting[0]) {
    const { store, askedTooMuch } = batch.over(job.store);
    try {
      const change = await job.plan(store);
      if (askedTooMuch() || !batch.add(change)) break;
      jobs.push(job);
    } catch (error) {
      if (jobs.length > 0) break;
      job.fail(error);
    }
    waiting.shift();
  }
  return { jobs, change: batch.change };
}

async function commitOne({ store, plan, settle, fail }: Job): Promise<void> {
  try {
    settle(await store.commit(await plan(store)));
  } catch (error) {
    fail(error);
  }
}

async function commitSome(jobs: readonly Job[], change: Change): Promise<void> {
  let versionstamp: string | null = null;
  try {
    versionstamp = await jobs[0]!.store.commit(change);
  } catch (error) {
    if (jobs.length === 1 || !(error instanceof TooMuchError)) {
      return jobs.forEach(({ fail }) => fail(error));
    }
  }
  for (const { store } of jobs) store.anew?.();
  if (versionstamp !== null || jobs.length === 1) {
    return jobs.forEach(({ settle }) => settle(versionstamp));
  }
  // One of them does not hold: the others do not pay for that.
  for (const job of jobs) await commitOne(job);
}

/** Makes lanes of plans, of which so many at most go into one commit. */
export function createTogether(plansMax = PLANS_MAX): Together {
  const lanes = new Map<string, Job[]>();
  async function run(lane: string, waiting: Job[]): Promise<void> {
    while (waiting.length > 0) {
      const { jobs, change } = await planSome(waiting, plansMax);
      if (jobs.length > 0) await commitSome(jobs, change);
    }
    lanes.delete(lane);
  }
  function push(lane: string, job: Job): void {
    const waiting = lanes.get(lane);
    if (waiting !== undefined) return void waiting.push(job);
    const first = [job];
    lanes.set(lane, first);
    run(lane, first);
  }
  function together<Plan extends { readonly change: Change }>(
    lane: string,
    store: Store,
    make: (store: Store) => Promise<Plan>,
  ): Promise<Carried<Plan>> {
    const { promise, resolve, reject } = Promise.withResolvers<Carried<Plan>>();
    let plan: Plan;
    push(lane, {
      store,
      plan: async (over) => (plan = await make(over)).change,
      settle: (versionstamp) => resolve({ plan, versionstamp }),
      fail: reject,
    });
    return promise;
  }
  return Object.assign(together, { shares: plansMax > 1 });
}
