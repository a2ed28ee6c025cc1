/**
 * What takes long to read: the last answer serves while the next is read behind it.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";

/** A value that is read again now and then. */
export interface Latest<T> {
  /** The value: read now when that is quick, else as it was last read. */
  get(): Promise<T>;
  /** As it was last read, or null; has it read when it is old. */
  peek(): T | null;
  /** The next `get` reads anew: something was changed. */
  forget(): void;
}

/** Whoever waits for a page does not notice so long a wait. */
const QUICK_MS = 20;
/** What is older misleads whoever sees it: it is read before anything is shown. */
const STALE_MS = 120_000;

/** Makes it; `read` is not called before it is asked for. */
export function createLatest<T>(
  clock: Clock,
  read: () => Promise<T>,
  freshMs: number,
): Latest<T> {
  let kept: { readonly value: T; readonly atMs: number; readonly tookMs: number } | null = null;
  let reading: Promise<T> | null = null;
  function again(): Promise<T> {
    if (reading !== null) return reading;
    const beganMs = clock.now();
    const mine: Promise<T> = reading = read().then((value) => {
      const atMs = clock.now();
      if (reading === mine) kept = { value, atMs, tookMs: atMs - beganMs };
      return value;
    }).finally(() => {
      if (reading === mine) reading = null;
    });
    return mine;
  }
  const isOld = () => kept === null || clock.now() - kept.atMs >= freshMs;
  /** A failure is told to whoever asks for the value next. */
  const behind = () => void again().catch(() => {});
  return {
    async get() {
      const isStale = kept === null || clock.now() - kept.atMs >= STALE_MS;
      if (kept === null || isStale || kept.tookMs <= QUICK_MS) return await again();
      if (isOld()) behind();
      return kept.value;
    },
    peek() {
      if (isOld()) behind();
      return kept?.value ?? null;
    },
    forget() {
      kept = null;
      reading = null;
    },
  };
}
