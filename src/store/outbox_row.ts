/**
 * The row of a message in the outbox.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { below, keyOf } from "./keys.ts";
import type { Entry, Store } from "./kv.ts";
import { OUTBOUND_MEDIA_MAX, RETRY_AFTER_MS_MAX } from "../system/limits.ts";
import {
  type Check,
  count,
  flag,
  line,
  list,
  object,
  oneOf,
  optional,
  orNull,
  phone,
  rowId,
  type Shape,
  text,
  time,
  upTo,
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
  /** How long it waits for its next try at most, whatever the clock was by which `notBeforeMs` was told. */
  readonly waitMs?: number | undefined;
  /** Why the last try of the chunk at the cursor failed, if one did. */
  readonly trouble?: SendTrouble | undefined;
  readonly createdAtMs: number;
  /** The number it is sent from, where that is not the one of the settings. */
  readonly from?: Phone | undefined;
  /** The last moment at which it makes sense; then it is dropped. */
  readonly notAfterMs?: number | undefined;
  /** The text of the inbox that it speaks of: once that is answered, it is dropped. */
  readonly whileWaiting?: number | undefined;
  /** It holds a secret: its text is never kept, whatever the settings say. */
  readonly secret?: boolean | undefined;
  /** It came from another machine: no budget here has met it yet. */
  readonly uncounted?: boolean | undefined;
}

/** Where these rows stand. */
export const OUTBOX = keyOf<OutboxRow>("outbox");
/** A message that waits to be sent. */
export const outboxKey = (id: number) => below(OUTBOX, id);

/** More SMS than any settings let one message have. */
const CHUNKS_MAX = 100;
/** Twilio takes no longer one. */
const BODY_CHARS_MAX = 1_600;
/** More than a body of Twilio's longest needs in any alphabet. */
const SEGMENTS_MAX = 30;
const segments: Check<number> = (value): value is number => upTo(SEGMENTS_MAX)(value) && value >= 1;

/** What a row of the outbox looks like. */
export const OUTBOX_SHAPE: Shape<OutboxRow> = {
  id: rowId,
  account: line(100),
  to: phone,
  kind: oneOf(OUT_KINDS),
  inReplyTo: orNull(line(64)),
  chunks: list(
    object<OutChunk>({
      body: text(BODY_CHARS_MAX),
      segments,
      mediaUrls: list(line(2_048), OUTBOUND_MEDIA_MAX),
    }),
    CHUNKS_MAX,
    1,
  ),
  sids: list(line(64), CHUNKS_MAX - 1),
  begunAtMs: orNull(time),
  attempts: count,
  notBeforeMs: time,
  waitMs: optional(upTo(RETRY_AFTER_MS_MAX)),
  trouble: optional(oneOf(SEND_TROUBLES)),
  createdAtMs: time,
  from: optional(phone),
  notAfterMs: optional(time),
  whileWaiting: optional(count),
  secret: optional(flag),
  uncounted: optional(flag),
};

/** All waiting messages in the order they were made. */
export function outboxRows(store: Pick<Store, "list">): AsyncIterable<Entry<OutboxRow>> {
  return store.list({ prefix: OUTBOX });
}
