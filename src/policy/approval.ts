/**
 * Approval of a pairing code, and the lock against guessing one. Decisions only: the caller commits
 * them with a check that the request is still there, so that of several at once one wins.
 *
 * @module
 */
import { APPROVAL_WINDOW_MS, APPROVAL_WRONG_MAX } from "../system/limits.ts";
import { isExpired, type PendingPairing } from "./pairing.ts";
import { readPairingCode } from "./pairing_code.ts";
import { recentTimes } from "./window.ts";

/** Recent wrong codes. Times in milliseconds since the epoch. */
export interface ApprovalLock {
  /** When wrong codes were typed; fewer than the number that locks. */
  readonly wrongAtMs: readonly number[];
  /** Until when no code is looked at; 0 when approval was never locked. */
  readonly lockedUntilMs: number;
}

/** The lock before anybody typed anything. */
export const OPEN_LOCK: ApprovalLock = { wrongAtMs: [], lockedUntilMs: 0 };

/** What {@linkcode decideApproval} looks at. */
export interface ApprovalInput {
  /** What was typed. */
  readonly typed: string;
  /** The requests of the account, or of all accounts when none was named; expired ones too. */
  readonly pending: readonly PendingPairing[];
  /** Whether a code (as {@linkcode readPairingCode} gives it) has served already. */
  readonly isUsed: (code: string) => boolean;
  /** The lock as it was kept. */
  readonly lock: ApprovalLock;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What comes of a typed code. A `lock` that is given replaces the one kept. */
export type Approval =
  | { readonly kind: "ok"; readonly pending: PendingPairing; readonly lock: ApprovalLock }
  | { readonly kind: "expired"; readonly pending: PendingPairing }
  | { readonly kind: "used"; readonly code: string }
  | { readonly kind: "unknown"; readonly lock: ApprovalLock }
  | { readonly kind: "locked"; readonly untilMs: number };

/** Until when approval is locked, or `null`. A lock longer than possible (the clock was set back) does not count. */
export function lockedUntilMs(lock: ApprovalLock, nowMs: number): number | null {
  const restMs = lock.lockedUntilMs - nowMs;
  return restMs > 0 && restMs <= APPROVAL_WINDOW_MS ? lock.lockedUntilMs : null;
}

function countWrong(lock: ApprovalLock, nowMs: number): ApprovalLock {
  const wrongAtMs = [...recentTimes(lock.wrongAtMs, nowMs, APPROVAL_WINDOW_MS), nowMs];
  return wrongAtMs.length < APPROVAL_WRONG_MAX
    ? { wrongAtMs, lockedUntilMs: 0 }
    : { wrongAtMs: [], lockedUntilMs: nowMs + APPROVAL_WINDOW_MS };
}

/**
 * Decides about a typed code. Only codes that never were count as wrong; five of them within 15
 * minutes lock approval for 15 minutes, for right codes too. A right code forgets the wrong ones.
 */
export function decideApproval(input: ApprovalInput): Approval {
  const { nowMs, lock } = input;
  const untilMs = lockedUntilMs(lock, nowMs);
  if (untilMs !== null) return { kind: "locked", untilMs };

  const code = readPairingCode(input.typed);
  const pending = input.pending.find((candidate) => candidate.code === code);
  if (pending !== undefined) {
    return isExpired(pending, nowMs)
      ? { kind: "expired", pending }
      : { kind: "ok", pending, lock: OPEN_LOCK };
  }
  if (code !== null && input.isUsed(code)) return { kind: "used", code };
  return { kind: "unknown", lock: countWrong(lock, nowMs) };
}
