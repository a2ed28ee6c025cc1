/**
 * The admin page's live updates, as server-sent events.
 *
 * @module
 */
import { ServerSentEventStream } from "@std/http/server-sent-event-stream";
import { type Clock, sleep } from "../system/clock.ts";
import { ADMIN_REFRESH_MS, ADMIN_STREAMS_MAX } from "../system/limits.ts";
import type { AdminSession } from "./session.ts";

/** A room and what is asked of it. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** What the streams tell of. */
interface StreamParts {
  readonly clock: Clock;
  /** What stands in a room, as HTML, for a session. */
  readonly main: (place: Place, session: AdminSession) => Promise<string>;
}

/** The room's changing part whenever it has changed; a comment otherwise, which finds out who has gone. */
async function* updates(
  { main, clock }: StreamParts,
  place: Place,
  session: AdminSession,
  isIn: () => boolean,
  signal: AbortSignal,
) {
  let last = "";
  while (!signal.aborted && isIn()) {
    const html = await main(place, session);
    yield html === last ? { comment: "alive" } : { event: "main", data: html };
    last = html;
    await sleep(clock, ADMIN_REFRESH_MS, signal);
  }
}

/** The open streams, which all end with `closing`. */
export function createStreams(parts: StreamParts, closing: AbortSignal) {
  let open = 0;
  return {
    /** Opens one for as long as the session lasts; null when too many are open. */
    open(place: Place, session: AdminSession, isIn: () => boolean, left: AbortSignal) {
      if (open >= ADMIN_STREAMS_MAX) return null;
      const signal = AbortSignal.any([left, closing]);
      async function* counted() {
        open++;
        try {
          yield* updates(parts, place, session, isIn, signal);
        } finally {
          open--;
        }
      }
      return ReadableStream.from(counted()).pipeThrough(new ServerSentEventStream());
    },
  };
}
