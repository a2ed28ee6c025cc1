/**
 * The row of a text in the inbox.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { count, flag, list, object, orNull, phone, type Shape, text, time } from "./row_shape.ts";

/** A file that came with a text, as Twilio names it. */
export interface InboxMedia {
  /** The text it came with; a row that several texts were joined into has files of each. */
  readonly messageSid: string;
  readonly url: string;
  readonly contentType: string;
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
  readonly started: { readonly bootId: string; readonly atMs: number } | null;
  /** Tries that ended without a turn. */
  readonly attempts: number;
  /** The sender has been told that the answer will take a while. */
  readonly noticed: boolean;
}

/** What a row of the inbox looks like. */
export const INBOX_SHAPE: Shape<InboxRow> = {
  id: count,
  account: text,
  accountSid: text,
  messageSid: text,
  from: phone,
  to: text,
  text,
  media: list(object<InboxMedia>({ messageSid: text, url: text, contentType: text })),
  mediaMissing: count,
  receivedAtMs: time,
  recovered: flag,
  started: orNull(object<NonNullable<InboxRow["started"]>>({ bootId: text, atMs: time })),
  attempts: count,
  noticed: flag,
};
