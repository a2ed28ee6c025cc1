/**
 * The row of a text in the inbox.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import {
  BURST_TEXTS_MAX,
  HELD_TEXTS_MAX,
  INBOUND_MEDIA_MAX,
  WEBHOOK_BODY_BYTES_MAX,
} from "../system/limits.ts";
import {
  count,
  flag,
  line,
  list,
  object,
  optional,
  orNull,
  phone,
  rowId,
  type Shape,
  text,
  time,
  upTo,
} from "./row_shape.ts";
import { below, keyOf } from "./keys.ts";

/** A file that came with a text, as Twilio names it. */
export interface InboxMedia {
  /** The text it came with; a row that several texts were joined into has files of each. */
  readonly messageSid: string;
  readonly url: string;
  readonly contentType: string;
}

/** The beginning of a turn. */
export interface TurnStart {
  readonly bootId: string;
  readonly atMs: number;
  /** Where its fate is looked up, whatever the Gateway's bindings say by then; rows of old do not have it. */
  readonly sessionKey?: string;
}

/** Texts that wait for a pause to end or a budget to free, in one row. */
export interface Held {
  /** How many the row holds. */
  readonly texts: number;
  /** How many more came than one turn takes. */
  readonly missed: number;
}

/** A text on its way to the agent. */
export interface InboxRow {
  readonly id: number;
  readonly account: string;
  readonly accountSid: string;
  readonly messageSid: string;
  readonly from: Phone;
  /** The number or sender that was texted. */
  readonly to: string;
  readonly text: string;
  readonly media: readonly InboxMedia[];
  /** Files that Twilio spoke of and gave no URL for. */
  readonly mediaMissing: number;
  readonly receivedAtMs: number;
  /** Came by catch-up, not by its webhook. */
  readonly recovered: boolean;
  /** The turn that was begun with the Gateway, if any; from then on its fate is looked up, not assumed. */
  readonly started: TurnStart | null;
  /** Tries that ended without a turn. */
  readonly attempts: number;
  /** The sender has been told that the answer will take a while. */
  readonly noticed: boolean;
  /** It may not be answered yet. */
  readonly held?: Held | undefined;
  /** The loop guard has counted it already, and what was put into it. */
  readonly heard?: boolean | undefined;
}

/** Where these rows stand. */
export const INBOX = keyOf<InboxRow>("inbox");
/** A text that waits for its turn. */
export const inboxKey = (id: number) => below(INBOX, id);

/** Files of a row: a turn takes so many texts at most. */
export const FILES_MAX = BURST_TEXTS_MAX * INBOUND_MEDIA_MAX;

/** More texts than come in a day, after which a row is given up. */
const MISSED_MAX = 1_000_000;

/** What a row of the inbox looks like. */
export const INBOX_SHAPE: Shape<InboxRow> = {
  id: rowId,
  account: line(100),
  accountSid: line(64),
  messageSid: line(64),
  from: phone,
  to: line(100),
  text: text(WEBHOOK_BODY_BYTES_MAX),
  media: list(
    object<InboxMedia>({ messageSid: line(64), url: line(2_048), contentType: line(255) }),
    FILES_MAX,
  ),
  mediaMissing: upTo(FILES_MAX),
  receivedAtMs: time,
  recovered: flag,
  started: orNull(
    object<TurnStart>({ bootId: line(200), atMs: time, sessionKey: optional(line(500)) }),
  ),
  attempts: count,
  noticed: flag,
  held: optional(object<Held>({ texts: upTo(HELD_TEXTS_MAX), missed: upTo(MISSED_MAX) })),
  heard: optional(flag),
};
