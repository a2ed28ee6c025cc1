/**
 * The webhook listener: the only socket that the public reaches.
 *
 * It checks what a request looks like from the outside (method, path, type, size, speed) and hands what
 * is left to the route, which checks who it is from.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODE } from "@std/http/status";
import type { Clock } from "../system/clock.ts";
import {
  WEBHOOK_BODY_BYTES_MAX,
  WEBHOOK_BODY_TIMEOUT_MS,
  WEBHOOK_BUFFERED_BYTES_MAX,
  WEBHOOK_CONNECTIONS_KEPT_MAX,
  WEBHOOK_CONNECTIONS_MAX,
  WEBHOOK_HEADERS_TIMEOUT_MS,
  WEBHOOK_KEEP_ALIVE_MS,
} from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import { type Answer, sendAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Place } from "./connections.ts";
import {
  type Exchange,
  type HttpListener,
  type ListenerLimits,
  openHttpListener,
} from "./http_listener.ts";
import { SELF_CHECK_HOST } from "./self_check.ts";
import { clientAddress, singleHeader, splitTarget } from "./request_head.ts";

/** A whole request on a webhook path. Nothing in it has been verified. */
export interface WebhookRequest {
  /** The path as it was sent, not decoded. */
  readonly path: string;
  /** The query as it was sent, with its `?`; empty when there was none. */
  readonly query: string;
  /** The media type with its parameters. */
  readonly contentType: string;
  /** The header `X-Twilio-Signature`. */
  readonly signature: string | null;
  /** Who asked, as the proxy beside us says, else the peer: for budgets, never for trust. */
  readonly clientAddress: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Statuses a route may refuse with. */
export type RefusalStatus = 400 | 403 | 404 | 409 | 413 | 415 | 429 | 503;

/** What a route makes of a request. `reason` is a word for metrics; it is not told to the client. */
export type WebhookAnswer =
  | { readonly kind: "accepted"; readonly headers?: Readonly<Record<string, string>> }
  | {
    readonly kind: "refused";
    readonly status: RefusalStatus;
    readonly reason: string;
    readonly retryAfterSeconds?: number;
  };

/**
 * Answers the requests of one webhook path. It resolves only when "accepted" is true and on disk; `onWait` is
 * called when the answer is kept back on purpose: the connection may make room for others.
 */
export type WebhookRoute = (
  request: WebhookRequest,
  onWait?: () => void,
) => Promise<WebhookAnswer>;

/** A file that can be fetched by GET: what it is, or that it is missing. */
export type Content =
  | { readonly kind: "content"; readonly type: string; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly kind: "refused"; readonly status: 403 | 404 | 429 | 503; readonly reason: string };

/** Answers a GET on one path. */
export type ContentRoute = (request: { readonly clientAddress: string }) => Promise<Content>;

/** How a request ended, for metrics. */
export interface WebhookOutcome {
  readonly status: number;
  /** A word of a closed set: the route's reason, or this listener's. */
  readonly reason: string;
  /** From the end of the head to the answer. */
  readonly tookMs: number;
}

/** What the listener works with. */
export interface WebhookServerOptions {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** The route of a path as it was sent, or undefined when there is none. */
  readonly routeFor: (path: string) => WebhookRoute | undefined;
  /** The content of a path; paths without a webhook route are looked for here. */
  readonly contentFor?: (path: string) => ContentRoute | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly onAnswer?: (outcome: WebhookOutcome) => void;
  /** Deadlines and sizes other than those of `system/limits.ts`, for tests. */
  readonly limits?: Partial<WebhookLimits>;
}

/** What one client, and all of them, may take. */
export interface WebhookLimits extends ListenerLimits {
  readonly bodyBytesMax: number;
  /** Beyond so many connections one that was answered is not kept. */
  readonly connectionsKeptMax: number;
}

const DEFAULT_LIMITS: WebhookLimits = {
  headersTimeoutMs: WEBHOOK_HEADERS_TIMEOUT_MS,
  bodyTimeoutMs: WEBHOOK_BODY_TIMEOUT_MS,
  bodyBytesMax: WEBHOOK_BODY_BYTES_MAX,
  bufferedBytesMax: WEBHOOK_BUFFERED_BYTES_MAX,
  connectionsMax: WEBHOOK_CONNECTIONS_MAX,
  connectionsKeptMax: WEBHOOK_CONNECTIONS_KEPT_MAX,
  keepAliveMs: WEBHOOK_KEEP_ALIVE_MS,
};
const ACCEPTED_TYPE = /^\s*application\/(x-www-form-urlencoded|json)\s*(;|$)/i;
/** Twilio is told that there is nothing to say back: the agent's words go by the REST API. */
const EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';
const ACCEPTED: Answer = {
  status: STATUS_CODE.OK,
  type: "text/xml; charset=utf-8",
  body: EMPTY_TWIML,
  keepAlive: true,
};

/** A decision of this listener, with its word for metrics. */
interface Verdict {
  readonly answer: Answer;
  readonly reason: string;
}

/** A refusal before the request has been read whole. */
function earlyRefusal(status: number, reason: string, headers = {}): Verdict {
  return { answer: { status, headers, keepAlive: false, lingers: true }, reason };
}

function refusal(status: number, reason: string, headers = {}): Verdict {
  return { answer: { status, headers, keepAlive: false }, reason };
}

/** What can be said of a request before its body has come; null when nothing speaks against it. */
function judgeHead(
  request: IncomingMessage,
  route: WebhookRoute | undefined,
  bodyBytesMax: number,
): Verdict | null {
  if (route === undefined) return earlyRefusal(STATUS_CODE.NotFound, "path");
  if (request.method !== "POST") {
    return earlyRefusal(STATUS_CODE.MethodNotAllowed, "method", { allow: "POST" });
  }
  if (!ACCEPTED_TYPE.test(request.headers["content-type"] ?? "")) {
    return earlyRefusal(STATUS_CODE.UnsupportedMediaType, "type");
  }
  if (Number(request.headers["content-length"] ?? 0) > bodyBytesMax) {
    return earlyRefusal(STATUS_CODE.ContentTooLarge, "size");
  }
  return null;
}

/** Asks the route; a failure of the program is an answer like any other to the outside. */
async function askRoute(
  options: WebhookServerOptions,
  route: WebhookRoute,
  request: WebhookRequest,
  onWait: () => void,
): Promise<Verdict> {
  try {
    const answer = await route(request, onWait);
    if (answer.kind === "accepted") {
      const { headers } = answer;
      return {
        answer: headers === undefined ? ACCEPTED : { ...ACCEPTED, headers },
        reason: "accepted",
      };
    }
    const seconds = answer.retryAfterSeconds;
    return refusal(
      answer.status,
      answer.reason,
      seconds === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(seconds))) },
    );
  } catch (error) {
    options.log.error("webhook.failed", { error: String(error) });
    return refusal(STATUS_CODE.ServiceUnavailable, "failed");
  }
}

