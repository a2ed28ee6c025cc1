/**
 * What the agent says in a session of somebody who texts, without having been asked: a sub-agent has
 * finished, a job ran in the session, another session sent a message, a turn went on after a crash.
 *
 * The Gateway's transcript is the truth; its events only say when to look. How far each session has been
 * read is on disk, written in the same commit as the message, so that nothing is texted twice or, after
 * an outage, not at all.
 *
 * @module
 */
import type { GatewayEvent } from "../gateway/connection.ts";
import type { GatewayView } from "../gateway/config_view.ts";
import { asObject, asString, type JsonObject } from "../gateway/frames.ts";
import { readHistory } from "../gateway/history.ts";
import type { Link } from "../gateway/link.ts";
import { isReduced } from "../gateway/link_state.ts";
import { partsOf } from "../gateway/reply.ts";
import {
  isAnnouncement,
  isReply,
  readRow,
  readRows,
  type TranscriptRow,
} from "../gateway/transcript.ts";
import { ownMessageSid, unaskedReplies, type UnaskedReply } from "../gateway/unasked.ts";
import { inboxRows } from "../store/inbox.ts";
import { announcedKey, type SessionMark, sessionMarkKey, SESSIONS } from "../store/keys.ts";
import { DEAD, type DeadLetter } from "../store/dead_letter.ts";
import { createRowsView, readView, type RowsView } from "../store/follow.ts";
import type { Change, ViewKind } from "../store/kv.ts";
import {
  DEDUPE_TTL_MS,
  PROACTIVE_AGE_MS_MAX,
  SESSION_MARK_REFRESH_MS,
  SESSION_MARK_TTL_MS,
} from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { composeUnasked } from "../outbound/compose.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import type { GatewayViews } from "../bridge/gateway_views.ts";
import { createGate, createLanes } from "../bridge/lanes.ts";
import type { OutgoingFiles } from "../outbound/outgoing_files.ts";
import { enqueue } from "../outbound/enqueue.ts";
import { errorText } from "../system/failure.ts";
import {
  hasTextedHeartbeats,
  heartbeatRecipient,
  isTextSession,
  recipientOf,
  routeOf,
  type SessionRoute,
} from "./session_recipient.ts";

/** What the watch works with. */
export interface ProactiveParts {
  readonly context: BridgeContext;
  readonly link: Link;
  readonly views: GatewayViews;
  readonly files: OutgoingFiles;
  readonly deliverer: Pick<Deliverer, "wake">;
}

