/**
 * Reading a request's body within a size and a time.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../system/clock.ts";

/** What a body may be. */
export interface BodyLimits {
  readonly clock: Clock;
  readonly bytesMax: number;
  /** From now until its last byte. */
  readonly timeoutMs: number;
  /** Told of each piece that is kept in memory. */
  readonly onBytes?: (bytes: number) => void;
}

/** A body, or why there is none. */
export type BodyRead =
  | { readonly kind: "whole"; readonly body: Uint8Array<ArrayBuffer> }
  | { readonly kind: "too-large" }
  | { readonly kind: "too-slow" }
  /** The client went away, or sent what is not HTTP. */
  | { readonly kind: "gone" };

function join(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.byteLength;
  }
  return body;
}

/** Reads the body. Never rejects; keeps at most `bytesMax` bytes, and none after it has resolved. */
export function readBody(request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> {
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let length = 0;
    const onData = (piece: Uint8Array) => {
      length += piece.byteLength;
      if (length > limits.bytesMax) return finish({ kind: "too-large" });
      pieces.push(piece);
      limits.onBytes?.(piece.byteLength);
    };
    const onEnd = () => finish({ kind: "whole", body: join(pieces, length) });
    const onGone = () => finish({ kind: "gone" });
    let finished = false;
    let cancel = () => {};
    function finish(read: BodyRead) {
      finished = true;
      cancel();
      request.off("data", onData).off("end", onEnd).off("close", onGone).off("error", onGone);
      request.socket.off("close", onGone);
      // An error without a listener would end the process.
      request.on("error", () => {});
      pieces.length = 0;
      resolve(read);
    }
    request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", onGone);
    // After bytes that are no HTTP the socket is closed, and the request is not told.
    request.socket.on("close", onGone);
    // Most bodies come together with their head, and are whole by then: they need no timer.
    queueMicrotask(() => {
      if (finished || request.complete) return;
      cancel = limits.clock.after(limits.timeoutMs, () => finish({ kind: "too-slow" }));
    });
  });
}
