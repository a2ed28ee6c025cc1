/**
 * Keys that know the type of their row, so that whoever reads by one gets that type. The key of a row with
 * a file of its own stands there; all others stand here.
 *
 * Rows that must keep their order have a number as last part ({@linkcode Sequence}).
 *
 * @module
 */
import type { ApprovalLock } from "../policy/approval.ts";
import type { PairingReply, PendingPairing } from "../policy/pairing.ts";
import type { Phone } from "../policy/phone.ts";
import type { DaySpending } from "../policy/quota.ts";
import type { Clock } from "../system/clock.ts";
import type { Key, RowKey } from "./kv.ts";

/** How far the transcript of a session has been read. */
export interface SessionMark {
  /** The last row's id; null when none was read yet. */
  readonly id: string | null;
  /** When that row was written, by the Gateway's clock. */
  readonly atMs: number;
}

/** A copy of a file that Twilio may fetch. */
export interface HostedFile {
  readonly name: string;
  readonly type: string;
  readonly untilMs: number;
}

/** What is kept of an idempotency key: the message it made, and a digest of what was asked. */
export interface IdempotencyRow {
  readonly id: number;
  readonly digest: string;
  readonly expiresAtMs: number;
}

/** A key whose row is a `Row`. */
export function keyOf<Row>(...parts: Key): RowKey<Row> {
  return parts;
}

/** Strangers' pending pairing requests. */
export const PENDING = keyOf<PendingPairing>("pending");
/** How far the transcripts of sessions have been read. */
export const SESSIONS = keyOf<SessionMark>("session");

/** A row's place below a prefix, of the same type as all there. */
export function below<Row>(prefix: RowKey<Row>, ...parts: Key): RowKey<Row> {
  return [...prefix, ...parts];
}

/** A stranger's pending pairing request. */
export const pendingKey = (account: string, phone: Phone) => below(PENDING, account, phone);
/** How far the transcript of a session has been read. */
export const sessionMarkKey = (sessionKey: string) => below(SESSIONS, sessionKey);
/** That a MessageSid has been taken in, as which row; null where there is none. */
export const seenKey = (accountSid: string, messageSid: string) =>
  keyOf<number | null>("seen", accountSid, messageSid);
/** A file that can be fetched for a while. */
export const hostedKey = (token: string) => keyOf<HostedFile>("hosted", token);
/** A pairing code that has served, so that a second use can be told from a wrong code. */
export const usedCodeKey = (account: string, code: string) => keyOf<true>("used", account, code);
/** What an account has sent today. */
export const spendingKey = (account: string) => keyOf<DaySpending>("account", account, "spending");
/** Which strangers an account has answered of late. */
export const pairingRepliesKey = (account: string) =>
  keyOf<PairingReply[]>("account", account, "pairing-replies");
/** When the owner was last told that strangers wait for a code. */
export const waitsToldKey = (account: string) =>
  keyOf<number>("account", account, "pairing-waits-told");
/** A value of which there is one. */
export const bridgeKey = <Row>(...name: Key) => keyOf<Row>("bridge", ...name);
/** Of an idempotency key that a sender gave. */
export const idempotencyRowKey = (account: string, key: string) =>
  bridgeKey<IdempotencyRow>("idempotency", account, key);
/** That something the Gateway may say twice has been texted. */
export const announcedKey = (name: string) =>
  // The Gateway may give a name that is longer than a key may be.
  bridgeKey<true>("announced", name.length <= 600 ? name : name.slice(0, 300) + name.slice(-300));

/** When the bridge was last seen running, in milliseconds since the epoch. */
export const ALIVE_KEY = bridgeKey<number>("alive");
/** When this store began, in milliseconds since the epoch: what is older is none of its texts. */
export const BEGINNING_KEY = bridgeKey<number>("beginning");
/** When the last scheduled run that was looked at ended, by the Gateway's clock. */
export const CRON_MARK_KEY = bridgeKey<number>("cron-mark");
/** Whether pairing codes may be tried. */
export const APPROVAL_LOCK_KEY = bridgeKey<ApprovalLock>("approval-lock");
/** Stands in a backup, so that a bridge that starts from one knows. */
export const COPIED_KEY = bridgeKey<true>("copied");

/** Since when texts were refused that catch-up shall fetch. */
export const MISSED_KEY = bridgeKey<number>("missed");

/** Numbers that rise with time and never repeat, also when the clock steps back. */
export interface Sequence {
  next(): number;
  /** Goes on above a number that somebody else has taken. */
  raise(known: number): void;
}

/** Milliseconds since the epoch times this; leaves room for 1,000 rows a millisecond below 2^53. */
const STEPS_PER_MS = 1_000;

/** Numbers of a sequence that leave room for those of others: of every `of` numbers it takes one. */
export interface Share {
  readonly of: number;
  readonly at: () => number;
}

/** Makes a {@linkcode Sequence} that goes on above `last`. */
export function createSequence(
  clock: Clock,
  last = 0,
  share: Share = { of: 1, at: () => 0 },
): Sequence {
  let current = last;
  return {
    next() {
      const least = Math.max(current + 1, clock.now() * STEPS_PER_MS);
      const { of } = share;
      current = Math.ceil((least - share.at()) / of) * of + share.at();
      return current;
    },
    raise(known) {
      current = Math.max(current, known);
    },
  };
}

/** The time in milliseconds at which a row with this id was made. */
export function idTimeMs(id: number): number {
  return Math.floor(id / STEPS_PER_MS);
}
