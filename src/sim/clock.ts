/**
 * A clock that stands still until it is told to go on.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";

/** A {@linkcode Clock} ruled by its owner. */
export interface SimClock extends Clock {
  /**
   * Lets `durationMs` pass: runs every timer that falls due, in order of time, and lets the work that
   * each one wakes come to rest before the next.
   */
  advance(durationMs: number): Promise<void>;
  /** Sets the time of day, as when the machine's clock is corrected: no timer runs sooner or later. */
  jump(toMs: number): void;
  /** Timers that wait. */
  readonly timers: number;
}

interface Timer {
  readonly atMs: number;
  readonly fn: () => void;
}

/** Lets promises and finished I/O that are ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}

/** Makes a clock that starts at `startMs`. `rest` lets the work that a timer woke come to rest. */
export function createSimClock(startMs = Date.UTC(2026, 0, 1), rest = settle): SimClock {
  let nowMs = startMs;
  let jumpedMs = 0;
  const timers = new Set<Timer>();
  const earliest = () => {
    let first: Timer | undefined;
    for (const timer of timers) if (first === undefined || timer.atMs < first.atMs) first = timer;
    return first;
  };
  return {
    // As the machine's own clock: a timer may fall between two milliseconds, the time may not.
    now: () => Math.floor(nowMs + jumpedMs),
    after(delayMs, fn) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), fn };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(durationMs) {
      const untilMs = nowMs + durationMs;
      await rest();
      for (let due = earliest(); due !== undefined && due.atMs <= untilMs; due = earliest()) {
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.fn();
        await rest();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
    jump(toMs) {
      jumpedMs = toMs - nowMs;
    },
    get timers() {
      return timers.size;
    },
  };
}