/** A watch over the sessions. */
export interface Proactive {
  /** Ends it; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** The part of a change that lets it happen once for each name within a week; else it is a conflict. */
export function onlyOnce(name: string): Required<Pick<Change, "check" | "set">> {
  const key = announcedKey(name);
  return {
    check: [{ key, versionstamp: null }],
    set: [{ key, value: true, expireInMs: DEDUPE_TTL_MS }],
  };
}

/** Sessions that are read at the same time: after a reconnect there may be hundreds. */
const SESSIONS_READ_MAX = 4;

interface Page {
  readonly rows: readonly TranscriptRow[];
  readonly route: SessionRoute | null;
}

interface ProactiveContext extends ProactiveParts {
  readonly marks: Map<string, SessionMark>;
}

function markSet(sessionKey: string, mark: SessionMark): NonNullable<Change["set"]>[number] {
  return { key: sessionMarkKey(sessionKey), value: mark, expireInMs: SESSION_MARK_TTL_MS };
}

async function writeMark(
  { context, marks }: ProactiveContext,
  sessionKey: string,
  mark: SessionMark,
): Promise<void> {
  await context.store.commit({ set: [markSet(sessionKey, mark)] });
  marks.set(sessionKey, mark);
}

/** The end of a transcript, back to the mark as far as it can be had; null when it cannot be read. */
function readPage(
  { context, link }: ProactiveContext,
  sessionKey: string,
  mark: SessionMark,
): Promise<Page | null> {
  return readHistory(link, sessionKey, (payload, limit) => {
    const rows = readRows(payload);
    const reaches = rows.length < limit || rows.some(({ id }) => id === mark.id) ||
      rows[0]!.atMs <= mark.atMs;
    return { found: { rows, route: routeOf(payload.sessionInfo) }, reaches };
  }, context.stopping);
}

function rowsAfter(rows: readonly TranscriptRow[], mark: SessionMark): readonly TranscriptRow[] {
  const at = rows.findLastIndex(({ id }) => id === mark.id);
  return at >= 0 ? rows.slice(at + 1) : rows.filter(({ atMs }) => atMs > mark.atMs);
}

/** The texts for whose answer the bridge has given up waiting. */
const GIVEN_UP: ViewKind<RowsView<string>> = {
  name: "given-up",
  make: () =>
    createRowsView<DeadLetter, string>({
      prefix: DEAD,
      keep: ({ messageSid, reason }) => reason === "uncertain" ? messageSid : null,
    }),
};

async function isGivenUp({ context }: ProactiveContext, messageSid: string): Promise<boolean> {
  return (await readView(context.store, GIVEN_UP)).values().includes(messageSid);
}

/** Whether a text of this session waits for its answer: what the Gateway goes on with is about that. */
async function isUnderWay({ context }: ProactiveContext, sessionKey: string): Promise<boolean> {
  for await (const { value } of inboxRows(context.store)) {
    if (value.started?.sessionKey === sessionKey) return true;
  }
  return false;
}

/** Texts one reply, with `mark` in the same commit, unless there is nobody or nothing to text. */
async function tell(
  work: ProactiveContext,
  sessionKey: string,
  { row, answers, unprompted, goneOn }: UnaskedReply,
  { view, route }: Pick<Page, "route"> & { readonly view: GatewayView },
  mark: SessionMark,
): Promise<void> {
  const { context, deliverer } = work;
  if (answers !== null && !await isGivenUp(work, answers)) return;
  if (goneOn && await isUnderWay(work, sessionKey)) return;
  const find = unprompted ? heartbeatRecipient : recipientOf;
  const recipient = await find(context, view, sessionKey, route);
  if (recipient === "elsewhere" || !unprompted && !isTextSession(sessionKey, route)) return;
  if (recipient === null) {
    const hint = "nobody who was let in is behind that session; see defaultTo and `pair allow`";
    return context.log.warn("proactive.not-texted", { hint });
  }
  const payloads = partsOf(row.text);
  const message = await composeUnasked(context, work.files, { ...recipient, payloads });
  if (message === null) return;
  const once = isAnnouncement(row) ? onlyOnce(row.runId!) : { check: [], set: [] };
  const queued = await enqueue(context, message, {
    ...once,
    set: [...once.set, markSet(sessionKey, mark)],
  });
  if (queued.kind === "conflict") return;
  work.marks.set(sessionKey, mark);
  queued.wake.forEach(deliverer.wake);
  context.log.info("proactive.texted", { to: maskNumber(recipient.to), outcome: queued.kind });
}

/** Reads what is new in a session, and texts what nobody asked for; not at all while the link is down. */
async function look(work: ProactiveContext, sessionKey: string): Promise<void> {
  const { context, link, marks, views } = work;
  const mark = marks.get(sessionKey);
  const state = link.state();
  if (mark === undefined || state.kind !== "ready" || isReduced(state.session)) return;
  const view = await views.read(state.session.bootId);
  const page = view === null ? null : await readPage(work, sessionKey, mark);
  if (view === null || page === null) return;
  const unasked = new Map(unaskedReplies(page.rows).map((reply) => [reply.row, reply]));
  let last = mark;
  for (const row of rowsAfter(page.rows, mark)) {
    last = { id: row.id, atMs: Math.max(last.atMs, row.atMs) };
    const reply = unasked.get(row);
    const wanted = context.settings().bridge.proactive &&
      context.clock.now() - row.atMs <= PROACTIVE_AGE_MS_MAX;
    if (reply !== undefined && wanted) {
      await tell(work, sessionKey, reply, { view, route: page.route }, last);
    }
  }
  if (last !== marks.get(sessionKey)) await writeMark(work, sessionKey, last);
}

/** Whether a new row may be one to text, or it is time to note how far the session has been read. */
async function isWorthALook(
  work: ProactiveContext,
  row: TranscriptRow,
  mark: SessionMark,
): Promise<boolean> {
  if (row.atMs - mark.atMs > SESSION_MARK_REFRESH_MS) return true;
  if (!isReply(row)) return false;
  const sid = ownMessageSid(row.runId);
  return sid === null || await isGivenUp(work, sid);
}

async function onMessage(
  work: ProactiveContext,
  sessionKey: string,
  payload: JsonObject,
): Promise<void> {
  const row = readRow(payload.message);
  if (!work.marks.has(sessionKey)) {
    const view = work.views.last;
    const watched = isTextSession(sessionKey, routeOf(payload.session)) ||
      (view !== undefined && hasTextedHeartbeats(view, sessionKey));
    if (!watched) return;
    await writeMark(work, sessionKey, { id: null, atMs: row.atMs - 1 });
  }
  if (await isWorthALook(work, row, work.marks.get(sessionKey)!)) await look(work, sessionKey);
}

async function loadMarks({ context: { store }, marks }: ProactiveContext): Promise<void> {
  for await (const { key, value } of store.list({ prefix: SESSIONS })) {
    marks.set(String(key.at(-1)), value);
  }
}

/** Watches all sessions until it is stopped. */
export async function startProactive(parts: ProactiveParts): Promise<Proactive> {
  const { context, link } = parts;
  const work: ProactiveContext = { ...parts, marks: new Map() };
  await loadMarks(work);
  const lanes = createLanes();
  const gate = createGate(SESSIONS_READ_MAX);
  const inLane = (sessionKey: string, job: () => Promise<void>) =>
    lanes.push(sessionKey, async () => {
      const leave = await gate.enter();
      // The next event, or the next connection, looks again from the same mark.
      if (!context.stopping.aborted) {
        await job().catch((error) =>
          context.log.warn("proactive.failed", { error: errorText(error) })
        );
      }
      leave();
    });
  const onEvent = ({ event, payload }: GatewayEvent) => {
    const sessionKey = asString(payload.sessionKey);
    if (event !== "session.message" || sessionKey === undefined) return;
    if (asObject(payload.message).role === undefined) return;
    inLane(sessionKey, () => onMessage(work, sessionKey, payload));
  };
  const subscribe = async () => {
    const state = link.state();
    // Transcripts without keys do not tell an answer from what nobody asked for.
    if (state.kind !== "ready" || isReduced(state.session)) return;
    await parts.views.read(state.session.bootId);
    const answer = await link.request("sessions.subscribe", {});
    if (answer.kind === "error") {
      context.log.warn("proactive.not-watching", { reason: answer.fault.code });
    }
    for (const sessionKey of work.marks.keys()) inLane(sessionKey, () => look(work, sessionKey));
  };
  const stopEvents = link.onEvent(onEvent);
  const stopStates = link.onState(({ kind }) => void (kind === "ready" && subscribe()));
  if (link.state().kind === "ready") subscribe();
  return {
    async stop() {
      stopEvents();
      stopStates();
      await lanes.idle();
    },
  };
}
