/**
 * One connection to the Gateway, from its opening to its close.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";
import { GATEWAY_REQUEST_TIMEOUT_MS } from "../system/limits.ts";
import {
  asString,
  decodeFrame,
  encodeRequest,
  type Frame,
  type GatewayFault,
  type JsonObject,
} from "./frames.ts";

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

/** The part of a WebSocket that the link uses. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onmessage: ((message: { readonly data: unknown }) => void) | null;
  onclose: ((close: { readonly code: number; readonly reason: string }) => void) | null;
}

/** What closing codes mean (RFC 6455, 7.4.1). */
const CLOSE_REASONS: ReadonlyMap<number, string> = new Map([
  [1009, "a message was larger than 25 MiB"],
  [1015, "its certificate is not trusted, see gateway.tls.caPath"],
]);

interface Pending {
  readonly settle: (answer: Answer) => void;
  readonly final: boolean;
}

/** What the Gateway says first: what a device must sign. */
export interface Challenge {
  readonly nonce: string;
  readonly ts: number;
}

function readChallenge({ payload }: GatewayEvent): Challenge {
  const { nonce, ts } = payload;
  return { nonce: asString(nonce) ?? "", ts: typeof ts === "number" ? ts : 0 };
}

/** One connection from its opening to its close. */
export class Connection {
  readonly closed = Promise.withResolvers<string>();
  readonly challenge = Promise.withResolvers<Challenge>();
  #socket: Socket;
  #pending = new Map<string, Pending>();
  #next = 1;
  #open = true;
  #heard: () => void = () => {};

  constructor(socket: Socket, onEvent: (event: GatewayEvent) => void) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.#heard();
      const frame = this.#decode(data);
      if (frame?.type === "res") this.#answer(frame);
      else if (frame?.event === "connect.challenge") this.challenge.resolve(readChallenge(frame));
      else if (frame !== null) onEvent(frame);
    };
    // Not its reason: that may hold anything.
    socket.onclose = ({ code }) => this.#end(CLOSE_REASONS.get(code) ?? `closed with ${code}`);
  }

  /** A frame; whoever sends one that is too much to read is hung up on. */
  #decode(data: unknown): Frame | null {
    try {
      return decodeFrame(data);
    } catch {
      this.close("a message nested too deep, or had too many values");
      return null;
    }
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
    // A frame that comes after the end must not set the timer of silence again.
    this.#heard = () => {};
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
