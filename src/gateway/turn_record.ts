/**
 * The Gateway's own record of a turn: what its transcript says became of a text.
 *
 * @module
 */
import { asObject, type JsonObject } from "./frames.ts";
import { FAILED_SENTENCE, partsOf, type RunEnd } from "./reply.ts";
import {
  isAnnouncement,
  isInterruption,
  isReply,
  readRows,
  type TranscriptRow,
} from "./transcript.ts";

/** A run that the Gateway went on with by itself; `end` is null while it has none. */
export interface GoneOn {
  /** When it last began to, by its clock. */
  readonly atMs: number;
  readonly end: RunEnd | null;
}

/** What a transcript says about one key. */
export type RecordVerdict =
  /** The text never reached the session. */
  | { readonly kind: "absent"; readonly active: boolean; readonly goneOn: GoneOn | null }
  /** The page does not go back far enough to tell. */
  | { readonly kind: "out-of-sight" }
  /** The text is there, its end is not; `active`: the Gateway is at work in this session. */
  | { readonly kind: "open"; readonly active: boolean }
  /** The turn ended, maybe in a run that the Gateway began by itself after a restart. */
  | { readonly kind: "ended"; readonly end: RunEnd };

const FAILED: RunEnd = {
  kind: "failed",
  detail: "the transcript holds an error for this turn",
  sentence: FAILED_SENTENCE,
};
/** So far the Gateway's clock may be behind ours. */
const CLOCKS_DIFFER_MS = 2_000;

function replyEnd(row: TranscriptRow): RunEnd {
  return { kind: "reply", payloads: partsOf(row.text) };
}

/** Whether a row is what somebody asked. */
function isAsked(row: TranscriptRow): boolean {
  return row.role === "user" && (row.key?.endsWith(":user") ?? false) && !isInterruption(row);
}

/** The answer of a run that the Gateway went on with, by what follows its note. */
function recoveredEnd(rows: readonly TranscriptRow[]): RecordVerdict | null {
  const next = rows.findIndex(isAsked);
  const reply = (next < 0 ? rows : rows.slice(0, next)).find((row) =>
    isReply(row) && !isAnnouncement(row)
  );
  return reply === undefined ? null : { kind: "ended", end: replyEnd(reply) };
}

/**
 * What the Gateway went on with since the text was begun, when that was nobody else's: releases before
 * 2026.9.1 take an interrupted text out as they go on with it, and every one goes on with nothing after a
 * text that it lost.
 */
function goneOnWith(rows: readonly TranscriptRow[], sinceMs: number): GoneOn | null {
  const at = rows.findIndex((row) => isInterruption(row) && row.atMs >= sinceMs);
  if (at < 0) return null;
  const before = rows.slice(0, at);
  const asked = before.findLastIndex(isAsked);
  const answered = asked < 0 || before.slice(asked + 1).some((row) => row.role === "assistant");
  const ended = recoveredEnd(rows.slice(at + 1));
  const { atMs } = rows.findLast(isInterruption)!;
  return answered ? { atMs, end: ended?.kind === "ended" ? ended.end : null } : null;
}

/** What follows the text in the transcript, up to the next text of somebody. */
function readAfter(rows: readonly TranscriptRow[], key: string): RecordVerdict | null {
  const own = rows.find((row) => isReply(row) && row.runId === key);
  const answered = own ?? rows.find((row) => row.role === "assistant" && row.key === key);
  if (answered !== undefined) return { kind: "ended", end: replyEnd(answered) };
  const interrupted = rows.findIndex(isInterruption);
  if (interrupted >= 0) return recoveredEnd(rows.slice(interrupted + 1));
  if (rows.some((row) => row.key === `${key}:settled-finalization-fallback`)) {
    return { kind: "ended", end: { kind: "reply", payloads: [] } };
  }
  const failed = rows.find((row) => row.key === `${key}:terminal-error`);
  if (failed === undefined) return null;
  return { kind: "ended", end: FAILED };
}

/** Where a text stands in a transcript whose rows name no runs: told by its words and its time. */
function findUnkeyed(rows: readonly TranscriptRow[], message: string, sinceMs: number): number {
  const said = message.trim();
  return said === ""
    ? -1
    : rows.findLastIndex((row) =>
      row.role === "user" && row.key === undefined && row.atMs >= sinceMs - CLOCKS_DIFFER_MS &&
      row.text.trim().endsWith(said)
    );
}

/** What follows a text where rows name no runs: the next answer is its own. */
function readNextAfter(rows: readonly TranscriptRow[], active: boolean): RecordVerdict {
  const next = rows.findIndex((row) => row.role === "user" && !isInterruption(row));
  const own = next < 0 ? rows : rows.slice(0, next);
  // What a command was answered is the Gateway's own word.
  const isCommandAnswer = ({ role, injected, text }: TranscriptRow) =>
    role === "assistant" && injected && text.trim() !== "";
  const reply = own.find((row) => isReply(row) && !isAnnouncement(row)) ??
    own.find(isCommandAnswer);
  if (reply !== undefined) return { kind: "ended", end: replyEnd(reply) };
  return active || !own.some(({ stopReason }) => stopReason === "error")
    ? { kind: "open", active }
    : { kind: "ended", end: FAILED };
}

/**
 * Reads an answer of `chat.history` for the turn with this idempotency key.
 *
 * @param sinceMs When the turn was begun: a page whose oldest row is younger may hide it.
 * @param limit How many rows were asked for.
 * @param unkeyed The text's words, where the Gateway's rows name no runs.
 */
export function readRecord(
  payload: JsonObject,
  key: string,
  sinceMs: number,
  limit: number,
  unkeyed?: string,
): RecordVerdict {
  const rows = readRows(payload);
  const keyed = rows.findLastIndex((row) => row.role === "user" && row.key === `${key}:user`);
  const at = keyed < 0 && unkeyed !== undefined ? findUnkeyed(rows, unkeyed, sinceMs) : keyed;
  const inFlight = asObject(payload.inFlightRun);
  const info = asObject(payload.sessionInfo);
  const active = inFlight.runId !== undefined || info.hasActiveRun === true;
  if (at >= 0) {
    const after = rows.slice(at + 1);
    const open = unkeyed === undefined ? null : readNextAfter(after, active);
    return readAfter(after, key) ?? open ?? { kind: "open", active };
  }
  if (inFlight.runId === key) return { kind: "open", active };
  const whole = rows.length < limit || rows[0]!.atMs < sinceMs;
  return whole
    ? { kind: "absent", active, goneOn: goneOnWith(rows, sinceMs) }
    : { kind: "out-of-sight" };
}
