/**
 * A turn: one text in, one answer out, once, whatever happens to the socket or to either side.
 *
 * The Gateway knows a turn by its idempotency key. Once a turn may have begun, what became of it is read
 * from the Gateway's own record before anything is sent again; what cannot be known is said to be
 * uncertain and not run twice.
 *
 * @module
 */
import { commandKind } from "../policy/commands.ts";
import type { Phone } from "../policy/phone.ts";
import { type Clock, sleep } from "../system/clock.ts";
import {
  GATEWAY_LOOK_MS_MAX,
  GATEWAY_POLL_MS,
  GATEWAY_RECOVERY_MS,
  GATEWAY_SETTLE_MS,
  UNKNOWN_FAULTS_MAX,
} from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import { shortSid } from "../system/redact.ts";
import { asObject, asString, type GatewayFault, type JsonObject } from "./frames.ts";
import { kindOfFault } from "./faults.ts";
import { readHistory } from "./history.ts";
import { withoutRefused } from "./refused_files.ts";
import type { Link } from "./link.ts";
import { isReduced, type Session } from "./link_state.ts";
import { endOfRun, FAILED_SENTENCE, partsOf, type ReplyPayload, type RunEnd } from "./reply.ts";
import { readRecord, type RecordVerdict } from "./turn_record.ts";

/** A picture or another file that goes with a text. */
export interface Attachment {
  readonly type: "image" | "file";
  readonly mimeType: string;
  readonly fileName: string;
  /** Base64. */
  readonly content: string;
}

/** That a turn was begun with a Gateway of this boot id. */
export interface Started {
  readonly bootId: string;
  readonly atMs: number;
}

/** A text for the agent. */
export interface Turn {
  readonly sessionKey: string;
  /** The idempotency key, and the Gateway's run id. */
  readonly key: string;
  readonly message: string;
  readonly to: Phone;
  readonly accountId: string;
  readonly extraSystemPrompt: string;
  readonly attachments?: readonly Attachment[];
  /**
   * Whether the text goes by `chat.send`: a command of the Gateway, such as `/status`, or a text with
   * files that are no pictures, which `agent` does not take.
   */
  readonly chat?: boolean;
  /** Null when the turn was certainly never begun. */
  readonly started: Started | null;
  readonly timeoutMs: number;
}

