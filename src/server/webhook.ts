/**
 * The webhook listener: the only socket that the public reaches.
 *
 * It checks what a request looks like from the outside (method, path, type, size, speed) and hands what
 * is left to the route, which checks who it is from. It is built on `node:http` since `Deno.serve` has
 * no deadline for headers: a thousand half-sent ones would stay for ever.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { STATUS_CODE } from "@std/http/status";
import { type Clock, sleep } from "../system/clock.ts";
import {
  WEBHOOK_BODY_BYTES_MAX,
  WEBHOOK_BODY_TIMEOUT_MS,
  WEBHOOK_BUFFERED_BYTES_MAX,
  WEBHOOK_CONNECTIONS_MAX,
  WEBHOOK_HEADERS_TIMEOUT_MS,
  WEBHOOK_KEEP_ALIVE_MS,
} from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import { type Answer, sendAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import { createCrowd, type Crowd, type Place } from "./connections.ts";
import { type Address, listen } from "./listen.ts";
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

/** Answers the requests of one webhook path. It resolves only when "accepted" is true and on disk. */
export type WebhookRoute = (request: WebhookRequest) => Promise<WebhookAnswer>;

/** A file to be had by GET: what it is, or that it is not there. */
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
export interface WebhookLimits {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly bodyBytesMax: number;
  readonly bufferedBytesMax: number;
  readonly connectionsMax: number;
  readonly keepAliveMs: number;
}

/** A listener that runs. */
export interface WebhookServer {
  readonly address: Address;
  /** Connections at this moment. */
  readonly connections: number;
  /** Takes no new connections, lets whole requests be answered, and resolves when all are closed. */
  shutdown(): Promise<void>;
}

const DEFAULT_LIMITS: WebhookLimits = {
  headersTimeoutMs: WEBHOOK_HEADERS_TIMEOUT_MS,
  bodyTimeoutMs: WEBHOOK_BODY_TIMEOUT_MS,
  bodyBytesMax: WEBHOOK_BODY_BYTES_MAX,
  bufferedBytesMax: WEBHOOK_BUFFERED_BYTES_MAX,
  connectionsMax: WEBHOOK_CONNECTIONS_MAX,
  keepAliveMs: WEBHOOK_KEEP_ALIVE_MS,
};
/** How often deadlines are looked at: a stalled request ends at most so much later. */
const DEADLINE_CHECK_MS = 250;
/** Deno before 2.9 cannot close a connection on which a request has stalled: it is left to the exit. */
const CLOSE_GRACE_MS = 250;
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
): Promise<Verdict> {
  try {
    const answer = await route(request);
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
      return await askRoute(options, route!, {
        path,
        query,
        contentType: request.headers["content-type"] ?? "",
        signature: singleHeader(request, "x-twilio-signature"),
        clientAddress: clientAddress(request),
        body: read.body,
      });
  }
}

/** Wires a server to what judges its requests; `track` is told of each while it is under way. */
function createListener(
  options: WebhookServerOptions,
  limits: WebhookLimits,
  crowd: Crowd,
  track: (request: Promise<void>) => void,
): Server {
  const places = new WeakMap<Socket, Place>();

  function enter(socket: Socket): Place {
    const place = crowd.enter(() => socket.destroy());
    places.set(socket, place);
    socket.once("close", place.leave);
    return place;
  }

  async function take(request: IncomingMessage, response: ServerResponse) {
    const startedMs = options.clock.now();
    const place = places.get(request.socket) ?? enter(request.socket);
    place.begin();
    const verdict = await judge(options, limits, request, response, place);
    if (verdict === null) return;
    const { answer, reason } = verdict;
    await sendAnswer(request, response, answer);
    place.rest();
    options.onAnswer?.({ status: answer.status, reason, tookMs: options.clock.now() - startedMs });
  }

  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.headersTimeoutMs + limits.bodyTimeoutMs,
    connectionsCheckingInterval: DEADLINE_CHECK_MS,
    keepAliveTimeout: limits.keepAliveMs,
  });
  server.on("connection", enter);
  server.on("request", (...both) => track(take(...both)));
  server.on("checkContinue", (...both) => track(take(...both)));
  return server;
}

/**
 * Opens the webhook listener.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const crowd = createCrowd(limits);
  const underWay = new Set<Promise<void>>();
  const server = createListener(options, limits, crowd, (request) => {
    underWay.add(request);
    request.finally(() => underWay.delete(request));
  });
  const address = await listen(server, options.listen);
  return {
    address,
    get connections() {
      return crowd.size;
    },
    async shutdown() {
      const closed = new AbortController();
      server.close(() => closed.abort());
      crowd.dismissIdle();
      while (underWay.size > 0) await Promise.all(underWay);
      server.closeAllConnections();
      await sleep(options.clock, CLOSE_GRACE_MS, closed.signal);
    },
  };
}
