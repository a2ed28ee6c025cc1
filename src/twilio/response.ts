/**
 * What Twilio's answers mean: above all, whether a message was certainly sent, certainly not, or maybe.
 *
 * There is no idempotency key in Twilio's API, so "maybe" is a fate of its own: the message list has
 * to be looked at before the same text may leave again.
 *
 * @module
 */
import { RETRY_AFTER_MS_MAX } from "../system/limits.ts";
import { parseOutsideJson } from "../system/outside_json.ts";
import { redactText } from "../system/redact.ts";
import { explainError, isRateLimit, readErrorCode, type TwilioErrorClass } from "./errors.ts";

/** An answer as it came over the wire. */
export interface HttpAnswer {
  readonly status: number;
  /** The header `Retry-After`, or null. */
  readonly retryAfter: string | null;
  /** The body, or null when it was cut off or larger than allowed. */
  readonly body: string | null;
}

/** Why an answer says nothing about a message's fate. */
export type UnknownReason =
  /** Nothing came in time. */
  | "timeout"
  /** The connection broke after the request had left. */
  | "connection-lost"
  /** The caller's signal aborted the wait. */
  | "cancelled"
  /** 5xx. */
  | "server-error"
  /** The body was cut off or too large. */
  | "body-cut"
  /** Success without a SID. */
  | "no-sid"
  /** Not an answer of Twilio's, as from a proxy. */
  | "foreign-answer";

/** What became of one request to send. */
export type SendOutcome =
  | {
    readonly kind: "sent";
    readonly sid: string;
    /** Twilio's first word on it, such as `queued`; `failed` is possible already. */
    readonly status: string;
    /** As Twilio counts them; 0 while a Messaging Service has not chosen its number. */
    readonly segments: number;
    readonly errorCode: number | null;
  }
  | {
    /** Certainly not sent: the same request must not be repeated before somebody has changed something. */
    readonly kind: "refused";
    readonly httpStatus: number;
    readonly code: number | null;
    readonly class: TwilioErrorClass;
    /** What happened, fit for the log: no number, no text. */
    readonly message: string;
  }
  | {
    /** Certainly not sent: the same request may be repeated later. */
    readonly kind: "unprocessed";
    readonly reason: "rate" | "connect";
    readonly httpStatus: number | null;
    readonly code: number | null;
    readonly retryAfterMs?: number;
  }
  | {
    /** Perhaps sent: look at Twilio's list first. */
    readonly kind: "unknown";
    readonly reason: UnknownReason;
    readonly httpStatus: number | null;
    readonly code: number | null;
    readonly retryAfterMs?: number;
  };

