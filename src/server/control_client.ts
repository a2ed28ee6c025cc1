/**
 * The commands' side of the control socket.
 *
 * @module
 */
import { Failure, failure, type FailureEnvelope, failureKindOf } from "../system/failure.ts";
import { CONTROL_TIMEOUT_MS } from "../system/limits.ts";
import { probeSocket, socketPathFailure } from "./unix_socket.ts";

/** What came of a request to the daemon. */
export type ControlReply<Value = unknown> =
  | { readonly kind: "answer"; readonly value: Value }
  /** No daemon runs: there is no socket, or nobody behind it. */
  | { readonly kind: "absent" }
  | { readonly kind: "failure"; readonly error: Failure };

/** Details of a request. */
export interface ControlRequestOptions {
  readonly idempotencyKey?: string;
  /** How long the answer may take. */
  readonly timeoutMs?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Talks to the daemon whose socket is at one path. */
export interface ControlClient {
  /** Sends one request; `body` is sent as JSON. Never rejects. */
  request<Value = unknown>(
    method: string,
    path: string,
    body?: unknown,
    options?: ControlRequestOptions,
  ): Promise<ControlReply<Value>>;
}

function isEnvelope(value: unknown): value is FailureEnvelope {
  const { code, message, hint } = (value ?? {}) as Partial<FailureEnvelope>;
  return [code, message, hint].every((part) => typeof part === "string");
}

async function readReply<Value>(response: Response): Promise<ControlReply<Value>> {
  const value = await response.json();
  if (response.ok) return { kind: "answer", value };
  const envelope = isEnvelope(value)
    ? value
    : { code: "unexpected-answer", message: `The daemon answered ${response.status}`, hint: "" };
  return { kind: "failure", error: new Failure(failureKindOf(response.status), envelope) };
}

function unanswered(error: unknown, interrupted: boolean): ControlReply<never> {
  if (interrupted) {
    return { kind: "failure", error: failure("interrupted", "interrupted", "Interrupted") };
  }
  const timedOut = error instanceof DOMException && error.name === "TimeoutError";
  const message = timedOut
    ? "Cannot wait any longer for the daemon's answer"
    : `Cannot read the daemon's answer: ${(error as Error).message}`;
  return {
    kind: "failure",
    error: failure("unreachable", "daemon-unreachable", message, "look into the daemon's log"),
  };
}

/** Makes a client of the control socket at `path`. */
export function controlClient(path: string): ControlClient {
  return {
    async request<Value>(
      method: string,
      route: string,
      body?: unknown,
      options: ControlRequestOptions = {},
    ): Promise<ControlReply<Value>> {
      if (socketPathFailure(path) !== null) return { kind: "absent" };
      const there = await probeSocket(path);
      if (there === "absent") return { kind: "absent" };
      if (there !== "answered") return { kind: "failure", error: there };
      const { timeoutMs = CONTROL_TIMEOUT_MS, idempotencyKey, signal } = options;
      const headers = new Headers();
      if (body !== undefined) headers.set("content-type", "application/json");
      if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
      using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        const response = await fetch(`http://localhost${route}`, {
          client,
          method,
          headers,
          signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
          body: body === undefined ? null : JSON.stringify(body),
        });
        return await readReply(response);
      } catch (error) {
        return unanswered(error, signal?.aborted ?? false);
      }
    },
  };
}
