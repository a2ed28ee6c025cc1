/**
 * Rush: while many wait for an acknowledgement, turns begin after them.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";

/** Webhooks at one time that make a rush. */
const RUSH_MIN = 4;
/** It is over when none has come for this long. */
const QUIET_MS = 5;
/** Turns wait no longer than this. */
const WAIT_MS_MAX = 200;

/** Tells when many wait. */
export interface Rush {
  /** Takes a text in that somebody waits to have acknowledged. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves at once, but in a rush when that is over. */
  over(): Promise<void>;
}

/** Makes a rush that nobody is in; it holds nobody up once `stopping` has aborted. */
export function createRush(clock: Clock, stopping: AbortSignal): Rush {
  let underWay = 0;
  let quietFromMs = 0;
  let waiting: Promise<void> | undefined;
  async function wait(): Promise<void> {
    const untilMs = clock.now() + WAIT_MS_MAX;
    while (!stopping.aborted && clock.now() < Math.min(quietFromMs, untilMs)) {
      await sleep(clock, QUIET_MS, stopping);
    }
    waiting = undefined;
  }
  return {
    async during(work) {
      underWay++;
      if (underWay >= RUSH_MIN) quietFromMs = Infinity;
      try {
        return await work();
      } finally {
        underWay--;
        if (underWay === 0 && quietFromMs > clock.now()) quietFromMs = clock.now() + QUIET_MS;
      }
    },
    async over() {
      if (clock.now() < quietFromMs) await (waiting ??= wait());
    },
  };
}
