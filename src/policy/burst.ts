/**
 * Texts that people send in pieces, taken together as one turn.
 *
 * @module
 */
import { BURST_TEXTS_MAX, BURST_WINDOWS_MAX } from "../system/limits.ts";

/** What to do with the texts of one sender that wait, oldest first. */
export type BurstDecision =
  | { readonly kind: "wait"; readonly untilMs: number }
  /** Start a turn with the first `count` of them. */
  | { readonly kind: "take"; readonly count: number };

/**
 * Decides from the arrival times of the waiting texts (in order, at least one, in milliseconds since
 * the epoch). Texts belong together while each comes within `windowMs` of the one before, for a few
 * windows in all; the turn starts once the window after the last has passed. A window of 0 takes each
 * text alone and at once.
 */
export function decideBurst(
  input: {
    readonly arrivedAtMs: readonly number[];
    readonly windowMs: number;
    readonly nowMs: number;
  },
): BurstDecision {
  const { arrivedAtMs, windowMs, nowMs } = input;
  const firstMs = arrivedAtMs[0];
  if (firstMs === undefined) {
    throw new RangeError("Cannot group texts as there must be one at least");
  }
  if (windowMs <= 0) return { kind: "take", count: 1 };

  const latestMs = firstMs + windowMs * BURST_WINDOWS_MAX;
  let count = 1;
  let lastMs = firstMs;
  for (const atMs of arrivedAtMs.slice(1, BURST_TEXTS_MAX)) {
    if (atMs - lastMs > windowMs || atMs > latestMs) break;
    lastMs = Math.max(lastMs, atMs);
    count++;
  }
  const untilMs = Math.min(lastMs + windowMs, latestMs);
  const complete = count === BURST_TEXTS_MAX || nowMs >= untilMs || nowMs < firstMs;
  return complete ? { kind: "take", count } : { kind: "wait", untilMs };
}
