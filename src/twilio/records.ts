/**
 * Twilio's resources as we use them: only the fields we know, each checked.
 *
 * Source: https://www.twilio.com/docs/messaging/api and Twilio's OpenAPI description.
 *
 * @module
 */
import { readErrorCode } from "./errors.ts";
import type { JsonObject } from "./response.ts";

/** One message of the account, sent or received. */
export interface MessageRecord {
  readonly sid: string;
  /** `inbound`, `outbound-api`, `outbound-call` or `outbound-reply`. */
  readonly direction: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly status: string;
  readonly errorCode: number | null;
  readonly segments: number;
  readonly numMedia: number;
  readonly messagingServiceSid: string | null;
  /** Milliseconds since the epoch, in whole seconds; null when Twilio does not say. */
  readonly createdAtMs: number | null;
  readonly sentAtMs: number | null;
  /** What it cost, as a decimal such as `-0.00790`; null until Twilio has billed it. */
  readonly price: string | null;
  readonly priceUnit: string | null;
}

/** One number of the account and where its texts go. */
export interface NumberRecord {
  readonly sid: string;
  readonly phoneNumber: string;
  readonly smsUrl: string;
  readonly smsMethod: string;
  readonly smsFallbackUrl: string;
  /** When set, Twilio ignores `smsUrl` and asks this application. */
  readonly smsApplicationSid: string | null;
  readonly sendsSms: boolean;
  readonly sendsMms: boolean;
}

/** A Messaging Service and where its texts go. */
export interface ServiceRecord {
  readonly sid: string;
  readonly friendlyName: string;
  readonly inboundRequestUrl: string | null;
  readonly inboundMethod: string;
  /** The webhook of the texted number counts, not the service's. */
  readonly useInboundWebhookOnNumber: boolean;
  readonly fallbackUrl: string | null;
  readonly smartEncoding: boolean;
}

/** One entry of the debugger: a webhook that failed, a message that could not go. */
export interface AlertRecord {
  readonly sid: string;
  readonly errorCode: number | null;
  /** `error`, `warning`, `notice` or `debug`. */
  readonly logLevel: string;
  /** The URL that Twilio called. */
  readonly requestUrl: string | null;
  readonly atMs: number | null;
}

/** The account itself. */
export interface AccountRecord {
  readonly sid: string;
  /** `active`, `suspended` or `closed`. */
  readonly status: string;
  /** A trial account texts verified numbers only. */
  readonly trial: boolean;
}

/** What is left to spend. */
export interface BalanceRecord {
  /** A decimal, such as `12.34`. */
  readonly balance: string;
  readonly currency: string;
}

/** A file of a message. */
export interface MediaRecord {
  readonly sid: string;
  readonly contentType: string;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A word of Twilio's own, as for a status; of whatever else there is, no more than that it is odd. */
function word(value: unknown): string {
  const said = text(value);
  return /^[a-z][a-z_-]{0,30}$/i.test(said) || said === "" ? said : "unknown";
}

function wordOrNull(value: unknown): string | null {
  return word(value) || null;
}

function number(value: unknown): number {
  const read = typeof value === "string" || typeof value === "number" ? Number(value) : NaN;
  return Number.isSafeInteger(read) ? read : 0;
}

function time(value: unknown): number | null {
  const ms = Date.parse(text(value));
  return Number.isNaN(ms) ? null : ms;
}

function object(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? value as JsonObject : {};
}

/** The objects of a list under `key`; anything else in it is left out. */
export function rowsOf(page: JsonObject, key: string): JsonObject[] {
  const rows = page[key];
  return Array.isArray(rows) ? rows.filter((row) => typeof row === "object" && row !== null) : [];
}

/** Reads a message. */
export function readMessage(row: JsonObject): MessageRecord {
  return {
    sid: text(row.sid),
    direction: word(row.direction),
    from: text(row.from),
    to: text(row.to),
    body: text(row.body),
    status: word(row.status),
    errorCode: readErrorCode(row.error_code),
    segments: number(row.num_segments),
    numMedia: number(row.num_media),
    messagingServiceSid: textOrNull(row.messaging_service_sid),
    createdAtMs: time(row.date_created),
    sentAtMs: time(row.date_sent),
    price: textOrNull(row.price),
    priceUnit: wordOrNull(row.price_unit),
  };
}

/** Reads a number. */
export function readNumber(row: JsonObject): NumberRecord {
  const capabilities = object(row.capabilities);
  return {
    sid: text(row.sid),
    phoneNumber: text(row.phone_number),
    smsUrl: text(row.sms_url),
    smsMethod: word(row.sms_method),
    smsFallbackUrl: text(row.sms_fallback_url),
    smsApplicationSid: textOrNull(row.sms_application_sid),
    sendsSms: (capabilities.sms ?? capabilities.SMS) === true,
    sendsMms: (capabilities.mms ?? capabilities.MMS) === true,
  };
}

/** Reads a Messaging Service. */
export function readService(row: JsonObject): ServiceRecord {
  return {
    sid: text(row.sid),
    friendlyName: text(row.friendly_name),
    inboundRequestUrl: textOrNull(row.inbound_request_url),
    inboundMethod: word(row.inbound_method),
    useInboundWebhookOnNumber: row.use_inbound_webhook_on_number === true,
    fallbackUrl: textOrNull(row.fallback_url),
    smartEncoding: row.smart_encoding === true,
  };
}

/** Reads an alert. */
export function readAlert(row: JsonObject): AlertRecord {
  return {
    sid: text(row.sid),
    errorCode: readErrorCode(row.error_code),
    logLevel: word(row.log_level),
    requestUrl: textOrNull(row.request_url),
    atMs: time(row.date_created) ?? time(row.date_generated),
  };
}

/** Reads an account. */
export function readAccount(row: JsonObject): AccountRecord {
  return { sid: text(row.sid), status: word(row.status), trial: text(row.type) === "Trial" };
}

/** Reads a balance. */
export function readBalance(row: JsonObject): BalanceRecord {
  return { balance: text(row.balance), currency: word(row.currency) };
}

/** Reads a file's row. */
export function readMedia(row: JsonObject): MediaRecord {
  return { sid: text(row.sid), contentType: text(row.content_type) };
}
