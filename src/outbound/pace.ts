/**
 * Pacing: how often one sending number may be used.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";

/** Hands out turns to send, for each sending number apart. */
export interface Pace {
  /** Resolves when `sender` may send its next message, or at once when `signal` aborts. */
  turn(sender: string, perSecond: number, signal: AbortSignal): Promise<void>;
  /** Takes the turn if `sender` may send within this time, and gives the milliseconds until then; else null. */
  turnWithin(waitMsMax: number, sender: string, perSecond: number): number | null;
  /** Nobody sends through `sender` for `delayMs` from now on (Twilio's `Retry-After`). */
  hold(sender: string, delayMs: number): void;
}

/** Makes a pace; senders not used for an hour are forgotten. */
export function createPace(clock: Clock): Pace {
  const freeAtMs = new Map<string, number>();
  const forget = () => {
    const oldMs = clock.now() - 3_600_000;
    for (const [sender, atMs] of freeAtMs) if (atMs < oldMs) freeAtMs.delete(sender);
  };
  /** Takes the next turn; the milliseconds until it. */
  const take = (sender: string, perSecond: number): number => {
    if (freeAtMs.size > 1_000) forget();
    const nowMs = clock.now();
    const mineMs = Math.max(nowMs, freeAtMs.get(sender) ?? 0);
    freeAtMs.set(sender, mineMs + 1_000 / perSecond);
    return mineMs - nowMs;
  };
  return {
    async turn(sender, perSecond, signal) {
      const waitMs = take(sender, perSecond);
      if (waitMs > 0) await sleep(clock, waitMs, signal);
    },
    turnWithin(waitMsMax, sender, perSecond) {
      const isSoon = (freeAtMs.get(sender) ?? 0) <= clock.now() + waitMsMax;
      return isSoon ? take(sender, perSecond) : null;
    },
    hold(sender, delayMs) {
      freeAtMs.set(sender, Math.max(freeAtMs.get(sender) ?? 0, clock.now() + delayMs));
    },
  };
}
