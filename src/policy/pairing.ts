/**
 * Pairing: what a stranger's text leads to. Decisions only; the caller keeps the records.
 *
 * @module
 */
import {
  PAIRING_PENDING_MAX,
  PAIRING_REPLIES_PER_DAY_MAX,
  PAIRING_REPLY_INTERVAL_MS,
  PAIRING_TTL_MS,
} from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { newPairingCode } from "./pairing_code.ts";
import type { Phone } from "./phone.ts";

/** A stranger's request to be let in. Times in milliseconds since the epoch. */
export interface PendingPairing {
  /** What the owner types to approve it. */
  readonly code: string;
  /** The account that was texted; the code lets in there only. */
  readonly account: string;
  /** Who asks. */
  readonly phone: Phone;
  /** When the request was made. */
  readonly createdAtMs: number;
  /** From when on the code no longer serves. */
  readonly expiresAtMs: number;
  /** When the sender was last told the code. */
  readonly lastReplyAtMs: number;
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

/**
 * Decides about the text of a sender whom the policy asks for a code: one request and one reply for
 * each sender and hour, a daily number of replies and a number of requests for each account.
 */
export function decidePairing(input: PairingInput): PairingDecision {
  const { account, phone, nowMs } = input;
  const known = input.pending.find((pending) => pending.phone === phone);
  if (known !== undefined && !isExpired(known, nowMs)) return { kind: "known", pending: known };

  const replies = input.replies.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs < DAY_MS);
  const last = replies.findLast((reply) => reply.phone === phone);
  if (last !== undefined && nowMs - last.atMs < PAIRING_REPLY_INTERVAL_MS) {
    const freesAtMs = last.atMs + PAIRING_REPLY_INTERVAL_MS;
    return { kind: "silent", reason: "sender-interval", freesAtMs };
  }
  const oldest = replies.at(-PAIRING_REPLIES_PER_DAY_MAX);
  if (oldest !== undefined) {
    return { kind: "silent", reason: "account-day", freesAtMs: oldest.atMs + DAY_MS };
  }

  const others = input.pending.filter((pending) => pending.phone !== phone)
    .toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  return {
    kind: "create",
    pending: {
      code: newCode(input.random, others),
      account,
      phone,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + PAIRING_TTL_MS,
      lastReplyAtMs: nowMs,
    },
    evicted: others.slice(0, Math.max(0, others.length - PAIRING_PENDING_MAX + 1)),
    replies: [...replies, { phone, atMs: nowMs }],
  };
}

/** What a stranger is told, once: plain GSM-7 and one segment, as the owner pays for it. */
export function pairingReplyText(code: string): string {
  return `This assistant does not know your number yet. Its owner can let you in with: sms-bridge pair approve ${code} (within 1 hour)`;
}

/** What someone who was let in is told, when the owner wants so. */
export const PAIRING_APPROVED_TEXT = "You have been let in. Send a text to talk to the assistant.";
