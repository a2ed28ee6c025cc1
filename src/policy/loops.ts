/**
 * Two machines that text each other: noticed by the same text again and again, or by answers that come
 * faster than a person reads and writes.
 *
 * @module
 */
import {
  LOOP_PAUSE_MS,
  LOOP_REPEAT_WINDOW_MS,
  LOOP_REPLIES_MAX,
  LOOP_WORD_CHARS_MAX,
  LOOP_WORD_REPLIES_MAX,
  PERSON_READS_MS,
  PERSON_WRITES_CHAR_MS,
} from "../system/limits.ts";
import type { Phone, Sender } from "./phone.ts";

/** What is remembered of a conversation; texts only by a hash. Times in milliseconds since the epoch. */
export interface LoopState {
  /** The last text's hash. */
  readonly lastHash: number;
  /** When the last text came. */
  readonly lastTextAtMs: number;
  /** When the last automatic message went out, if no text has come since; else 0. */
  readonly lastReplyAtMs: number;
  /** How often the last text has come in a row. */
  readonly repeats: number;
  /** Answers in a row that were too quick for a person. */
  readonly quick: number;
  /** Until when nothing is answered; 0 when the conversation was never broken off. */
  readonly pausedUntilMs: number;
}

/** A conversation that has not begun. */
export const NO_LOOP: LoopState = {
  lastHash: 0,
  lastTextAtMs: 0,
  lastReplyAtMs: 0,
  repeats: 0,
  quick: 0,
  pausedUntilMs: 0,
};

/** Whether a text is answered. `state` replaces the one kept, either way. */
export type LoopDecision =
  | { readonly kind: "answer"; readonly state: LoopState }
  | {
    readonly kind: "paused";
    /** What gave the machine away; `paused` when that was an earlier text. */
    readonly reason: "same-text" | "too-quick" | "paused";
    /** When the conversation may go on. */
    readonly untilMs: number;
    readonly state: LoopState;
  };

/** FNV-1a over UTF-16 units: tells texts apart, keeps nothing of them. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Answers in a row that were too quick, this text counted; what a person can have written ends the row. */
function quickAnswers(text: string, state: LoopState, nowMs: number): number {
  const tookMs = nowMs - Math.max(state.lastReplyAtMs, state.lastTextAtMs);
  const quick = tookMs >= 0 && tookMs < PERSON_READS_MS + text.length * PERSON_WRITES_CHAR_MS;
  if (!quick) return 0;
  return state.lastReplyAtMs === 0 ? state.quick : state.quick + 1;
}

/**
 * Decides whether a text is answered. After five automatic replies to the same text, or to answers too
 * quick for a person, the conversation pauses for 15 minutes. A quick text that comes before we
 * answered the one before it is not counted: people write in pieces, and so do machines. To be called
 * once for each text.
 */
export function decideLoop(
  state: LoopState,
  input: { readonly text: string; readonly nowMs: number },
): LoopDecision {
  const { nowMs } = input;
  const restMs = state.pausedUntilMs - nowMs;
  if (restMs > 0 && restMs <= LOOP_PAUSE_MS) {
    return { kind: "paused", reason: "paused", untilMs: state.pausedUntilMs, state };
  }
  const text = input.text.trim();
  const hash = hashOf(text.toLowerCase());
  const again = state.repeats > 0 && hash === state.lastHash &&
    nowMs - state.lastTextAtMs < LOOP_REPEAT_WINDOW_MS;
  const repeats = again ? state.repeats + 1 : 1;
  const quick = quickAnswers(text, state, nowMs);
  const heard = { lastHash: hash, lastTextAtMs: nowMs, lastReplyAtMs: 0, pausedUntilMs: 0 };

  const repliesMax = text.length <= LOOP_WORD_CHARS_MAX ? LOOP_WORD_REPLIES_MAX : LOOP_REPLIES_MAX;
  const reason = repeats > repliesMax
    ? "same-text"
    : quick >= LOOP_REPLIES_MAX
    ? "too-quick"
    : null;
  if (reason === null) return { kind: "answer", state: { ...heard, repeats, quick } };
  const untilMs = nowMs + LOOP_PAUSE_MS;
  return {
    kind: "paused",
    reason,
    untilMs,
    state: { ...heard, repeats: 0, quick: 0, pausedUntilMs: untilMs },
  };
}

/** Notes that an automatic message went out to the sender. */
export function noteReply(state: LoopState, nowMs: number): LoopState {
  return { ...state, lastReplyAtMs: nowMs };
}

/** Why a sender is never answered, or `null`: only numbers are, and never our own. */
export function neverAnswered(
  sender: Sender,
  ownNumbers: readonly Phone[],
): "own-number" | Exclude<Sender["kind"], "phone"> | null {
  if (sender.kind !== "phone") return sender.kind;
  return ownNumbers.includes(sender.phone) ? "own-number" : null;
}
