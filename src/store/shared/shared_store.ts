/**
 * A store on another machine as the bridge uses it: calls are tried again for a while, and a commit is
 * carried out once, also when its answer is lost.
 *
 * Every commit writes a mark of its own over the mark that was there before, on the condition that it still
 * is. So it can be told whether a commit was carried out whose answer never came, and of several tries of
 * one commit that are still on their way at most one can be.
 *
 * @module
 */
import { type Clock, sleep } from "../../system/clock.ts";
import { STORE_TRIES_MAX, WATCH_BACKOFF_MS_MAX } from "../../system/limits.ts";
import type { Random } from "../../system/random.ts";
import { SCHEMA_KEY } from "../migrations.ts";
import { type Engine, EngineError } from "../connect/engine.ts";
import {
  type Change,
  type Entry,
  type Key,
  type Range,
  type RowKey,
  type Store,
  StoreError,
  TooMuchError,
} from "../kv.ts";
import { markKey } from "./rows.ts";

/** What `denokv` takes in one commit; other engines take more. */
const CHECKS_MAX = 10;
const MUTATIONS_MAX = 1_000;
const RETRY_MS_MIN = 100;
/** A mark is of use for as long as its commit is tried. */
const MARK_TTL_MS = 24 * 3_600_000;

/** A place for marks, used by one commit at a time. */
interface Slot {
  readonly key: Key;
  versionstamp: string | null;
}

/** What a shared store is made with. */
export interface SharedOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The name of this run of this bridge, as no other has it. */
  readonly run: string;
}

/** A store that several bridges share. */
export interface SharedStore extends Store {
  /** Reads several rows at one time. */
  getAll<T>(keys: readonly RowKey<T>[]): Promise<readonly (Entry<T> | null)[]>;
  /**
   * Calls `changed` whenever one of a few rows has changed, as long as the engine watches them, until `until`
   * aborts. `live` is told when it begins and when it ends to do so.
   */
  watch(
    keys: readonly Key[],
    told: { readonly changed: () => void; readonly live: (whether: boolean) => void },
    until: AbortSignal,
  ): Promise<void>;
  /** From now on nothing is committed once a newer version of the program has changed the schema. */
  keepSchema(): Promise<void>;
}

class Shared implements SharedStore {
  #engine: Engine;
  #options: SharedOptions;
  #free: Slot[] = [];
  #slots = 0;
  /** The version of the row that tells the schema; null before it is kept to. */
  #schema: string | null = null;

  constructor(engine: Engine, options: SharedOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  async get<T>(key: RowKey<T>): Promise<Entry<T> | null> {
    return (await this.getAll([key]))[0] ?? null;
  }

  async getAll<T>(keys: readonly RowKey<T>[]): Promise<readonly (Entry<T> | null)[]> {
    const found = await this.#patiently(() => this.#engine.get(keys));
    return found as readonly (Entry<T> | null)[];
  }

  async watch(...[keys, told, until]: Parameters<SharedStore["watch"]>): Promise<void> {
    for (let pauseMs = RETRY_MS_MIN; this.#engine.watch !== undefined && !until.aborted;) {
      const beganAtMs = this.#options.clock.now();
      try {
        await this.#engine.watch(keys, () => {
          told.live(true);
          told.changed();
        }, until);
      } catch (error) {
        if (!(error instanceof EngineError && error.unknown)) return;
      } finally {
        told.live(false);
      }
      const lasted = this.#options.clock.now() - beganAtMs > WATCH_BACKOFF_MS_MAX;
      pauseMs = lasted ? RETRY_MS_MIN : Math.min(2 * pauseMs, WATCH_BACKOFF_MS_MAX);
      await sleep(this.#options.clock, pauseMs * (0.5 + this.#options.random.fraction()), until);
    }
  }

  async keepSchema(): Promise<void> {
    this.#schema = (await this.get(SCHEMA_KEY))?.versionstamp ?? null;
  }

  async *list<T>(range: Range<T>): AsyncGenerator<Entry<T>> {
    let left = range.limit ?? Infinity;
    let next: string | null = null;
    do {
      const limit = left === Infinity ? {} : { limit: left };
      const page = await this.#patiently(() => this.#engine.page({ ...range, ...limit }, next));
      for (const row of page.rows) {
        yield row as Entry<T>;
        if (--left <= 0) return;
      }
      next = page.next;
    } while (next !== null);
  }

  async commit(change: Change): Promise<string | null> {
    const { set = [], delete: gone = [] } = change;
    const kept = this.#schema === null ? [] : [{ key: SCHEMA_KEY, versionstamp: this.#schema }];
    const check = [...kept, ...change.check ?? []];
    if (check.length >= CHECKS_MAX || set.length + gone.length >= MUTATIONS_MAX) {
      throw new TooMuchError(
        `Cannot use the store: a commit has ${check.length} checks and ` +
          `${set.length + gone.length} changes, which is larger than an engine takes: ` +
          `at most ${CHECKS_MAX - 1} and ${MUTATIONS_MAX - 1}`,
      );
    }
    const slot = this.#free.pop() ?? this.#newSlot();
    const mark = [...this.#options.random.bytes(9)].join(".");
    const marked = () => ({
      check: [{ key: slot.key, versionstamp: slot.versionstamp }, ...check],
      set: [...set, { key: slot.key, value: mark, expireInMs: MARK_TTL_MS }],
      delete: gone,
    });
    // What fails for good leaves its slot unused: a try that is still on its way may yet be carried out.
    const done = await this.#patiently(async () => {
      const versionstamp = await this.#engine.write(marked());
      if (versionstamp !== null) return { versionstamp, at: versionstamp };
      const [now, schema] = await this.#engine.get([slot.key, SCHEMA_KEY]);
      const at = now?.versionstamp ?? null;
      if (now?.value === mark) return { versionstamp: at, at };
      if (this.#schema !== null && schema?.versionstamp !== this.#schema) {
        const why = schema === null
          ? "another, empty store is in its place; bring the former one back, or start the bridge anew"
          : "a newer version of the program has taken it over";
        throw new StoreError(`Cannot use the store: ${why}`);
      }
      if (at === slot.versionstamp) return { versionstamp: null, at };
      slot.versionstamp = at;
      throw new EngineError("a mark was lost", { unknown: true });
    });
    slot.versionstamp = done.at;
    this.#free.push(slot);
    return done.versionstamp;
  }

  close(): void {
    this.#engine.close();
  }

  #newSlot(): Slot {
    return { key: markKey(this.#options.run, this.#slots++), versionstamp: null };
  }

  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    const { clock, random } = this.#options;
    for (let tries = 1;; tries++) {
      try {
        return await ask();
      } catch (error) {
        const again = error instanceof EngineError && error.unknown && tries < STORE_TRIES_MAX;
        if (!again) throw error;
        await sleep(clock, RETRY_MS_MIN * 2 ** tries * (0.5 + random.fraction()));
      }
    }
  }
}

/** Makes the store over an engine. */
export function sharedStore(engine: Engine, options: SharedOptions): SharedStore {
  return new Shared(engine, options);
}
