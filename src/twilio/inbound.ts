/**
 * What a rightly signed webhook form says: a text, a delivery report, or neither for us.
 *
 * Source: https://www.twilio.com/docs/messaging/guides/webhook-request and
 * https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
 *
 * @module
 */
import { parseAddress, parseSender, type Sender } from "../policy/phone.ts";
import { INBOUND_MEDIA_MAX } from "../system/limits.ts";
import { readErrorCode } from "./errors.ts";
import type { FormPair } from "./form.ts";

/** What makes a request ours. */
export interface AccountIdentity {
  readonly accountSid: string;
  /** The number of ours that is texted, in E.164. */
  readonly fromNumber?: string | undefined;
  readonly messagingServiceSid?: string | undefined;
}

/** A file that came with a text. The URL is not to be trusted before `media.ts` has checked it. */
export interface InboundMedia {
  readonly url: string;
  readonly contentType: string;
}

/** A text that somebody sent to our number. */
export interface InboundMessage {
  readonly kind: "message";
  readonly messageSid: string;
  readonly accountSid: string;
  /** `From` as Twilio wrote it. */
  readonly from: string;
  /** Who that is, and whether an SMS can answer. */
  readonly sender: Sender;
  /** `To` as Twilio wrote it. */
  readonly to: string;
  /** The body, untouched. */
  readonly text: string;
  /** How many files Twilio speaks of: more than `media` has when some are missing. */
  readonly numMedia: number;
  readonly media: readonly InboundMedia[];
  /** Twilio's Advanced Opt-Out has answered this keyword already. */
  readonly optOut?: "STOP" | "START" | "HELP";
  /** Segments that the sender paid for. */
  readonly segments: number;
  readonly messagingServiceSid?: string;
  /** It was sent to others too (group MMS). */
  readonly group?: boolean;
  /** When Twilio got it; only of a text that was found in its list. */
  readonly createdAtMs?: number | undefined;
}

/** A delivery report on a message of ours. */
export interface InboundReport {
  readonly kind: "report";
  readonly messageSid: string;
  readonly accountSid: string;
  /** In lower case, such as `delivered`. */
  readonly status: string;
  /** Twilio's error code, or null. */
  readonly errorCode: number | null;
}

/** What a form turned out to be. */
export type Inbound =
  | InboundMessage
  | InboundReport
  | {
    /** Signed with our token, but meant for another account or number. */
    readonly kind: "foreign";
    readonly reason: "other-account" | "other-number";
    /** Null when the form has none that is one. */
    readonly messageSid: string | null;
  }
  | {
    /** Lacks what a text or report must have. */
    readonly kind: "malformed";
    readonly reason:
      | "no-message-sid"
      | "no-account-sid"
      | "no-sender"
      | "no-recipient"
      | "bad-status"
      | "repeated-name";
  };

/** Names that must not occur with two values: which one is meant could be chosen by a forger. */
const SINGLE = [
  "AccountSid",
  "Body",
  "From",
  "MessageSid",
  "MessageStatus",
  "MessagingServiceSid",
  "NumMedia",
  "OptOutType",
  "SmsMessageSid",
  "SmsSid",
  "SmsStatus",
  "To",
] as const;
/** A count beyond this says no more. */
const COUNT_MAX = 999;
const MESSAGE_SID = /^(?:SM|MM)[0-9a-f]{32}$/i;
const STATUS = /^[a-z_-]{1,30}$/;

type Fields = ReadonlyMap<string, string>;

/** The first value of each name, or null when a name that matters has two. */
function fieldsOf(pairs: readonly FormPair[]): Fields | null {
  const fields = new Map<string, string>();
  for (const [name, value] of pairs) {
    const known = fields.get(name);
    if (known === undefined) fields.set(name, value);
    else if (known !== value && (SINGLE as readonly string[]).includes(name)) return null;
  }
  return fields;
}

function messageSidOf(fields: Fields): string | null {
  const sid = fields.get("MessageSid") ?? fields.get("SmsSid") ?? fields.get("SmsMessageSid");
  return sid !== undefined && MESSAGE_SID.test(sid) ? sid : null;
}