/** Serves one file; the answer to HEAD is that to GET without its body. */
async function serveContent(
  options: WebhookServerOptions,
  route: ContentRoute,
  request: IncomingMessage,
): Promise<Verdict> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return refusal(STATUS_CODE.MethodNotAllowed, "method", { allow: "GET, HEAD" });
  }
  try {
    const content = await route({ clientAddress: clientAddress(request) });
    if (content.kind === "refused") return refusal(content.status, content.reason);
    const { type, body } = content;
    const headers = { "x-content-type-options": "nosniff", "cache-control": "no-store" };
    const answer = { status: STATUS_CODE.OK, type, body, headers, keepAlive: false };
    return { answer, reason: "content" };
  } catch (error) {
    options.log.error("webhook.failed", { error: String(error) });
    return refusal(STATUS_CODE.ServiceUnavailable, "failed");
  }
}

/** Decides about one request; reads its body only when its head is in order. */
async function judge(
  options: WebhookServerOptions,
  limits: WebhookLimits,
  request: IncomingMessage,
  response: ServerResponse,
  place: Place,
): Promise<Verdict | null> {
  const { path, query } = splitTarget(request.url ?? "");
  const route = options.routeFor(path);
  const content = route === undefined ? options.contentFor?.(path) : undefined;
  if (content !== undefined) return await serveContent(options, content, request);
  const fault = judgeHead(request, route, limits.bodyBytesMax);
  if (fault !== null) return fault;
  if (request.headers.expect !== undefined) response.writeContinue();
  const read = await readBody(request, {
    clock: options.clock,
    bytesMax: limits.bodyBytesMax,
    timeoutMs: limits.bodyTimeoutMs,
    onBytes: place.hold,
  });
  switch (read.kind) {
    case "gone":
      return null;
    case "too-large":
      return earlyRefusal(STATUS_CODE.ContentTooLarge, "size");
    case "too-slow":
      return refusal(STATUS_CODE.RequestTimeout, "slow");
    case "whole":
      place.work();
      return await askRoute(
        options,
        route!,
        {
          path,
          query,
          contentType: request.headers["content-type"] ?? "",
          signature: singleHeader(request, "x-twilio-signature"),
          clientAddress: clientAddress(request),
          body: read.body,
        },
        place.wait,
      );
  }
}

/** Answers one request and tells how it ended. */
async function answerOne(
  options: WebhookServerOptions,
  limits: WebhookLimits,
  { request, response, place, turnstile }: Exchange,
): Promise<void> {
  const startedMs = options.clock.now();
  const verdict = await judge(options, limits, request, response, place);
  turnstile.answering();
  if (verdict === null) return turnstile.leave();
  const { answer, reason } = verdict;
  // The client is told so: one that is closed without a word may be about to send its next text.
  const isKept = !turnstile.isShut && place.among <= limits.connectionsKeptMax;
  const keepAlive = answer.keepAlive && isKept;
  await sendAnswer(request, response, { ...answer, keepAlive });
  turnstile.leave();
  place.rest();
  if (request.headers.host === SELF_CHECK_HOST) return;
  options.onAnswer?.({ status: answer.status, reason, tookMs: options.clock.now() - startedMs });
}

/**
 * Opens the webhook listener.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<HttpListener> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { listen, clock } = options;
  return await openHttpListener({
    listen,
    limits,
    clock,
    take: (exchange) => answerOne(options, limits, exchange),
  });
}
