/**
 * Two machines that text each other: noticed by the same text again and again, by answers that come faster
 * than a person reads and writes, and over hours by a rhythm that no person keeps.
 *
 * @module
 */
import {
  LOOP_BREAK_MS,
  LOOP_ODD_SHARE,
  LOOP_PAUSE_FOLLOWS_MS,
  LOOP_PAUSE_MS,
  LOOP_PAUSE_MS_MAX,
  LOOP_PROMPT_MS,
  LOOP_PROMPT_TEXTS_MAX,
  LOOP_REGULAR_GAP_MS_MAX,
  LOOP_REGULAR_SHARE,
  LOOP_REGULAR_TEXTS_MAX,
  LOOP_REPEAT_WINDOW_MS,
  LOOP_REPLIES_MAX,
  LOOP_RHYTHM_MS,
  LOOP_UNBROKEN_MS,
  LOOP_UNBROKEN_TEXTS_MAX,
  LOOP_WORD_CHARS_MAX,
  LOOP_WORD_REPLIES_MAX,
  LOOP_WORD_WORDS_MAX,
  PERSON_READS_MS,
  PERSON_WRITES_CHAR_MS,
} from "../system/limits.ts";
import type { Phone, Sender } from "./phone.ts";

/** How regularly somebody texts. Times in milliseconds since the epoch. */
export interface Rhythm {
  /** The first text of those that came as regularly as the last. */
  readonly regularSinceMs: number;
  /** How many they are. */
  readonly regular: number;
  /** The usual time from one of them to the next. */
  readonly gapMs: number;
  /** Texts among them that came at another time: one was lost, or we were away. */
  readonly odd: number;
  /** How much later than usual the last text came; rows of old do not have it. */
  readonly lateMs?: number | undefined;
  /** The first of the texts that came within seconds of our answers. */
  readonly promptSinceMs: number;
  /** How many they are. */
  readonly prompt: number;
  /** The first text since the last break. */
  readonly unbrokenSinceMs: number;
  /** How many have come since. */
  readonly unbroken: number;
}

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
  /** Pauses that followed on one another; rows of old have neither this nor what follows. */
  readonly pauses?: number | undefined;
  /** The text that was repeated until the pause, by its hash; null when it was no repetition. */
  readonly pausedHash?: number | null | undefined;
  readonly rhythm?: Rhythm | undefined;
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

/** What gives a machine away. */
export type LoopReason = "same-text" | "too-quick" | "regular" | "prompt" | "unbroken";