function count(text: string | undefined, least: number): number | null {
  return text !== undefined && /^\d+$/.test(text) && Number(text) >= least
    ? Math.min(Number(text), COUNT_MAX)
    : null;
}

function statusOf(fields: Fields): string | null {
  const status = fields.get("MessageStatus") ?? fields.get("SmsStatus") ?? "";
  return status === "" || /^receiv(?:ing|ed)$/i.test(status) ? null : status.toLowerCase();
}

function isOurNumber(fields: Fields, to: string, identity: AccountIdentity): boolean {
  const { fromNumber, messagingServiceSid } = identity;
  if (fromNumber === undefined && messagingServiceSid === undefined) return true;
  if (fromNumber !== undefined && parseAddress(to)?.phone === fromNumber) return true;
  // The name of an RCS agent, which no setting has: the signature tells that it is this account's.
  if (messagingServiceSid === undefined && /^rcs:/i.test(to)) return true;
  return messagingServiceSid !== undefined &&
    fields.get("MessagingServiceSid") === messagingServiceSid;
}

function mediaOf(fields: Fields, numMedia: number): InboundMedia[] {
  const media: InboundMedia[] = [];
  for (let i = 0; i < Math.min(numMedia, INBOUND_MEDIA_MAX); i++) {
    const url = fields.get(`MediaUrl${i}`);
    if (url) media.push({ url, contentType: fields.get(`MediaContentType${i}`) ?? "" });
  }
  return media;
}

/** Twilio hands a group MMS over like any other text; only these fields, which it does not document, tell. */
function isGroup(fields: Fields): boolean {
  return [...fields].some(([name, value]) =>
    /^OtherRecipients\d+$/i.test(name) && value.trim() !== ""
  );
}

function reportOf(
  fields: Fields,
  status: string,
  messageSid: string,
  accountSid: string,
): Inbound {
  if (!STATUS.test(status)) return { kind: "malformed", reason: "bad-status" };
  const errorCode = readErrorCode(fields.get("ErrorCode"));
  return { kind: "report", messageSid, accountSid, status, errorCode };
}

function messageOf(
  fields: Fields,
  messageSid: string,
  identity: AccountIdentity,
): Inbound {
  const from = fields.get("From") ?? "";
  const to = fields.get("To") ?? "";
  if (to === "") return { kind: "malformed", reason: "no-recipient" };
  if (!isOurNumber(fields, to, identity)) {
    return { kind: "foreign", reason: "other-number", messageSid };
  }
  if (from.trim() === "") return { kind: "malformed", reason: "no-sender" };
  const optOut = (fields.get("OptOutType") ?? "").trim().toUpperCase();
  const messagingServiceSid = fields.get("MessagingServiceSid") ?? "";
  const numMedia = count(fields.get("NumMedia"), 0) ?? 0;
  return {
    kind: "message",
    messageSid,
    accountSid: identity.accountSid,
    from,
    sender: parseSender(from),
    to,
    text: fields.get("Body") ?? "",
    numMedia,
    media: mediaOf(fields, numMedia),
    ...(optOut === "STOP" || optOut === "START" || optOut === "HELP" ? { optOut } : {}),
    segments: count(fields.get("NumSegments"), 1) ?? 1,
    ...(messagingServiceSid === "" ? {} : { messagingServiceSid }),
    ...(isGroup(fields) ? { group: true } : {}),
  };
}

/**
 * Says what a form is. The form's signature must have been checked before: nothing here proves that
 * it comes from Twilio.
 */
export function classifyWebhook(pairs: readonly FormPair[], identity: AccountIdentity): Inbound {
  const fields = fieldsOf(pairs);
  if (fields === null) return { kind: "malformed", reason: "repeated-name" };
  const accountSid = fields.get("AccountSid") ?? "";
  const messageSid = messageSidOf(fields);
  if (accountSid === "") return { kind: "malformed", reason: "no-account-sid" };
  if (accountSid !== identity.accountSid) {
    return { kind: "foreign", reason: "other-account", messageSid };
  }
  if (messageSid === null) return { kind: "malformed", reason: "no-message-sid" };
  const status = statusOf(fields);
  return status === null
    ? messageOf(fields, messageSid, identity)
    : reportOf(fields, status, messageSid, accountSid);
}
