/**
 * The row of a message in the outbox.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { PREFIX } from "./keys.ts";
import type { Entry, Store } from "./kv.ts";
import {
  count,
  list,
  object,
  oneOf,
  optional,
  orNull,
  phone,
  type Shape,
  text,
  time,
} from "./row_shape.ts";

/** One SMS of a message, as it will be sent. */
export interface OutChunk {
  readonly body: string;
  /** Segments the carriers will bill. */
  readonly segments: number;
  /** Where Twilio fetches pictures and files of this chunk. */
  readonly mediaUrls: readonly string[];
}

const OUT_KINDS = ["reply", "pairing", "notice", "sent", "proactive"] as const;
/** What a message is: an answer, the bridge's own words, or something sent without being asked. */
export type OutKind = typeof OUT_KINDS[number];

const SEND_TROUBLES = [
  /** Twilio does not accept the credentials. */
  "credentials",
  /** Too fast for Twilio. */
  "rate",
  /** Twilio could not be reached: nothing left. */
  "connect",
  /** The request left, and its answer is not known. */
  "fate-unknown",
] as const;
/** Why a try to send ended without an end: it is tried again. */
export type SendTrouble = typeof SEND_TROUBLES[number];

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

/** What a row of the outbox looks like. */
export const OUTBOX_SHAPE: Shape<OutboxRow> = {
  id: count,
  account: text,
  to: phone,
  kind: oneOf(OUT_KINDS),
  inReplyTo: orNull(text),
  chunks: list(object<OutChunk>({ body: text, segments: count, mediaUrls: list(text) })),
  sids: list(text),
  begunAtMs: orNull(time),
  attempts: count,
  notBeforeMs: time,
  trouble: optional(oneOf(SEND_TROUBLES)),
  createdAtMs: time,
};

/** All waiting messages in the order they were made. */
export function outboxRows(store: Store): AsyncIterable<Entry<OutboxRow>> {
  return store.list<OutboxRow>({ prefix: PREFIX.outbox });
}
