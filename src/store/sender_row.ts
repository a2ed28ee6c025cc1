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
  /** Why: a keyword of theirs, or Twilio refused a message with 21610. */
  readonly optOutReason?: "keyword" | "twilio" | undefined;
  /** When they last said STOP or START, or an operator lifted it: what is older does not undo it. */
  readonly choiceAtMs?: number | undefined;
  /** When they were last told that groups are not served. */
  readonly groupToldAtMs?: number | undefined;
  /** Their reactions that the agent has not been told of; the next turn does. */
  readonly reactions?: readonly string[] | undefined;
  readonly loop: LoopState;
  readonly spending: SenderSpending;
}

/** A sender of whom nothing is remembered. */
export const NEW_SENDER: SenderRow = { optedOutAtMs: null, loop: NO_LOOP, spending: NOTHING_SENT };