/** Why a read failed. */
export interface TwilioFailure {
  readonly kind: "failed";
  readonly reason: UnknownReason | "connect" | "rate" | "refused";
  readonly httpStatus: number | null;
  readonly code: number | null;
  readonly class: TwilioErrorClass;
  /** What happened, fit for the log. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What a read gave. */
export type ReadOutcome<T> = { readonly kind: "ok"; readonly value: T } | TwilioFailure;

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

const MESSAGE_SID = /^(?:SM|MM)[0-9a-f]{32}$/i;

/** The JSON object in a body, or null when it holds anything else. */
function jsonObject(body: string | null): JsonObject | null {
  if (body === null) return null;
  try {
    const value = parseOutsideJson(body);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as JsonObject
      : null;
  } catch {
    return null;
  }
}

function integer(value: unknown): number | null {
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : null;
}

/**
 * Milliseconds that `Retry-After` (RFC 9110 §10.2.3) asks for: seconds, or a date that is compared
 * with `nowMs`; an hour at most. Undefined when there is none or it cannot be read.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  const isDate = /^[A-Z][a-z]{2}, /.test(text);
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : isDate ? Date.parse(text) - nowMs : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(RETRY_AFTER_MS_MAX, Math.max(0, ms));
}

function wait(answer: HttpAnswer, nowMs: number): { retryAfterMs?: number } {
  const ms = retryAfterMs(answer.retryAfter, nowMs);
  return ms === undefined ? {} : { retryAfterMs: ms };
}

function messageOf(code: number | null, error: JsonObject, httpStatus: number): string {
  if (code !== null) {
    const { class: kind, meaning } = explainError(code);
    if (kind !== "unknown") return `${code}: ${meaning}`;
  }
  const said = typeof error.message === "string" ? redactText(error.message) : "no message";
  return `${code ?? `HTTP ${httpStatus}`}: ${said}`;
}

/** The class of a refusal; Twilio's own proxies answer 401 and 403 without a code now and then. */
function classOf(code: number | null, httpStatus: number): TwilioErrorClass {
  if (code !== null) return explainError(code).class;
  return httpStatus === 401 || httpStatus === 403 ? "credentials" : "unknown";
}

function sentOutcome(answer: HttpAnswer, object: JsonObject | null): SendOutcome {
  const sid = object?.sid;
  if (object === null || typeof sid !== "string" || !MESSAGE_SID.test(sid)) {
    return {
      kind: "unknown",
      reason: answer.body === null ? "body-cut" : "no-sid",
      httpStatus: answer.status,
      code: readErrorCode(object?.code),
    };
  }
  return {
    kind: "sent",
    sid,
    status: typeof object.status === "string" ? object.status : "accepted",
    segments: integer(object.num_segments) ?? 0,
    errorCode: readErrorCode(object.error_code),
  };
}

/** Whether the status alone says that nobody has worked on the request yet. */
function isUnprocessed(httpStatus: number, code: number | null): boolean {
  return httpStatus === 429 || (code !== null && httpStatus < 500 && isRateLimit(code));
}

/**
 * Reads the answer to a request to send. Success needs a SID; a refusal needs an error object of
 * Twilio's; whatever else came (5xx, HTML from a proxy, a redirect, a cut body) leaves the fate open.
 */
export function interpretSend(answer: HttpAnswer, nowMs: number): SendOutcome {
  const { status: httpStatus } = answer;
  const object = jsonObject(answer.body);
  if (httpStatus >= 200 && httpStatus < 300) return sentOutcome(answer, object);
  const code = readErrorCode(object?.code);
  const known = { httpStatus, code, ...wait(answer, nowMs) };
  if (isUnprocessed(httpStatus, code)) return { kind: "unprocessed", reason: "rate", ...known };
  if (httpStatus >= 500) return { kind: "unknown", reason: "server-error", ...known };
  if (object === null || httpStatus < 400 || httpStatus === 408) {
    return { kind: "unknown", reason: "foreign-answer", ...known };
  }
  return {
    kind: "refused",
    httpStatus,
    code,
    class: classOf(code, httpStatus),
    message: messageOf(code, object, httpStatus),
  };
}

/** Reads the answer to a read: the JSON object, or why there is none. */
export function interpretRead(answer: HttpAnswer, nowMs: number): ReadOutcome<JsonObject> {
  const { status: httpStatus } = answer;
  const object = jsonObject(answer.body);
  if (httpStatus >= 200 && httpStatus < 300 && object !== null) {
    return { kind: "ok", value: object };
  }
  const code = readErrorCode(object?.code);
  const failed = (reason: TwilioFailure["reason"]): TwilioFailure => ({
    kind: "failed",
    reason,
    httpStatus,
    code,
    class: classOf(code, httpStatus),
    message: object === null
      ? `HTTP ${httpStatus} without a JSON object`
      : messageOf(code, object, httpStatus),
    ...wait(answer, nowMs),
  });
  if (isUnprocessed(httpStatus, code)) return failed("rate");
  if (httpStatus >= 500) return failed("server-error");
  if (answer.body === null) return failed("body-cut");
  return failed(object === null || httpStatus < 400 ? "foreign-answer" : "refused");
}
