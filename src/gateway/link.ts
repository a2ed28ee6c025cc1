/**
 * The link: one WebSocket to the Gateway that comes back by itself.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";
import {
  GATEWAY_BACKOFF_MS_MAX,
  GATEWAY_BACKOFF_MS_MIN,
  GATEWAY_HANDSHAKE_TIMEOUT_MS,
  GATEWAY_REFUSED_RETRY_MS,
  GATEWAY_REQUEST_TIMEOUT_MS,
} from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import {
  asObject,
  asString,
  decodeFrame,
  encodeRequest,
  type Frame,
  type GatewayFault,
  type JsonObject,
} from "./frames.ts";
import { type LinkState, REFUSAL_ADVICE, refusalOf, type Session } from "./link_state.ts";

/** What became of a request. Only `error` and `ok` are the Gateway's own words. */
export type Answer =
  | { readonly kind: "ok"; readonly payload: JsonObject }
  | { readonly kind: "error"; readonly fault: GatewayFault }
  /** The link was down: nothing was sent. */
  | { readonly kind: "not-sent" }
  /** It was sent, and the link broke or the time ran out: its fate is unknown. */
  | { readonly kind: "lost"; readonly reason: "closed" | "timeout" | "cancelled" };

/** How a request is made. */
export interface RequestOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** `agent` answers twice under one id, first `accepted`: then wait for the second. */
  readonly final?: boolean;
}

/** An event of the Gateway. */
export interface GatewayEvent {
  readonly event: string;
  readonly payload: JsonObject;
}

/** A connection to the Gateway, kept up. */
export interface Link {
  state(): LinkState;
  /** The session of the ready link; null when `signal` aborts or the link is closed first. */
  ready(signal?: AbortSignal): Promise<Session | null>;
  request(method: string, params?: JsonObject, options?: RequestOptions): Promise<Answer>;
  /** Calls `listener` for every event; the function returned ends that. */
  onEvent(listener: (event: GatewayEvent) => void): () => void;
  /** Calls `listener` at every change of state; the function returned ends that. */
  onState(listener: (state: LinkState) => void): () => void;
  /** Closes for good. */
  close(): Promise<void>;
}

/** The part of a WebSocket that the link uses. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  onclose: ((close: { readonly code: number; readonly reason: string }) => void) | null;
}

/** What a link is made from. */
export interface LinkOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly openSocket?: (url: string) => Socket;
}

interface Pending {
  readonly settle: (answer: Answer) => void;
  readonly final: boolean;
}

function openWebSocket(url: string): Socket {
  const socket = new WebSocket(url);
  // A failed connection says why in an error event, then closes; the close event is enough.
  socket.onerror = (event) => event.preventDefault();
  return socket as unknown as Socket;
}

function connectParams({ token, version }: LinkOptions): JsonObject {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: {
      id: "gateway-client",
      mode: "backend",
      displayName: "sms-bridge",
      version,
      platform: "deno",
    },
    role: "operator",
    scopes: ["operator.read", "operator.write"],
    auth: token === undefined ? {} : { token },
    caps: ["session-scoped-events"],
  };
}

/** One connection from its opening to its close. */
class Connection {
  readonly closed = Promise.withResolvers<string>();
  readonly challenge = Promise.withResolvers<void>();
  #socket: Socket;
  #pending = new Map<string, Pending>();
  #next = 1;
  #open = true;
  #heard: () => void = () => {};

