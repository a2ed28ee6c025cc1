/**
 * The key of every kind of row, in one place.
 *
 * Rows that must keep their order have a number as last part ({@linkcode Sequence}).
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import type { Clock } from "../system/clock.ts";
import type { Key } from "./kv.ts";

/** Prefixes to list by. */
export const PREFIX = {
  inbox: ["inbox"],
  outbox: ["outbox"],
  dead: ["dead"],
  history: ["history"],
  delivery: ["delivery"],
  sender: ["sender"],
  allowed: ["allowed"],
  pending: ["pending"],
  session: ["session"],
} as const satisfies Record<string, Key>;

/** A text that waits for its turn. */
export const inboxKey = (id: number): Key => [...PREFIX.inbox, id];
/** A message that waits to be sent. */
export const outboxKey = (id: number): Key => [...PREFIX.outbox, id];
/** Something that was given up, with its reason. */
export const deadKey = (id: number): Key => [...PREFIX.dead, id];
/** One past message, without its body. */
export const historyKey = (id: number): Key => [...PREFIX.history, id];
/** That a MessageSid has been taken in. */
export const seenKey = (
  accountSid: string,
  messageSid: string,
): Key => ["seen", accountSid, messageSid];
/** What carriers reported of a sent message. */
export const deliveryKey = (messageSid: string): Key => [...PREFIX.delivery, messageSid];
/** What is known of a sender: opt-out, times, budgets. */
export const senderKey = (account: string, phone: Phone): Key => [...PREFIX.sender, account, phone];
/** That a sender was let in. */
export const allowedKey = (
  account: string,
  phone: Phone,
): Key => [...PREFIX.allowed, account, phone];
/** A stranger's pending pairing request. */
export const pendingKey = (
  account: string,
  phone: Phone,
): Key => [...PREFIX.pending, account, phone];
/** How far the transcript of a session has been read. */
export const sessionMarkKey = (sessionKey: string): Key => [...PREFIX.session, sessionKey];
/** A file that can be fetched for a while. */
export const hostedKey = (token: string): Key => ["hosted", token];
/** A pairing code that has served, so that a second use can be told from a wrong code. */
export const usedCodeKey = (account: string, code: string): Key => ["used", account, code];
/** A value of which there is one for each account, such as the pairing counters. */
export const accountKey = (account: string, name: string): Key => ["account", account, name];
/** A value of which there is one. */
export const bridgeKey = (name: string): Key => ["bridge", name];

/** Stands in a backup, so that a bridge that starts from one knows. */
export const COPIED_KEY: Key = bridgeKey("copied");

/** Since when texts were refused that catch-up shall fetch. */
export const MISSED_KEY: Key = bridgeKey("missed");

/** Numbers that rise with time and never repeat, also when the clock steps back. */
export interface Sequence {
  next(): number;
}

/** Milliseconds since the epoch times this; leaves room for 1,000 rows a millisecond below 2^53. */
const STEPS_PER_MS = 1_000;

/** Makes a {@linkcode Sequence} that goes on above `last`. */
export function createSequence(clock: Clock, last = 0): Sequence {
  let current = last;
  return {
    next() {
      current = Math.max(current + 1, clock.now() * STEPS_PER_MS);
      return current;
    },
  };
}

/** The time in milliseconds at which a row with this id was made. */
export function idTimeMs(id: number): number {
  return Math.floor(id / STEPS_PER_MS);
}
