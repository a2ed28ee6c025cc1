/**
 * What the agent says without being asked: which replies of a transcript answer no text and nobody who
 * typed in another client.
 *
 * Source: the rows that Gateways 2026.8.1 to 2026.9.6 write for sub-agents, scheduled jobs, messages of
 * other sessions and recovered runs.
 *
 * @module
 */
import { partsOf } from "./reply.ts";
import {
  isAnnouncement,
  isInterruption,
  isOwnPrompt,
  isReply,
  type TranscriptRow,
} from "./transcript.ts";

/** A reply that may have to be texted. */
export interface UnaskedReply {
  readonly row: TranscriptRow;
  /**
   * The MessageSid of the text that it answers after all, under its own run or a recovered one; whoever
   * waits for that answer delivers it. Null when nobody asked.
   */
  readonly answers: string | null;
  /** Whether nothing at all led to it: a heartbeat, whose prompt the transcript does not show. */
  readonly unprompted: boolean;
  /** Whether the Gateway went on with something after a restart, and nothing tells with what. */
  readonly goneOn: boolean;
}

/** The bridge's own idempotency keys: MessageSids, a second try with `:2` and so on. */
const OWN_RUN = /^((?:SM|MM)[0-9a-f]{32})(?::\d)?$/i;
/** So long after its answer the Gateway may still let another session's message be announced. */
const SECOND_WORD_MS = 10 * 60_000;
/** So long two sessions that talk may take for each answer; the Gateway's own limit is 30 s by default. */
const NEXT_WORD_MS = 2 * 60_000;
const USER_KEY = /^(.+):user$/;

/** The MessageSid of a text whose turn has this run id; null when the bridge did not start that turn. */
export function ownMessageSid(runId: string | undefined): string | null {
  return runId?.match(OWN_RUN)?.[1] ?? null;
}

/** Who is behind a run: a text, somebody in another client, or nobody. */
type Asker = { readonly kind: "text"; readonly sid: string } | { readonly kind: "other" } | null;

function askerOf(run: string): Asker {
  const sid = ownMessageSid(run);
  return sid === null ? { kind: "other" } : { kind: "text", sid };
}

/** The run that a row is the prompt of; empty for a channel of the Gateway's own, which names none. */
function promptRun(row: TranscriptRow): string | null {
  if (isOwnPrompt(row)) return null;
  const run = row.key?.match(USER_KEY)?.[1];
  if (run !== undefined) return run;
  return row.role === "user" && row.provenance === undefined && !isInterruption(row) ? "" : null;
}

function isAnswered(rows: readonly TranscriptRow[], run: string): boolean {
  if (run === "") return rows.some(isReply);
  return rows.some((row) =>
    (row.runId === run && isReply(row)) || row.key === run || row.key === `${run}:terminal-error`
  );
}

/** Who is behind a run that the Gateway began under a name of its own, by what stands before it. */
function askerBefore(rows: readonly TranscriptRow[], at: number): Asker {
  const before = rows.findLastIndex((row, i) =>
    i < at && (isInterruption(row) || promptRun(row) !== null)
  );
  if (before < 0) return null;
  const prompt = rows[before]!;
  if (isInterruption(prompt)) return askerBefore(rows, before);
  const run = promptRun(prompt)!;
  if (prompt.role !== "user" || isAnswered(rows.slice(before + 1, at), run)) return null;
  const asker = askerOf(run);
  // A text's own run answers under its own name, unless the Gateway was interrupted in it.
  return asker?.kind === "text" && !isInterruption(rows[at]!) ? null : asker;
}

function asker(rows: readonly TranscriptRow[], at: number): Asker {
  const { runId } = rows[at]!;
  if (isAnnouncement(rows[at]!)) return null;
  if (ownMessageSid(runId) !== null) return askerOf(runId!);
  const typed = rows.some((row) =>
    row.role === "user" && row.key === `${runId}:user` && !isOwnPrompt(row)
  );
  return typed ? { kind: "other" } : askerBefore(rows, at);
}

/** Whether a reply has no prompt in the transcript: neither one of its run, nor one just before it. */
function isUnprompted(rows: readonly TranscriptRow[], at: number): boolean {
  const row = rows[at]!;
  if (isAnnouncement(row) || rows.some(({ key }) => key === `${row.runId}:user`)) return false;
  const before = rows.findLastIndex((one, i) =>
    i < at && (isInterruption(one) || isOwnPrompt(one) || one.provenance !== undefined)
  );
  return before < 0 || rows.slice(before + 1, at).some(isReply);
}

function isOtherSessions(row: TranscriptRow): boolean {
  return row.provenance === "inter_session" && !isOwnPrompt(row);
}

/**
 * After another session's message was answered, which is texted, the Gateway has the model say once more
 * what to announce. Whatever else happens in the session may come in between.
 */
function isSecondWord(rows: readonly TranscriptRow[], at: number): boolean {
  if (!isUnprompted(rows, at)) return false;
  const prompts = new Set(
    rows.filter(isOtherSessions).map(({ key }) => key),
  );
  const answer = rows.findLastIndex((row, i) =>
    i < at && isReply(row) && prompts.has(`${row.runId}:user`)
  );
  if (answer < 0 || rows[at]!.atMs - rows[answer]!.atMs > SECOND_WORD_MS) return false;
  return !rows.some((row, i) => i > answer && i < at && isReply(row) && isUnprompted(rows, i));
}

/** The message of another session that a reply answers. */
function messageBehind(rows: readonly TranscriptRow[], { runId }: TranscriptRow) {
  return rows.find((row) => isOtherSessions(row) && row.key === `${runId}:user`);
}

/**
 * After another session's message was answered, which is texted, some releases have the two sessions talk
 * on, each answer being the other's next message, until something is announced. That is between them.
 */
function isBetweenSessions(rows: readonly TranscriptRow[], at: number): boolean {
  const message = messageBehind(rows, rows[at]!);
  if (message?.source === undefined) return false;
  const asked = rows.indexOf(message);
  const before = rows.findLastIndex((row, i) =>
    i < asked && isReply(row) && messageBehind(rows, row)?.source === message.source
  );
  if (before < 0 || message.atMs - rows[before]!.atMs > NEXT_WORD_MS) return false;
  return !rows.some((row, i) => i > before && i < asked && isReply(row) && isUnprompted(rows, i));
}

/** Whether the last thing that was asked before a reply is the note after a restart. */
function isAfterInterruption(rows: readonly TranscriptRow[], at: number): boolean {
  const last = rows.slice(0, at).findLast((row) =>
    row.role === "user" || row.provenance !== undefined
  );
  return last !== undefined && isInterruption(last) && !isAnnouncement(rows[at]!);
}

/** The replies among `rows` (oldest first) that nobody in another client asked for. */
export function unaskedReplies(rows: readonly TranscriptRow[]): UnaskedReply[] {
  return rows.flatMap((row, at) => {
    if (!isReply(row) || partsOf(row.text).length === 0) return [];
    if (isSecondWord(rows, at) || isBetweenSessions(rows, at)) return [];
    const behind = asker(rows, at);
    if (behind?.kind === "other") return [];
    const unprompted = behind === null && isUnprompted(rows, at);
    const goneOn = behind === null && !unprompted && isAfterInterruption(rows, at);
    return [{ row, answers: behind?.sid ?? null, unprompted, goneOn }];
  });
}