/** What a turn works with. */
export interface TurnParts {
  /** Awaited before the first byte leaves. What it throws ends the turn. */
  readonly onStarting: (bootId: string) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What came of a turn. */
export type TurnOutcome =
  | { readonly kind: "reply"; readonly payloads: readonly ReplyPayload[] }
  /** There is no answer. `detail` is for the log, `sentence` for the person. */
  | { readonly kind: "failed"; readonly detail: string; readonly sentence: string }
  /** Nothing was begun, or its end can still be looked up: call again after `afterMs`. */
  | { readonly kind: "later"; readonly afterMs: number; readonly reason: string }
  /** It was begun and nobody can say what became of it. */
  | { readonly kind: "uncertain"; readonly reason: string };

/** What one look gives: an outcome, or another look after a pause. */
type Look =
  | TurnOutcome
  | { readonly kind: "again"; readonly afterMs: number; readonly seen?: boolean }
  /** The Gateway will not run this key: once it has recovered, the text goes on under {@linkcode nextKey}. */
  | { readonly kind: "spent" }
  /** It goes on under the next key now. */
  | { readonly kind: "next" }
  /** The Gateway does not take a file of it: it goes on without, at once. */
  | { readonly kind: "without"; readonly turn: Turn }
  /** An error that nobody knows. */
  | { readonly kind: "unknown"; readonly fault: GatewayFault };

/** So often a text gets another key. */
const KEYS_MAX = 9;

/**
 * The turn under its next key, which is `<key>:2` and so on: for when the Gateway died between taking the
 * text and writing it down. Null when that has happened too often.
 */
function nextKey(turn: Turn): Turn | null {
  const [, base, count = "1"] = turn.key.match(/^(.*?)(?::(\d))?$/)!;
  const next = Number(count) + 1;
  return next > KEYS_MAX ? null : { ...turn, key: `${base}:${next}` };
}

/** How soon the transcript is looked at for the answer to what went by `chat.send`. */
const CHAT_POLL_MS = 100;
const STOPPED_SENTENCE = "Stopped.";
const IDLE_SENTENCE = "Nothing was running.";
/** What becomes of a reset, or of a turn with an owner's tools, without the admin scope. */
export const NOT_ALLOWED: TurnOutcome = {
  kind: "failed",
  detail: "the Gateway gave no admin scope, which resets and ownerTools need",
  sentence: "Sorry, the Gateway does not allow that from here.",
};
const STOPPING: TurnOutcome = { kind: "later", afterMs: 0, reason: "stopping" };

function agentParams(turn: Turn): JsonObject {
  return {
    sessionKey: turn.sessionKey,
    message: turn.message,
    channel: "sms",
    to: `sms:${turn.to}`,
    accountId: turn.accountId,
    deliver: false,
    idempotencyKey: turn.key,
    extraSystemPrompt: turn.extraSystemPrompt,
    ...(turn.attachments?.length ? { attachments: turn.attachments } : {}),
  };
}

function failed({ code }: GatewayFault): TurnOutcome {
  return {
    kind: "failed",
    detail: `the Gateway said ${code}; its own log says more`,
    sentence: FAILED_SENTENCE,
  };
}

function ofFault(fault: GatewayFault, turn: Turn): Look {
  const without = withoutRefused(turn, fault);
  if (without !== null) return { kind: "without", turn: without };
  switch (kindOfFault(fault)) {
    case "not-begun": {
      const afterMs = fault.retryAfterMs ?? GATEWAY_POLL_MS;
      return { kind: "later", afterMs, reason: fault.code };
    }
    case "key-spent":
      return { kind: "spent" };
    case "final":
      return failed(fault);
    case "unknown":
      return { kind: "unknown", fault };
  }
}

/** Sends by `chat.send`. The answer is found in the transcript; `/stop` has none but this. */
async function askByChat(link: Link, turn: Turn, signal: AbortSignal): Promise<Look> {
  const { sessionKey, message, key: idempotencyKey, attachments = [] } = turn;
  const files = attachments.length > 0 ? { attachments } : {};
  const params = { sessionKey, message, idempotencyKey, ...files };
  const answer = await link.request("chat.send", params, { signal });
  switch (answer.kind) {
    case "ok": {
      const { aborted } = answer.payload;
      if (typeof aborted !== "boolean") return { kind: "again", afterMs: CHAT_POLL_MS };
      const text = aborted ? STOPPED_SENTENCE : IDLE_SENTENCE;
      return { kind: "reply", payloads: [{ text, mediaUrls: [] }] };
    }
    case "error":
      return ofFault(answer.fault, turn);
    case "not-sent":
    case "lost":
      return { kind: "again", afterMs: 0 };
  }
}

/** Sends the text. The same key again, in the same boot, does not begin a second run. */
async function ask(link: Link, turn: Turn, signal: AbortSignal): Promise<Look> {
  if (turn.chat) return await askByChat(link, turn, signal);
  const { timeoutMs } = turn;
  const answer = await link.request("agent", agentParams(turn), { final: true, timeoutMs, signal });
  switch (answer.kind) {
    case "ok":
      return asString(answer.payload.status) === "in_flight"
        ? { kind: "again", afterMs: GATEWAY_POLL_MS }
        : endOfRun(answer.payload);
    case "error":
      return ofFault(answer.fault, turn);
    case "not-sent":
    case "lost":
      return { kind: "again", afterMs: 0 };
  }
}

/** What the transcript says of a turn; null when it cannot be read. */
function readTurn(link: Link, turn: Turn, sinceMs: number): Promise<RecordVerdict | null> {
  const state = link.state();
  const unkeyed = state.kind === "ready" && isReduced(state.session) ? turn.message : undefined;
  return readHistory(link, turn.sessionKey, (payload, limit) => {
    const found = readRecord(payload, turn.key, sinceMs, limit, unkeyed);
    return { found, reaches: found.kind !== "out-of-sight" };
  });
}

/** Waits a while for a run of this boot; its end when the Gateway names one. */
async function waitForRun(link: Link, turn: Turn, signal: AbortSignal): Promise<RunEnd | null> {
  const waitMs = 20_000;
  const answer = await link.request("agent.wait", { runId: turn.key, timeoutMs: waitMs }, {
    timeoutMs: waitMs + 10_000,
    signal,
  });
  if (answer.kind !== "ok") return null;
  const { payload } = answer;
  const status = asString(payload.status);
  if (status !== "ok" && status !== "error") return null;
  const text = asString(asObject(payload.terminalReply).text) ?? "";
  if (status === "ok" && text !== "") return { kind: "reply", payloads: partsOf(text) };
  // Without a text nobody can tell a silence from an answer that this release does not repeat here.
  return status === "ok" && payload.terminalReply === undefined ? null : endOfRun(payload);
}

/** Sends a text that the transcript does not hold, unless it is there under its next key. */
async function askAgain(
  link: Link,
  turn: Turn,
  { started, spent }: Standing,
  signal: AbortSignal,
): Promise<Look> {
  const next = nextKey(turn);
  if (next === null) return await ask(link, turn, signal);
  const found = await readTurn(link, next, started.atMs);
  if (found === null) return { kind: "again", afterMs: GATEWAY_POLL_MS };
  return spent || found.kind !== "absent" ? { kind: "next" } : await ask(link, turn, signal);
}

/**
 * What to do about a text that is not in the transcript. The Gateway goes on first with what it has of it;
 * that is the answer when the text was there before, or when it will not be run any more.
 */
async function lookForAbsent(
  link: Link,
  turn: Turn,
  standing: Standing,
  { active, goneOn }: RecordVerdict & { readonly kind: "absent" },
  signal: AbortSignal,
): Promise<Look> {
  const { spent, seen, readyForMs, beganAtMs } = standing;
  if (goneOn?.end && seen) return goneOn.end;
  const settling = spent && readyForMs < GATEWAY_SETTLE_MS;
  // What a process went on with that is gone comes to no end; this one may begin it anew.
  const isOld = goneOn !== null && beganAtMs !== null && goneOn.atMs < beganAtMs;
  const waitsMs = isOld ? GATEWAY_SETTLE_MS : GATEWAY_RECOVERY_MS;
  const goingOn = goneOn !== null && goneOn.end === null && readyForMs < waitsMs;
  if (settling || goingOn || (active && (spent || goneOn !== null))) {
    return { kind: "again", afterMs: GATEWAY_POLL_MS, seen };
  }
  const look = await askAgain(link, turn, standing, signal);
  return look.kind === "failed" && goneOn?.end ? goneOn.end : look;
}

/** How a turn stands that may have begun. */
interface Standing {
  readonly started: Started;
  /** Whether the Gateway has said that it will not run this key. */
  readonly spent: boolean;
  /** Whether the transcript held the text at an earlier look. */
  readonly seen: boolean;
  /** How long this start of the Gateway has been there, as far as is known. */
  readonly readyForMs: number;
  readonly beganAtMs: Session["beganAtMs"];
}

/** Finds out what became of a turn that may have begun. */
async function lookUp(
  link: Link,
  turn: Turn,
  standing: Standing,
  session: Session,
  signal: AbortSignal,
): Promise<Look> {
  const { started, readyForMs } = standing;
  const verdict = await readTurn(link, turn, started.atMs);
  if (verdict === null) return { kind: "again", afterMs: GATEWAY_POLL_MS };
  switch (verdict.kind) {
    case "ended":
      return verdict.end;
    case "absent":
      return await lookForAbsent(link, turn, standing, verdict, signal);
    case "out-of-sight":
      return { kind: "uncertain", reason: "the transcript is too long to find the turn in" };
    case "open": {
      // Without boot ids a run that nobody works on any more is given up as after a restart.
      const sameBoot = session.bootId === started.bootId;
      if (sameBoot && !(isReduced(session) && readyForMs >= GATEWAY_RECOVERY_MS)) {
        const end = await waitForRun(link, turn, signal);
        // A run that went on after our socket broke is in the transcript with its files: read it again.
        const again = end === null ? null : await readTurn(link, turn, started.atMs);
        if (again?.kind === "ended") return again.end;
        return end ?? { kind: "again", afterMs: GATEWAY_POLL_MS, seen: true };
      }
      if (verdict.active || readyForMs < GATEWAY_RECOVERY_MS) {
        return { kind: "again", afterMs: GATEWAY_POLL_MS, seen: true };
      }
      return {
        kind: "uncertain",
        reason: "the Gateway restarted during the turn and did not go on",
      };
    }
  }
}

/** Whether the Gateway would refuse a command; not every release says so in words that serve. */
function isForbidden({ chat, message }: Turn, { mayReset }: Session): boolean {
  return chat === true && !mayReset && commandKind(message) === "reset";
}

/** What one look at a turn found, with the turn as it goes on. */
class Course {
  turn: Turn;
  started: Started | null;
  spent = false;
  #seen = false;
  #boot: { readonly session: Session | null; readyForMs: number; lookedAtMs: number } = {
    session: null,
    readyForMs: 0,
    lookedAtMs: 0,
  };
  #unknown = 0;
  #link: Link;
  #parts: TurnParts;

