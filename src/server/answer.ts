/**
 * Sending an answer so that it arrives, also to a client that is still sending.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_TEXT, type StatusCode } from "@std/http/status";

/** What a client is told. */
export interface Answer {
  readonly status: number;
  /** The media type of `body`; the status in words, as plain text, when there is no body. */
  readonly type?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the connection may serve another request. */
  readonly keepAlive: boolean;
  /** Whether more of the request may be on its way, and is waited for. */
  readonly lingers?: boolean;
}

/** How long, and how much, is still taken from a client that has been refused while it was sending. */
const LINGER_MS = 1_000;
const LINGER_BYTES_MAX = 1024 * 1024;

/**
 * Closing a socket with unread bytes resets it, and the client may lose the answer: so what still comes
 * is read and dropped until it ends, for a short while.
 */
function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let dropped = 0;
    const timer = setTimeout(done, LINGER_MS);
    function done() {
      clearTimeout(timer);
      request.off("data", onData).off("end", done).off("close", done);
      resolve();
    }
    function onData(piece: Uint8Array) {
      dropped += piece.byteLength;
      if (dropped > LINGER_BYTES_MAX) done();
    }
    request.on("data", onData).on("end", done).on("close", done).on("error", done);
    request.resume();
  });
}

/** Ends the response; resolves when it is in the system's hands, or the client is gone. */
function finished(response: ServerResponse, last: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // It may have gone while what it sent was read and dropped.
    if (response.destroyed || response.socket?.destroyed === true) return resolve();
    response.once("close", resolve);
    response.end(last, () => resolve());
  });
}

/** Sends the answer; resolves when nothing more is to be done for this request. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
): Promise<void> {
  if (response.destroyed || request.socket.destroyed) return;
  // A text goes out in the same write as the head; bytes would take a second one.
  const body = answer.body ?? `${STATUS_TEXT[answer.status as StatusCode]}\n`;
  response.on("error", () => {});
  response.writeHead(answer.status, {
    "content-type": answer.type ?? "text/plain; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    ...answer.headers,
    ...(answer.keepAlive ? {} : { connection: "close" }),
  });
  if (answer.lingers !== true || request.complete) {
    await finished(response, request.method === "HEAD" ? "" : body);
    return;
  }
  response.write(body);
  await drain(request);
  await finished(response, "");
}