  constructor(socket: Socket, onEvent: (event: GatewayEvent) => void) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#heard();
      const frame = decodeFrame(data);
      if (frame?.type === "res") this.#answer(frame);
      else if (frame?.event === "connect.challenge") this.challenge.resolve();
      else if (frame !== null) onEvent(frame);
    };
    socket.onclose = ({ code, reason }) => this.#end(reason || `closed with ${code}`);
  }

  #answer(frame: Frame & { type: "res" }): void {
    const pending = this.#pending.get(frame.id);
    if (pending === undefined) return;
    if (frame.ok && pending.final && asString(frame.payload.status) === "accepted") return;
    pending.settle(
      frame.ok ? { kind: "ok", payload: frame.payload } : { kind: "error", fault: frame.error },
    );
  }

  #end(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    for (const { settle } of [...this.#pending.values()]) {
      settle({ kind: "lost", reason: "closed" });
    }
    this.closed.resolve(reason);
  }

  /** Ends the connection when nothing has been heard for `silenceMs`. */
  watch(clock: Clock, silenceMs: number): void {
    let cancel = () => {};
    this.#heard = () => {
      cancel();
      cancel = clock.after(silenceMs, () => this.close(`silent for ${silenceMs} ms`));
    };
    this.#heard();
    this.closed.promise.then(() => cancel());
  }

  close(reason: string): void {
    this.#end(reason);
    this.#socket.close();
  }

  request(
    clock: Clock,
    method: string,
    params: JsonObject,
    options: RequestOptions,
  ): Promise<Answer> {
    const { timeoutMs = GATEWAY_REQUEST_TIMEOUT_MS, signal, final = false } = options;
    if (!this.#open || signal?.aborted) return Promise.resolve({ kind: "not-sent" });
    const id = String(this.#next++);
    return new Promise((resolve) => {
      const lose = (reason: "timeout" | "cancelled") => settle({ kind: "lost", reason });
      const abort = () => lose("cancelled");
      const settle = (answer: Answer) => {
        cancel();
        signal?.removeEventListener("abort", abort);
        this.#pending.delete(id);
        resolve(answer);
      };
      const cancel = clock.after(timeoutMs, () => lose("timeout"));
      signal?.addEventListener("abort", abort, { once: true });
      this.#pending.set(id, { settle, final });
      try {
        this.#socket.send(encodeRequest(id, method, params));
      } catch {
        settle({ kind: "not-sent" });
      }
    });
  }
}

function readSession(payload: JsonObject): Session {
  const server = asObject(payload.server);
  const tick = asObject(payload.policy).tickIntervalMs;
  return {
    bootId: asString(server.bootId) ?? "",
    serverVersion: asString(server.version) ?? "",
    tickIntervalMs: typeof tick === "number" && tick >= 1_000 ? tick : 30_000,
  };
}

/** Connects, and keeps connecting until it is closed. */
export function createLink(options: LinkOptions): Link {
  const { clock, random, log } = options;
  const openSocket = options.openSocket ?? openWebSocket;
  const stop = new AbortController();
  const eventListeners = new Set<(event: GatewayEvent) => void>();
  const stateListeners = new Set<(state: LinkState) => void>();
  let state: LinkState = { kind: "connecting" };
  let connection: Connection | undefined;

  function enter(next: LinkState): void {
    state = next;
    for (const listener of [...stateListeners]) listener(next);
  }

  /** Shakes hands over a new socket; null means ready, else when to try again. */
  async function shakeHands(current: Connection): Promise<Session | GatewayFault | string> {
    const deadline = new AbortController();
    const timeout = sleep(clock, GATEWAY_HANDSHAKE_TIMEOUT_MS, deadline.signal);
    const first = await Promise.race([
      current.challenge.promise.then(() => null),
      current.closed.promise,
      timeout.then(() => "no challenge"),
    ]);
    deadline.abort();
    if (first !== null) return first;
    const answer = await current.request(clock, "connect", connectParams(options), {
      timeoutMs: GATEWAY_HANDSHAKE_TIMEOUT_MS,
    });
    if (answer.kind === "ok") return readSession(answer.payload);
    return answer.kind === "error" ? answer.fault : "the handshake was not answered";
  }

  /** One connection; returns how long to wait before the next. */
  async function connectOnce(failures: number): Promise<{ waitMs: number; failures: number }> {
    enter({ kind: "connecting" });
    const current = new Connection(openSocket(options.url), (event) => {
      for (const listener of [...eventListeners]) listener(event);
    });
    connection = current;
    const outcome = await shakeHands(current);
    if (typeof outcome === "object" && "bootId" in outcome) {
      log.info("gateway.ready", { version: outcome.serverVersion });
      enter({ kind: "ready", session: outcome });
      current.watch(clock, 2 * outcome.tickIntervalMs + 1_000);
      const reason = await current.closed.promise;
      log.warn("gateway.lost", { reason });
      return wait(reason, 0, null);
    }
    current.close("handshake failed");
    const refusal = typeof outcome === "string" ? null : refusalOf(outcome);
    if (refusal !== null) {
      log.error("gateway.refused", { why: refusal, hint: REFUSAL_ADVICE[refusal] });
      const untilMs = clock.now() + GATEWAY_REFUSED_RETRY_MS;
      enter({ kind: "refused", why: refusal, untilMs });
      return { waitMs: GATEWAY_REFUSED_RETRY_MS, failures: 0 };
    }
    return typeof outcome === "string"
      ? wait(outcome, failures, null)
      : wait(outcome.message || outcome.code, failures, outcome.retryAfterMs);
  }

  function wait(reason: string, failures: number, retryAfterMs: number | null) {
    const fullMs = Math.min(GATEWAY_BACKOFF_MS_MAX, GATEWAY_BACKOFF_MS_MIN * 2 ** failures);
    const waitMs = retryAfterMs ?? fullMs * (0.5 + random.fraction() / 2);
    if (!stop.signal.aborted) enter({ kind: "waiting", reason, untilMs: clock.now() + waitMs });
    return { waitMs, failures: failures + 1 };
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stop.signal.aborted;) {
      const next = await connectOnce(failures);
      failures = next.failures;
      await sleep(clock, next.waitMs, stop.signal);
    }
  }
  const running = run();

  return {
    state: () => state,
    ready(signal) {
      return new Promise((resolve) => {
        const done = (session: Session | null) => {
          stateListeners.delete(look);
          signal?.removeEventListener("abort", abort);
          resolve(session);
        };
        const abort = () => done(null);
        const look = (now: LinkState) => {
          if (now.kind === "ready") done(now.session);
          else if (now.kind === "closed") done(null);
        };
        stateListeners.add(look);
        signal?.addEventListener("abort", abort, { once: true });
        if (signal?.aborted) abort();
        else look(state);
      });
    },
    request(method, params = {}, requestOptions = {}) {
      if (state.kind !== "ready" || connection === undefined) {
        return Promise.resolve({ kind: "not-sent" });
      }
      return connection.request(clock, method, params, requestOptions);
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    async close() {
      stop.abort();
      connection?.close("closing");
      await running;
      enter({ kind: "closed" });
    },
  };
}
