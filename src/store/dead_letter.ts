/**
 * The row of a dead letter: something that was given up.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { HISTORY_TTL_MS } from "./history_row.ts";
import type { InboxRow } from "./inbox_row.ts";
import { below, keyOf } from "./keys.ts";
import type { Write } from "./kv.ts";
import type { OutboxRow } from "./outbox_row.ts";
import {
  anything,
  line,
  oneOf,
  optional,
  orNull,
  phone,
  rowId,
  type Shape,
  time,
  upTo,
} from "./row_shape.ts";

const ORIGINS = ["inbox", "outbox", "webhook"] as const;

/** Why something was given up. It has no body: what is left is what the operator may need. */
export interface DeadLetter {
  readonly id: number;
  readonly from: typeof ORIGINS[number];
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

/** Where these rows stand. */
export const DEAD = keyOf<DeadLetter>("dead");
/** Something that was given up, with its reason. */
export const deadKey = (id: number) => below(DEAD, id);

/** What a dead letter looks like; the row in it has the shape of the queue it is from. */
export const DEAD_SHAPE: Shape<DeadLetter> = {
  id: rowId,
  from: oneOf(ORIGINS),
  account: line(100),
  phone: orNull(phone),
  messageSid: orNull(line(64)),
  reason: line(64),
  detail: line(1_000),
  errorCode: optional(upTo(999_999)),
  atMs: time,
  row: anything,
};

/** Why it was given up. */
export type DeadReason = Pick<DeadLetter, "reason" | "detail" | "errorCode" | "atMs">;

function deadWrite(letter: DeadLetter): Write {
  return { key: deadKey(letter.id), value: letter, expireInMs: HISTORY_TTL_MS };
}

/** The write that makes a text a dead letter. */
export function deadText(row: InboxRow, why: DeadReason): Write {
  const { id, account, from: phone, messageSid } = row;
  return deadWrite({ id, from: "inbox", account, phone, messageSid, ...why, row });
}

/** The write that makes a message a dead letter; one that nobody waits for cannot be put back. */
export function deadMessage(row: OutboxRow, why: DeadReason, mayRetry = true): Write {
  const { id, account, to: phone, inReplyTo: messageSid } = row;
  const kept = mayRetry ? { row } : {};
  return deadWrite({ id, from: "outbox", account, phone, messageSid, ...why, ...kept });
}

/** The write that keeps what Twilio signed for somebody else, without its text. */
export function deadForeign(
  of: Pick<DeadLetter, "id" | "account" | "messageSid">,
  why: DeadReason,
): Write {
  return deadWrite({ ...of, from: "webhook", phone: null, ...why });
}
