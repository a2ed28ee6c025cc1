/**
 * The row of a sender: what is remembered of each number that texts, or is texted.
 *
 * @module
 */
import { type LoopState, NO_LOOP } from "../policy/loops.ts";
import { NOTHING_SENT, type SenderSpending } from "../policy/quota.ts";

/** What is remembered of a sender. */
export interface SenderRow {
  /** When the sender asked not to be texted; null when not, or when it was taken back. */
  readonly optedOutAtMs: number | null;
  readonly loop: LoopState;
  readonly spending: SenderSpending;
}

/** A sender of whom nothing is remembered. */
export const NEW_SENDER: SenderRow = { optedOutAtMs: null, loop: NO_LOOP, spending: NOTHING_SENT };
