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
 * the epoch). All that wait become one turn: what came while the one before ran, or while the bridge was
 * down. With a window, the turn also waits until nothing has come for `windowMs`, for a few windows in all.
 *
 * @throws {RangeError} When no text waits.
 */
export function decideBurst(
  input: {
    readonly arrivedAtMs: readonly number[];
    readonly windowMs: number;
    readonly nowMs: number;
  },
): BurstDecision {
  const { arrivedAtMs, windowMs, nowMs } = input;
  const [firstMs, ...others] = arrivedAtMs;
  if (firstMs === undefined) {
    throw new RangeError("Cannot group texts as there must be one at least");
  }
  const count = Math.min(arrivedAtMs.length, BURST_TEXTS_MAX);
  const lastMs = Math.max(firstMs, ...others.slice(0, count - 1));
  const untilMs = Math.min(lastMs + windowMs, firstMs + windowMs * BURST_WINDOWS_MAX);
  const complete = count === BURST_TEXTS_MAX || nowMs >= untilMs || nowMs < firstMs;
  return complete ? { kind: "take", count } : { kind: "wait", untilMs };
}
