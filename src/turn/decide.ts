/**
 * What happens next with a text that waits for its answer. Pure: facts go in, a verdict comes out; the
 * one place that writes because of it is `carry_out.ts`.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { TurnOutcome } from "../gateway/turn.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import type { Change } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import type { SenderRow } from "../store/sender_row.ts";
import { isBlank } from "../policy/blank.ts";
import { INBOX_AGE_MS_MAX } from "../system/limits.ts";

/** What becomes of a text, and is carried out by one commit at most. */
export type Verdict =
  /** It leaves the inbox. `reply` is texted and `also` written in the same commit. */
  | {
    readonly kind: "finish";
    readonly outcome: string;
    readonly reply?: OutboxRow | null;
    readonly also?: Change;
    /** What is noted of the sender beside the reply. */
    readonly noted?: (sender: SenderRow) => SenderRow;
  }
  /** It becomes a dead letter, which an operator can put back. */
  | {
    readonly kind: "give-up";
    readonly reason: string;
    readonly detail: string;
    readonly reply?: OutboxRow | null;
  }
  /** It waits on, with something noted on its row. */
  | {
    readonly kind: "rewrite";
    readonly row: InboxRow;
    readonly reply?: OutboxRow | null;
    readonly waitMs?: number;
  }
  /** Nothing is written: the bridge stops, and the next start takes the text up again. */
  | { readonly kind: "leave" };

/** Its turn runs. */
export interface Run {
  readonly kind: "run";
  readonly account: AccountSettings;
}

/** What must be known of a text. What was not asked, as the answer before decides, is null. */
export interface TextFacts {
  /** The account that was texted; undefined when it is not configured any more, or off. */
  readonly account: AccountSettings | undefined;
  readonly access: "allow" | "pair" | "refuse" | null;
  readonly optedOut: boolean | null;
}

function isEmpty({ text, media, mediaMissing }: InboxRow): boolean {
  return isBlank(text) && media.length + mediaMissing === 0;
}

/** Decides whether a text is answered at all. */
export function decideText(row: InboxRow, facts: TextFacts, nowMs: number): Verdict | Run {
  if (facts.account === undefined) {
    const detail = `account ${row.account} is not configured any more`;
    return { kind: "give-up", reason: "no-account", detail };
  }
  if (facts.access !== "allow") return { kind: "finish", outcome: "refused" };
  if (facts.optedOut) return { kind: "finish", outcome: "opted-out" };
  if (isEmpty(row)) return { kind: "finish", outcome: "empty" };
  if (row.started === null && nowMs - row.receivedAtMs > INBOX_AGE_MS_MAX) {
    const detail = row.held === undefined
      ? "the Gateway could not be reached for a day"
      : "a pause or a spent budget kept it back for a day";
    return { kind: "give-up", reason: "too-old", detail };
  }
  return { kind: "run", account: facts.account };
}

/** What a turn's end is decided with. */
export interface OutcomeFacts {
  /** The answer as a message; null when the agent was silent, or gave none. */
  readonly reply: OutboxRow | null;
  /** Makes a message of the bridge's own words. */
  readonly notice: (sentence: string) => OutboxRow | null;
  readonly stopping: boolean;
}

const UNCERTAIN =
  "Sorry, I cannot tell whether your last text was handled. If no answer comes, please send it again.";

/** Decides what the end of a turn means for its text. */
export function decideOutcome(row: InboxRow, outcome: TurnOutcome, facts: OutcomeFacts): Verdict {
  const { reply, notice, stopping } = facts;
  switch (outcome.kind) {
    case "reply":
      return { kind: "finish", outcome: reply === null ? "silent" : "answered", reply };
    case "failed":
      return { kind: "finish", outcome: "failed", reply: notice(outcome.sentence) };
    case "uncertain": {
      if (stopping) return { kind: "leave" };
      const { reason: detail } = outcome;
      return { kind: "give-up", reason: "uncertain", detail, reply: notice(UNCERTAIN) };
    }
    case "later": {
      if (stopping) return { kind: "leave" };
      const next = { ...row, attempts: row.attempts + 1 };
      return { kind: "rewrite", row: next, waitMs: outcome.afterMs };
    }
  }
}