  constructor(link: Link, turn: Turn, parts: TurnParts) {
    this.#link = link;
    this.turn = turn;
    this.started = turn.started;
    this.#parts = parts;
  }

  /** Begins the turn, or finds out what became of it. */
  async look(session: Session): Promise<Look> {
    const { clock, log, signal, onStarting } = this.#parts;
    const { bootId } = session;
    if (this.started === null && isForbidden(this.turn, session)) return NOT_ALLOWED;
    const known = this.#boot.session;
    const same = known !== null &&
      (isReduced(session) ? known === session : known.bootId === bootId);
    const nowMs = clock.now();
    if (!same) this.#boot = { session, readyForMs: 0, lookedAtMs: nowMs };
    // A machine that slept in between gave a Gateway beside us no time either.
    this.#boot.readyForMs += Math.min(nowMs - this.#boot.lookedAtMs, GATEWAY_LOOK_MS_MAX);
    this.#boot.lookedAtMs = nowMs;
    if (this.started === null) {
      await onStarting(bootId);
      this.started = { bootId, atMs: clock.now() };
      return await ask(this.#link, this.turn, signal);
    }
    log.info("turn.looked-up", { sid: shortSid(this.turn.key) });
    const { readyForMs } = this.#boot;
    const { started, spent } = this;
    const { beganAtMs } = session;
    const standing = { started, spent, seen: this.#seen, readyForMs, beganAtMs };
    return await lookUp(this.#link, this.turn, standing, session, signal);
  }

  /** What a look means for the turn: an outcome, or how long to wait before the next. */
  follow(look: Look): TurnOutcome | { readonly kind: "again"; readonly afterMs: number } {
    const { log } = this.#parts;
    switch (look.kind) {
      case "spent":
        this.spent = true;
        return { kind: "again", afterMs: GATEWAY_POLL_MS };
      case "next": {
        const next = nextKey(this.turn);
        log.warn("turn.orphaned", { sid: shortSid(this.turn.key) });
        this.spent = false;
        this.#seen = false;
        if (next !== null) this.turn = next;
        return { kind: "again", afterMs: 0 };
      }
      case "without":
        log.warn("turn.file-refused", { sid: shortSid(this.turn.key) });
        this.turn = look.turn;
        return { kind: "again", afterMs: 0 };
      case "unknown":
        log.warn("turn.unknown-fault", { sid: shortSid(this.turn.key), code: look.fault.code });
        return ++this.#unknown < UNKNOWN_FAULTS_MAX
          ? { kind: "again", afterMs: this.#unknown * GATEWAY_POLL_MS }
          : failed(look.fault);
      case "again":
        this.#seen ||= look.seen === true;
        return look;
      default:
        return look;
    }
  }
}

/** Has a text answered. */
export async function runTurn(link: Link, turn: Turn, parts: TurnParts): Promise<TurnOutcome> {
  const { clock, signal } = parts;
  const deadlineMs = clock.now() + turn.timeoutMs;
  const course = new Course(link, turn, parts);
  while (clock.now() < deadlineMs) {
    const session = await link.ready(signal);
    if (session === null) return STOPPING;
    const step = course.follow(await course.look(session));
    if (step.kind !== "again") return step;
    if (signal.aborted) return STOPPING;
    await sleep(clock, step.afterMs, signal);
  }
  return { kind: "uncertain", reason: "the turn took too long" };
}
