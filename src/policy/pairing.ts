/**
 * Pairing: what a stranger's text leads to. Decisions only; the caller keeps the records.
 *
 * @module
 */
import {
  PAIRING_PENDING_MAX,
  PAIRING_REPLY_INTERVAL_MS,
  PAIRING_TTL_MS,
  PAIRING_WAITING_MAX,
  PAIRING_WAITING_TTL_MS,
} from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { newPairingCode } from "./pairing_code.ts";
import { shareFreesAtMs } from "./pairing_share.ts";
import { carrierPrefix, type Phone } from "./phone.ts";

/** A stranger's request to be let in. Times in milliseconds since the epoch. */
export interface PendingPairing {
  /** What the owner types to approve it. */
  readonly code: string;
  /** The account that was texted; the code lets in there only. */
  readonly account: string;
  /** Who asks. */
  readonly phone: Phone;
  /** The number that was texted; rows of old do not have it. */
  readonly texted?: Phone | undefined;
  /** When the request was made. */
  readonly createdAtMs: number;
  /** From when on the code no longer serves. */
  readonly expiresAtMs: number;
  /** When the sender was told the code; null when not, as the day's replies were used up. */
  readonly lastReplyAtMs: number | null;
}

/** That a pairing reply was sent. An account keeps those of the last day. */
export interface PairingReply {
  /** To whom. */
  readonly phone: Phone;
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
}

/** What {@linkcode decidePairing} looks at. */
export interface PairingInput {
  /** The account that was texted. */
  readonly account: string;
  /** Who texted. */
  readonly phone: Phone;
  /** The number that was texted, where it is one. */
  readonly home?: Phone | null | undefined;
  /** The account's requests, expired ones too. */
  readonly pending: readonly PendingPairing[];
  /** The account's pairing replies. */
  readonly replies: readonly PairingReply[];
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Fit for secrets. */
  readonly random: Random;
}

/** What to do about a stranger's text. */
export type PairingDecision =
  | {
    /** Keep `pending` (in place of an older one of the sender) and `replies`, drop `evicted`, reply. */
    readonly kind: "create";
    readonly pending: PendingPairing;
    readonly evicted: readonly PendingPairing[];
    readonly replies: readonly PairingReply[];
  }
  /** The sender has a code already: no second reply. */
  | { readonly kind: "known"; readonly pending: PendingPairing }
  /** No reply is left: keep `pending`, drop `evicted`. `freesAtMs`: when a text would get one. */
  | {
    readonly kind: "wait";
    readonly pending: PendingPairing;
    readonly evicted: readonly PendingPairing[];
    readonly freesAtMs: number;
  }
  /** No request and no reply. `freesAtMs`: when a text would get one. */
  | {
    readonly kind: "silent";
    readonly reason: "sender-interval" | "account-day";
    readonly freesAtMs: number;
  };

const DAY_MS = 24 * 3_600_000;

/** Whether the code of a request no longer serves. */
export function isExpired(pending: PendingPairing, nowMs: number): boolean {
  return nowMs >= pending.expiresAtMs;
}

function newCode(random: Random, taken: readonly PendingPairing[]): string {
  for (;;) {
    const code = newPairingCode(random);
    if (!taken.some((pending) => pending.code === code)) return code;
  }
}

/** Whether its sender was not told the code. */
export function isUntold({ lastReplyAtMs }: PendingPairing): boolean {
  return lastReplyAtMs === null;
}

/** The requests that give way to a new one with a code: first what serves no more, then who was told none. */
function evictedForCode(others: readonly PendingPairing[], nowMs: number): PendingPairing[] {
  const rank = (one: PendingPairing) => isExpired(one, nowMs) ? 0 : isUntold(one) ? 1 : 2;
  return others.toSorted((a, b) => rank(a) - rank(b) || a.createdAtMs - b.createdAtMs)
    .slice(0, Math.max(0, others.length - PAIRING_PENDING_MAX + 1));
}

/**
 * The requests that give way to one without a code, never one that serves; null when it is not noted itself.
 * Of those that wait the newest goes whose number begins like most others': a crowd keeps nobody else out.
 */
