/**
 * Frames of the Gateway's WebSocket protocol, version 4: reading and writing, nothing else.
 *
 * @module
 */

import {
  GATEWAY_MESSAGE_BYTES_MAX,
  GATEWAY_RETRY_AFTER_MS_MAX,
  GATEWAY_RETRY_AFTER_MS_MIN,
} from "../system/limits.ts";
import { parseOutsideJson } from "../system/outside_json.ts";

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Why a request failed, as the Gateway says it. */
export interface GatewayFault {
  readonly code: string;
  /** Its words. They may hold anything, a key or what a person wrote, and are not for logs. */
  readonly message: string;
  /** Whether the Gateway says that trying again may help. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly details: JsonObject;
}

/** What the Gateway sends. */
export type Frame =
  | { readonly type: "res"; readonly id: string; readonly ok: true; readonly payload: JsonObject }
  | { readonly type: "res"; readonly id: string; readonly ok: false; readonly error: GatewayFault }
  | { readonly type: "event"; readonly event: string; readonly payload: JsonObject };

/** The value as an object, or an empty one. */
export function asObject(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as JsonObject
    : {};
}

/** The value as a string, or undefined. */
export function asString(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A code as it may be shown: codes are words of OpenClaw's, but who answers may be anybody. */
function readCode(value: unknown): string {
  const code = asString(value) ?? "";
  return /^[A-Z][A-Z_]{1,40}$/.test(code) ? code : "UNKNOWN";
}

function readFault(value: unknown): GatewayFault {
  const fault = asObject(value);
  const after = fault.retryAfterMs;
  return {
    code: readCode(fault.code),
    message: asString(fault.message) ?? "",
    retryable: fault.retryable === true,
    retryAfterMs: typeof after === "number" && after >= 0
      ? Math.min(Math.max(after, GATEWAY_RETRY_AFTER_MS_MIN), GATEWAY_RETRY_AFTER_MS_MAX)
      : null,
    details: asObject(fault.details),
  };
}

/** An answer's payload; one that is a list is in its member `list`. */
function readPayload(payload: unknown): JsonObject {
  return Array.isArray(payload) ? { list: payload } : asObject(payload);
}

/**
 * Reads one frame; null when it does not concern a client.
 *
 * @throws {RangeError} When it nests too deep, or has too many values.
 */
export function decodeFrame(data: unknown): Frame | null {
  if (typeof data !== "string" || data.length > GATEWAY_MESSAGE_BYTES_MAX) return null;
  let frame: JsonObject;
  try {
    frame = asObject(parseOutsideJson(data));
  } catch (error) {
    if (error instanceof RangeError) throw error;
    return null;
  }
  const { type, id, event } = frame;
  if (type === "event" && typeof event === "string") {
    return { type, event, payload: asObject(frame.payload) };
  }
  if (type !== "res" || typeof id !== "string") return null;
  return frame.ok === true
    ? { type, id, ok: true, payload: readPayload(frame.payload) }
    : { type, id, ok: false, error: readFault(frame.error) };
}

/** Writes a request. */
export function encodeRequest(id: string, method: string, params: JsonObject): string {
  return JSON.stringify({ type: "req", id, method, params });
}