/** Whether a text is answered. `state` replaces the one kept, either way. */
export type LoopDecision =
  | { readonly kind: "answer"; readonly state: LoopState }
  | {
    readonly kind: "paused";
    /** What gave the machine away; `paused` when that was an earlier text. */
    readonly reason: LoopReason | "paused";
    /** Whether it is but the text again that was answered often enough. */
    readonly repeated: boolean;
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

/** What people say again and again: a word or three. */
function isShort(text: string): boolean {
  return text.length <= LOOP_WORD_CHARS_MAX && text.split(/\s+/).length <= LOOP_WORD_WORDS_MAX;
}

/** The rhythm with one text more. */
function beat({ rhythm, lastTextAtMs, lastReplyAtMs }: LoopState, nowMs: number): Rhythm {
  const gapMs = nowMs - lastTextAtMs;
  if (rhythm === undefined || gapMs < 0) {
    const since = { regularSinceMs: nowMs, promptSinceMs: nowMs, unbrokenSinceMs: nowMs };
    return { ...since, regular: 1, gapMs: 0, odd: 0, prompt: 0, unbroken: 1 };
  }
  const usualMs = rhythm.regular < 2 ? gapMs : rhythm.gapMs;
  const lateMs = gapMs - usualMs;
  const isUsual = (offMs: number) => Math.abs(offMs) <= usualMs * LOOP_REGULAR_SHARE;
  // After a text that was held up on its way the next one seems to come too early.
  const regular = gapMs <= LOOP_REGULAR_GAP_MS_MAX &&
    (isUsual(lateMs) || isUsual(lateMs + (rhythm.lateMs ?? 0)));
  const asBefore = {
    regularSinceMs: rhythm.regularSinceMs,
    regular: rhythm.regular + 1,
    gapMs: usualMs + (gapMs - usualMs) / Math.min(rhythm.regular, 20),
    odd: rhythm.odd,
  };
  const odd = rhythm.odd + 1;
  const anew = { regularSinceMs: lastTextAtMs, regular: 2, gapMs, odd: 0, lateMs: 0 };
  const irregular = odd > rhythm.regular * LOOP_ODD_SHARE ? anew : { odd };
  const answers = lastReplyAtMs !== 0;
  const prompt = answers && nowMs - lastReplyAtMs <= LOOP_PROMPT_MS;
  const broken = gapMs > LOOP_BREAK_MS;
  return {
    ...rhythm,
    lateMs,
    ...regular ? asBefore : irregular,
    promptSinceMs: rhythm.prompt === 0 ? nowMs : rhythm.promptSinceMs,
    prompt: prompt ? rhythm.prompt + 1 : answers ? 0 : rhythm.prompt,
    unbrokenSinceMs: broken ? nowMs : rhythm.unbrokenSinceMs,
    unbroken: broken ? 1 : rhythm.unbroken + 1,
  };
}

/** What the rhythm gives away, if anything. */
function machineBeat(rhythm: Rhythm, nowMs: number): LoopReason | null {
  const { regular, regularSinceMs, prompt, promptSinceMs, unbroken, unbrokenSinceMs } = rhythm;
  const lasted = (sinceMs: number, ms: number) => nowMs - sinceMs >= ms;
  if (regular > LOOP_REGULAR_TEXTS_MAX && lasted(regularSinceMs, LOOP_RHYTHM_MS)) return "regular";
  if (prompt > LOOP_PROMPT_TEXTS_MAX && lasted(promptSinceMs, LOOP_RHYTHM_MS)) return "prompt";
  return unbroken > LOOP_UNBROKEN_TEXTS_MAX && lasted(unbrokenSinceMs, LOOP_UNBROKEN_MS)
    ? "unbroken"
    : null;
}

/** The state of a conversation that pauses from now on. */
function pause(heard: LoopState, before: LoopState, hash: number | null, nowMs: number): LoopState {
  const follows = nowMs - before.pausedUntilMs < LOOP_PAUSE_FOLLOWS_MS;
  const pauses = follows ? (before.pauses ?? 0) + 1 : 1;
  const lastsMs = Math.min(LOOP_PAUSE_MS * 4 ** (pauses - 1), LOOP_PAUSE_MS_MAX);
  return {
    ...heard,
    repeats: 0,
    quick: 0,
    pausedUntilMs: nowMs + lastsMs,
    pauses,
    pausedHash: hash,
  };
}

/** Until when a conversation pauses; 0 when it does not. */
export function pausedUntilMs(state: LoopState, nowMs: number): number {
  const restMs = state.pausedUntilMs - nowMs;
  return restMs > 0 && restMs <= LOOP_PAUSE_MS_MAX ? state.pausedUntilMs : 0;
}

/**
 * Decides whether a text is answered. After five automatic replies to the same text (many more to a short
 * one), or to answers too quick for a person, the conversation pauses for 15 minutes; so it does when for
 * an hour or more the texts come by the clock, or within seconds of each answer, or without any break. A
 * quick text that comes before we answered the one before it is not counted: people write in pieces, and
 * so do machines. To be called once for each text.
 */
export function decideLoop(
  state: LoopState,
  input: { readonly text: string; readonly nowMs: number },
): LoopDecision {
  const { nowMs } = input;
  const text = input.text.trim();
  const hash = hashOf(text.toLowerCase());
  const rhythm = beat(state, nowMs);
  const untilMs = pausedUntilMs(state, nowMs);
  if (untilMs > 0) {
    const repeated = hash === state.pausedHash;
    const heard = { ...state, lastHash: hash, lastTextAtMs: nowMs, lastReplyAtMs: 0, rhythm };
    return { kind: "paused", reason: "paused", repeated, untilMs, state: heard };
  }
  const again = state.repeats > 0 && hash === state.lastHash &&
    nowMs - state.lastTextAtMs < LOOP_REPEAT_WINDOW_MS;
  const repeats = again ? state.repeats + 1 : 1;
  const quick = quickAnswers(text, state, nowMs);
  const heard: LoopState = {
    ...state,
    lastHash: hash,
    lastTextAtMs: nowMs,
    lastReplyAtMs: 0,
    repeats,
    quick,
    rhythm,
  };
  const repliesMax = isShort(text) ? LOOP_WORD_REPLIES_MAX : LOOP_REPLIES_MAX;
  const reason: LoopReason | null = repeats > repliesMax
    ? "same-text"
    : quick >= LOOP_REPLIES_MAX
    ? "too-quick"
    : machineBeat(rhythm, nowMs);
  if (reason === null) return { kind: "answer", state: heard };
  const repeated = reason === "same-text";
  const paused = pause(heard, state, repeated ? hash : null, nowMs);
  return { kind: "paused", reason, repeated, untilMs: paused.pausedUntilMs, state: paused };
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