function evictedForWait(
  phone: Phone,
  others: readonly PendingPairing[],
  nowMs: number,
): PendingPairing[] | null {
  const expired = others.filter((one) => isExpired(one, nowMs))
    .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  const evicted = expired.slice(0, Math.max(0, others.length - PAIRING_PENDING_MAX + 1));
  const waiting = others.filter((one) => isUntold(one) && !isExpired(one, nowMs));
  const stay = others.length - evicted.length;
  if (waiting.length < PAIRING_WAITING_MAX && stay < PAIRING_PENDING_MAX) return evicted;
  const crowds = Map.groupBy(waiting, (one) => carrierPrefix(one.phone));
  const most = [...crowds.values()].reduce((a, b) => b.length > a.length ? b : a, []);
  if ((crowds.get(carrierPrefix(phone))?.length ?? 0) + 1 >= most.length) return null;
  const newest = most.reduce((a, b) => b.createdAtMs > a.createdAtMs ? b : a);
  return [...evicted, newest];
}

/**
 * Decides about the text of a sender whom the policy asks for a code: one request and one reply for
 * each sender and hour, a daily number of replies, shared out, and a number of requests for each account.
 * Who gets no reply as they are used up is noted, so that the owner can let them in all the same.
 */
export function decidePairing(input: PairingInput): PairingDecision {
  const { account, phone, nowMs } = input;
  const known = input.pending.find((one) => one.phone === phone && !isExpired(one, nowMs));
  if (known !== undefined && !isUntold(known)) return { kind: "known", pending: known };

  const replies = input.replies.filter(({ atMs }) => Math.abs(nowMs - atMs) < DAY_MS);
  const last = replies.findLast((reply) => reply.phone === phone);
  if (last !== undefined && nowMs - last.atMs < PAIRING_REPLY_INTERVAL_MS) {
    const freesAtMs = last.atMs + PAIRING_REPLY_INTERVAL_MS;
    return { kind: "silent", reason: "sender-interval", freesAtMs };
  }

  const others = input.pending.filter((pending) => pending.phone !== phone);
  const request = {
    code: known?.code ?? newCode(input.random, others),
    account,
    phone,
    texted: input.home ?? undefined,
    createdAtMs: known?.createdAtMs ?? nowMs,
  };
  const freesAtMs = shareFreesAtMs(phone, input.home ?? null, replies, DAY_MS);
  if (freesAtMs === null) {
    return {
      kind: "create",
      pending: { ...request, expiresAtMs: nowMs + PAIRING_TTL_MS, lastReplyAtMs: nowMs },
      evicted: evictedForCode(others, nowMs),
      replies: [...replies, { phone, atMs: nowMs }],
    };
  }
  if (known !== undefined) return { kind: "known", pending: known };
  const evicted = evictedForWait(phone, others, nowMs);
  if (evicted === null) return { kind: "silent", reason: "account-day", freesAtMs };
  const expiresAtMs = nowMs + PAIRING_WAITING_TTL_MS;
  return {
    kind: "wait",
    pending: { ...request, expiresAtMs, lastReplyAtMs: null },
    evicted,
    freesAtMs,
  };
}

/** What a stranger is told, once: plain GSM-7 and one segment, as the owner pays for it. */
export function pairingReplyText(code: string): string {
  return `This assistant does not know your number yet. Its owner can let you in with: sms-bridge pair approve ${code} (within 1 hour)`;
}

/** What someone who was let in is told, when the owner wants so. */
export const PAIRING_APPROVED_TEXT = "You have been let in. Send a text to talk to the assistant.";

/** What an owner is told of a request: plain GSM-7 and one segment. */
export function ownerWordText(phone: Phone, word: string): string {
  return `${phone} asks to text your assistant. To let them in, answer with this word within 10 minutes: ${word}`;
}

/** What an owner is told, once a day: plain GSM-7 and one segment. */
export const PEOPLE_WAIT_TEXT =
  "People ask to be let in whom no pairing code could be sent: today's are used up. See who with: sms-bridge pair list";
