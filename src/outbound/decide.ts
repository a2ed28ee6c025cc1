/**
 * What happens next with a message of the outbox. Pure: facts go in, a verdict comes out; the one place
 * that writes because of it is `carry_out.ts`.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { OutboxRow, SendTrouble } from "../store/outbox_row.ts";
import { CREDENTIALS_RETRY_MS, OUTBOX_AGE_MS_MAX } from "../system/limits.ts";
import type { SentFate } from "../twilio/lookup.ts";
import type { SendOutcome } from "../twilio/rest.ts";

/** What becomes of a message, and is carried out by one commit. */
export type Verdict =
  /** Twilio has taken the chunk at the cursor. */
  | {
    readonly kind: "advance";
    readonly sid: string;
    readonly status: string;
    /** Twilio's code when it says at once that the message cannot go. */
    readonly errorCode?: number | null;
  }
  /** It becomes a dead letter. */
  | {
    readonly kind: "abandon";
    readonly reason: string;
    readonly detail: string;
    readonly errorCode?: number | null;
  }
  /** It is tried again after `delayMs`, or after the growing delay of its failed tries if that is longer. */
  | {
    readonly kind: "postpone";
    readonly trouble: SendTrouble;
    readonly delayMs: number;
    readonly backoff: boolean;
    /** When the request left whose answer is not known; null when nothing is under way. */
    readonly begunAtMs: number | null;
  };

/** What to do with a message before anything is known of its send. */
export type NextStep =
  | (Verdict & { readonly kind: "abandon" })
  | { readonly kind: "wait"; readonly forMs: number }
  /** A request left and its answer is not known: look at Twilio's list. */
  | {
    readonly kind: "look-up";
    readonly account: AccountSettings;
    readonly begunAtMs: number;
  }
  | { readonly kind: "send"; readonly account: AccountSettings };

const NO_ANSWER = { kind: "postpone", trouble: "fate-unknown" } as const;

/**
 * Decides what to do with a message that waits.
 *
 * @param isAnswered What it speaks of has been answered meanwhile.
 * @param account Undefined when it is not configured any more, or off.
 */
export function decideMessage(
  row: OutboxRow,
  account: AccountSettings | undefined,
  nowMs: number,
  isAnswered = false,
): NextStep {
  const untouched = row.sids.length === 0 && row.begunAtMs === null;
  if (untouched && (isAnswered || nowMs > (row.notAfterMs ?? Infinity))) {
    return { kind: "abandon", reason: "stale", detail: "it came too late to be of use" };
  }
  if (row.notBeforeMs > nowMs) return { kind: "wait", forMs: row.notBeforeMs - nowMs };
  if (account === undefined) {
    const detail = `account ${row.account} is not configured any more`;
    return { kind: "abandon", reason: "no-account", detail };
  }
  if (row.begunAtMs !== null) return { kind: "look-up", account, begunAtMs: row.begunAtMs };
  if (nowMs - row.createdAtMs > OUTBOX_AGE_MS_MAX) {
    return { kind: "abandon", reason: "too-old", detail: "Twilio did not take it for a day" };
  }
  return { kind: "send", account };
}

/**
 * Decides on a chunk whose request left but whose answer is not known.
 *
 * @param absenceCounts Enough time has passed that Twilio's list would show it.
 * @returns null when that time must be waited for.
 */
export function decideLookUp(
  found: SentFate,
  begunAtMs: number,
  absenceCounts: boolean,
): Verdict | null {
  switch (found.kind) {
    case "found":
      return { kind: "advance", sid: found.sid, status: found.status };
    case "unknown":
      return { ...NO_ANSWER, delayMs: 0, backoff: true, begunAtMs };
    case "absent":
      return absenceCounts ? { ...NO_ANSWER, delayMs: 0, backoff: false, begunAtMs: null } : null;
  }
}

/** Decides what Twilio's answer to a request to send means for the message. */
export function decideSent(outcome: SendOutcome, begunAtMs: number | null): Verdict {
  switch (outcome.kind) {
    case "sent":
      return {
        kind: "advance",
        sid: outcome.sid,
        status: outcome.status,
        ...(outcome.errorCode === null ? {} : { errorCode: outcome.errorCode }),
      };
    case "refused":
      return outcome.class === "credentials"
        ? {
          kind: "postpone",
          trouble: "credentials",
          delayMs: CREDENTIALS_RETRY_MS,
          backoff: false,
          begunAtMs: null,
        }
        : {
          kind: "abandon",
          reason: "refused",
          detail: outcome.message,
          errorCode: outcome.code,
        };
    case "unprocessed": {
      const { reason: trouble, retryAfterMs: delayMs = 0 } = outcome;
      return { kind: "postpone", trouble, delayMs, backoff: true, begunAtMs: null };
    }
    case "unknown": {
      const { retryAfterMs: delayMs = 0 } = outcome;
      return { ...NO_ANSWER, delayMs, backoff: false, begunAtMs };
    }
  }
}
