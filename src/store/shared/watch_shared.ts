/**
 * Whether a store on another machine can be used: an engine that hangs says nothing for seconds, and nobody
 * who asks how the bridge is waits for that.
 *
 * @module
 */
import { type Clock, within } from "../../system/clock.ts";
import { STORE_ASKED_MS_MAX, STORE_KNOWN_MS, STORE_PENDING_MS_MAX } from "../../system/limits.ts";
import { isStoreTrouble, passedOn, type Store, StoreError } from "../kv.ts";
import { PROBE, type WatchedStore } from "../watch.ts";

/** What the time is measured by. */
export interface WatchSharedParts {
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
}

type Heard = "works" | "fails" | "silent";

/** Watches the commits of a store on another machine. */
export function watchShared(store: Store, { clock, steadyMs }: WatchSharedParts): WatchedStore {
  const pending = new Set<{ readonly sinceMs: number }>();
  let last: { readonly heard: Heard; readonly atMs: number } | null = null;
  let asking: Promise<Heard> | null = null;

  function note(heard: Heard): Heard {
    last = { heard, atMs: steadyMs() };
    return heard;
  }
  async function noting<T>(ask: () => Promise<T>): Promise<T> {
    const beganMs = steadyMs();
    try {
      return await ask();
    } catch (error) {
      if (isStoreTrouble(error)) {
        note(steadyMs() - beganMs > STORE_PENDING_MS_MAX ? "silent" : "fails");
      }
      throw error;
    }
  }
  /** What is known without asking; null for nothing. */
  function known(): Heard | null {
    const nowMs = steadyMs();
    if (last !== null && nowMs - last.atMs < STORE_KNOWN_MS) return last.heard;
    const hangs = [...pending].some(({ sinceMs }) => nowMs - sinceMs > STORE_PENDING_MS_MAX);
    return hangs ? "silent" : null;
  }
  const commit: Store["commit"] = async (change) => {
    const mine = { sinceMs: steadyMs() };
    pending.add(mine);
    try {
      const done = await noting(() => store.commit(change));
      note("works");
      return done;
    } finally {
      pending.delete(mine);
    }
  };
  async function probe(): Promise<Heard> {
    const tried = commit({ set: [{ key: PROBE, value: 1 }] });
    const heard = await within(
      clock,
      STORE_ASKED_MS_MAX,
      tried.then(() => "works" as const, () => "fails" as const),
    );
    return heard === null ? note("silent") : heard.value;
  }
  async function inTime<T>(ask: () => Promise<T>): Promise<T> {
    const got = known() === "silent" ? null : await within(clock, STORE_ASKED_MS_MAX, ask());
    if (got === null) throw new StoreError("Cannot use the store: it does not answer");
    return got.value;
  }

  return {
    ...passedOn(store),
    get: (key) => noting(() => store.get(key)),
    commit,
    async works() {
      const heard = known() ?? await (asking ??= probe().finally(() => asking = null));
      return heard === "works";
    },
    inTime: (over) => ({
      ...over,
      get: (key) => inTime(() => over.get(key)),
      async *list(range) {
        const rows = over.list(range)[Symbol.asyncIterator]();
        try {
          for (;;) {
            const row = await inTime(() => rows.next());
            if (row.done) return;
            yield row.value;
          }
        } finally {
          // One that hangs is not waited for.
          rows.return?.()?.catch(() => {});
        }
      },
    }),
  };
}
