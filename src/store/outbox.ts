/**
 * The outbox: messages that wait to be sent, each whole, with a cursor over its chunks.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { PREFIX } from "./keys.ts";
import type { Entry, Store } from "./kv.ts";

/** One SMS of a message, as it will be sent. */
export interface OutChunk {
  readonly body: string;
  /** Segments the carriers will bill. */
  readonly segments: number;
  /** Where Twilio fetches pictures and files of this chunk. */
  readonly mediaUrls: readonly string[];
}

/** What a message is: an answer, the bridge's own words, or something sent without being asked. */
export type OutKind = "reply" | "pairing" | "notice" | "sent" | "proactive";

/** Why a try to send ended without an end: it is tried again. */
export type SendTrouble =
  /** Twilio does not accept the credentials. */
  | "credentials"
  /** Too fast for Twilio. */
  | "rate"
  /** Twilio could not be reached: nothing left. */
  | "connect"
  /** The request left, and its answer is not known. */
  | "fate-unknown";

/** A message on its way to a phone. */
export interface OutboxRow {
  readonly id: number;
  readonly account: string;
  readonly to: Phone;
  readonly kind: OutKind;
  /** The MessageSid that this answers, if any. */
  readonly inReplyTo: string | null;
  readonly chunks: readonly OutChunk[];
  /** SIDs of the chunks Twilio has taken, in order: its length is the cursor. */
  readonly sids: readonly string[];
  /** Begun sends of the chunk at the cursor whose answer is not known yet. */
  readonly begunAtMs: number | null;
  /** Failed tries of the chunk at the cursor. */
  readonly attempts: number;
  /** Not to be tried before. */
  readonly notBeforeMs: number;
  /** Why the last try of the chunk at the cursor failed, if one did. */
  readonly trouble?: SendTrouble | undefined;
  readonly createdAtMs: number;
}

/** Why something was given up. It has no body: what is left is what the operator may need. */
export interface DeadLetter {
  readonly id: number;
  readonly from: "inbox" | "outbox" | "webhook";
  readonly account: string;
  readonly phone: Phone | null;
  readonly messageSid: string | null;
  /** A short fixed word, such as `foreign-account`, `uncertain`, `refused`. */
  readonly reason: string;
  /** One sentence for the operator. */
  readonly detail: string;
  /** Twilio's code of the refusal, if it was one of Twilio's. */
  readonly errorCode?: number;
  readonly atMs: number;
  /** The row as it was, kept so that `queue retry` can put it back; absent where bodies must not be kept. */
  readonly row?: unknown;
}

/** All waiting messages in the order they were made. */
export function outboxRows(store: Store): AsyncIterable<Entry<OutboxRow>> {
  return store.list<OutboxRow>({ prefix: PREFIX.outbox });
}
