/**
 * One request at a time on a connection: whoever sends more before the answer gets the first answered and
 * is let go. HTTP allows such pipelining, Twilio and proxies do not use it, and thousands of requests begun
 * at once cost a gigabyte.
 *
 * @module
 */
import { runtimeDoubt } from "../system/runtime.ts";
import type { Socket } from "node:net";

/** Bytes that the parser is given at once: a whole webhook, but not hundreds of tiny requests. */
const SLICE_BYTES = 2_048;
/** What is still read and dropped of a client that goes on sending, so that it gets its answer. */
const DROPPED_BYTES_MAX = 1024 * 1024;
/** Answers that a client may leave unread. */
const UNREAD_ANSWERS_MAX = 4;

/** Lets the requests of one connection in. */
export interface Turnstile {
  /** Whether a request may begin; if not, it is not answered, and the connection ends. */
  enter(): boolean;
  /** The request's answer is being sent. */
  answering(): void;
  /** The answer has left. */
  leave(): void;
  /** Whether this connection ends after the answer under way. */
  readonly isShut: boolean;
}

/** The parser that `node:http` puts on a socket. */
type ParsedSocket = Socket & { readonly parser?: { unconsume?(): void } | null };

/** Deno before 2.9 takes the next request of a connection when the last has ended, by itself. */
const OPEN: Turnstile = { enter: () => true, answering() {}, leave() {}, isShut: false };

/** Watches over a connection from its beginning. */
export function guardConnection(socket: Socket): Turnstile {
  if (runtimeDoubt() !== null) return OPEN;
  let working = false;
  let unread = 0;
  let shut = false;
  let dropped = 0;
  const [parse, ...others] = socket.listeners("data") as ((piece: Uint8Array) => void)[];
  // Deno before 2.9 does not show its parser, and begins the next request when the last has ended.
  if (parse !== undefined && others.length === 0) {
    socket.off("data", parse);
    // Else the parser reads by itself, past all listeners.
    (socket as ParsedSocket).parser?.unconsume?.();
    socket.on("data", (piece: Uint8Array) => {
      // After bytes that are no HTTP nothing more of the connection is read.
      const isOpen = () => !shut && !socket.destroyed && socket.writable;
      for (let at = 0; at < piece.byteLength && isOpen(); at += SLICE_BYTES) {
        parse(piece.subarray(at, at + SLICE_BYTES));
      }
      if (!shut) return;
      dropped += piece.byteLength;
      if (dropped > DROPPED_BYTES_MAX) socket.destroy();
    });
  }
  return {
    enter() {
      if (unread >= UNREAD_ANSWERS_MAX) socket.destroy();
      shut ||= working || unread >= UNREAD_ANSWERS_MAX;
      if (shut) return false;
      working = true;
      return true;
    },
    answering() {
      working = false;
      unread++;
    },
    leave() {
      unread--;
    },
    get isShut() {
      return shut;
    },
  };
}
