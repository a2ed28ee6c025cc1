/**
 * An engine in the simulator, as one bridge reaches it: what is asked and what is answered takes time and
 * gets lost, and a change whose answer was lost may have been carried out, or be so a while later.
 */
import type { Engine, Page } from "../../src/store/connect/engine.ts";
import { EngineError } from "../../src/store/connect/engine.ts";
import type { LeaseRow } from "../../src/policy/lease.ts";
import { LEASE_KEY } from "../../src/store/shared/rows.ts";
import type { Change, Entry, Key, Write } from "../../src/store/kv.ts";
import { type Clock, sleep } from "../../src/system/clock.ts";
import { STORE_REQUEST_TIMEOUT_MS, WATCH_SILENT_MS_MAX } from "../../src/system/limits.ts";
import type { Random } from "../../src/system/random.ts";
import { applyTo, type Disk, nameOf, namesIn, rowOf } from "./memory_store.ts";
import type { SimProcess } from "./sim_process.ts";

/** What a bridge's way to the engine is made of. */
export interface SimEngineParts {
  readonly disk: Disk;
  /** The true time, and that of the process, which stands still while it is paused. */
  readonly world: Clock;
  readonly clock: Clock;
  readonly random: Random;
  readonly life: SimProcess;
  readonly trouble: StoreTrouble;
  /** This run of the bridge. */
  readonly run: string;
  /** Told of what must never happen. */
  readonly broken: (finding: string) => void;
  readonly note: (event: string) => void;
  /** Whether the engine tells when rows have changed. */
  readonly watches: boolean;
}

/** What the simulator knows, and the bridge cannot. */
export interface Watching {
  /** How often a change was carried out. */
  timesDone(change: Change): number;
}

/** What goes wrong between a bridge and the engine. */
export interface StoreTrouble {
  /** Nothing arrives either way. */
  cut: boolean;
  /** How often of a hundred a request, or its answer, is lost. */
  lostPercent: number;
  /** How often of a thousand a commit kills or pauses the process. */
  crashPermille: number;
}

const LATENCY_MS_MAX = 30;
const LATE_MS_MAX = 10_000;
const PAUSE_MS_MAX = 120_000;
const PAGE_ROWS = 50;

/** Whether a change rewrites or takes out what waits in a queue: only who answers may. */
function touchesQueue(disk: Disk, { set = [], delete: gone = [] }: Change): boolean {
  return [...set.map(({ key }) => key), ...gone].some((key) =>
    (key[0] === "inbox" || key[0] === "outbox") && disk.rows.has(nameOf(key))
  );
}

/** Makes the way of one process to the engine. */
export function simEngine(parts: SimEngineParts): Engine & Watching {
  const { disk, world, clock, random, life, trouble, note, run, broken, watches } = parts;
  const done = new Map<Write, number>();
  function apply(change: Change): string | null {
    const foreign = touchesQueue(disk, change) &&
      rowOf<LeaseRow>(disk, nameOf(LEASE_KEY))?.value.holder !== run;
    const versionstamp = applyTo(disk, change);
    if (versionstamp === null) return null;
    if (foreign) broken("a bridge without the lease wrote into a queue");
    for (const write of change.set ?? []) done.set(write, (done.get(write) ?? 0) + 1);
    for (const look of disk.watchers) look();
    return versionstamp;
  }
  const never = new Promise<never>(() => {});
  /** The way there takes time, or the way back: what others do meanwhile comes after or before. */
  function journey() {
    const pause = () => sleep(clock, random.below(LATENCY_MS_MAX));
    const none = () => Promise.resolve();
    return random.below(2) === 0 ? { there: pause, back: none } : { there: none, back: pause };
  }
  async function lost(quick: boolean): Promise<never> {
    await sleep(clock, quick ? random.below(100) : STORE_REQUEST_TIMEOUT_MS);
    throw new EngineError("it does not answer", { unknown: true });
  }
  async function ask<T>(answer: () => T): Promise<T> {
    const { there, back } = journey();
    await there();
    if (trouble.cut) return await lost(false);
    if (random.below(100) < trouble.lostPercent) return await lost(random.below(2) === 0);
    const found = answer();
    await back();
    if (!life.alive) return await never;
    return trouble.cut ? await lost(false) : found;
  }
  const entry = (name: string): Entry<unknown>[] => {
    const row = rowOf<unknown>(disk, name);
    return row === null ? [] : [row];
  };
  async function write(change: Change): Promise<string | null> {
    const { there, back } = journey();
    await there();
    if (!life.alive) return await never;
    if (trouble.cut) return await lost(false);
    const quick = random.below(2) === 0;
    if (random.below(100) < trouble.lostPercent) {
      const how = random.below(3);
      note(`a commit is lost ${["before", "after", "and comes late"][how]}`);
      if (how === 1) apply(change);
      if (how === 2) world.after(random.below(LATE_MS_MAX), () => apply(change));
      return await lost(quick);
    }
    const number = random.below(1_000);
    if (number >= trouble.crashPermille) {
      const written = apply(change);
      await back();
      return trouble.cut ? await lost(false) : written;
    }
    if (number % 3 === 0) {
      note("a pause after a commit");
      const written = apply(change);
      life.pause(random.below(PAUSE_MS_MAX));
      await sleep(clock, random.below(LATENCY_MS_MAX));
      return written;
    }
    note(`a crash ${number % 3 === 1 ? "before" : "after"} a commit`);
    if (number % 3 === 2) apply(change);
    life.kill();
    return await never;
  }
  async function watch(
    keys: readonly Key[],
    changed: () => void,
    until: AbortSignal,
  ): Promise<void> {
    await sleep(clock, random.below(LATENCY_MS_MAX));
    const over = Promise.withResolvers<void>();
    let told: string | null = null;
    function breakOff(afterMs: number): void {
      disk.watchers.delete(look);
      const why = new EngineError("it watches no longer", { unknown: true });
      clock.after(afterMs, () => over.reject(why));
    }
    function look(): void {
      const now = keys.map((key) => disk.rows.get(nameOf(key))?.versionstamp).join();
      if (!life.alive) disk.watchers.delete(look);
      if (!life.alive || now === told) return;
      told = now;
      if (trouble.cut) return breakOff(WATCH_SILENT_MS_MAX);
      if (random.below(100) < trouble.lostPercent) return breakOff(random.below(100));
      clock.after(random.below(LATENCY_MS_MAX), () => until.aborted || changed());
    }
    until.addEventListener("abort", () => {
      disk.watchers.delete(look);
      over.resolve();
    }, { once: true });
    if (until.aborted) return;
    disk.watchers.add(look);
    look();
    await over.promise;
  }
  return {
    ...(watches ? { watch } : {}),
    timesDone: ({ set = [] }) => Math.max(0, ...set.map((write) => done.get(write) ?? 0)),
    get: (keys) => ask(() => keys.map((key) => entry(nameOf(key))[0] ?? null)),
    page: (range, next) =>
      ask((): Page => {
        const all = namesIn(disk, { ...range, limit: Infinity }).filter((name) =>
          next === null || (range.reverse ? name < next : name > next)
        );
        const names = all.slice(0, Math.min(range.limit ?? PAGE_ROWS, PAGE_ROWS));
        const last = names.at(-1);
        const more = all.length > names.length && last !== undefined;
        return { rows: names.flatMap(entry), next: more ? last : null };
      }),
    write,
    close() {},
  };
}
