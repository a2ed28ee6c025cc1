/**
 * The bell: tells the bridge that answers that another has put something into a queue.
 *
 * @module
 */
import { INBOX } from "../inbox_row.ts";
import { below } from "../keys.ts";
import { type Key, passedOn, type Store } from "../kv.ts";
import { OUTBOX } from "../outbox_row.ts";
import { type Clock, sleep } from "../../system/clock.ts";
import { SHARED_LOOK_MS, SHARED_WATCHED_LOOK_MS } from "../../system/limits.ts";
import { WATCHED_MAX } from "../connect/engine.ts";
import { BELLS, COMMAND_NUMBER } from "./rows.ts";
import type { SharedStore } from "./shared_store.ts";

const QUEUES: readonly unknown[] = [INBOX[0], OUTBOX[0]];

/** A store whose commits ring the bell of this bridge. */
export function ringing(store: Store, member: () => number): Store {
  const queues = ({ key }: { readonly key: Key }) => QUEUES.includes(key[0]);
  return {
    ...passedOn(store),
    commit(change) {
      const { set = [] } = change;
      if (!set.some(queues)) return store.commit(change);
      return store.commit({ ...change, set: [...set, { key: below(BELLS, member()), value: 1 }] });
    },
  };
}

/** Tells whether another bridge has rung since the last time. */
export function createListener(
  store: Store,
  member: () => number,
): () => Promise<boolean> {
  let heard = new Map<number, string>();
  return async () => {
    const now = new Map<number, string>();
    for await (const { key, versionstamp } of store.list({ prefix: BELLS })) {
      const by = Number(key.at(-1));
      if (by !== member()) now.set(by, versionstamp);
    }
    const rung = [...now].some(([by, versionstamp]) => heard.get(by) !== versionstamp);
    heard = now;
    return rung;
  };
}

/** What waits for bells. */
export interface Ear {
  /** Resolves when a bell may have rung, and after the time at which bells are looked at anyway. */
  next(): Promise<void>;
  /** Resolves when nothing is listened to any more, once `until` has aborted. */
  readonly ended: Promise<void>;
}

/** Waits for the bells of the other bridges, by the engine's word where it gives one. */
export function createEar(
  { store, member, clock, until }: {
    readonly store: Pick<SharedStore, "watch">;
    readonly member: () => number;
    readonly clock: Clock;
    readonly until: AbortSignal;
  },
): Ear {
  // Bridges take the first number that is free; those of higher ones wait for the look.
  const numbers = Array.from({ length: WATCHED_MAX - 1 }, (_, i) => i + 1);
  const others = [...numbers, COMMAND_NUMBER].filter((number) => number !== member());
  let isLive = false;
  let rung = new AbortController();
  const ended = store.watch(others.map((number) => below(BELLS, number)), {
    changed: () => rung.abort(),
    live: (whether) => void (isLive = whether),
  }, until);
  until.addEventListener("abort", () => rung.abort(), { once: true });
  return {
    ended,
    async next() {
      const pauseMs = isLive ? SHARED_WATCHED_LOOK_MS : SHARED_LOOK_MS;
      if (!until.aborted) await sleep(clock, pauseMs, rung.signal);
      rung = new AbortController();
    },
  };
}
