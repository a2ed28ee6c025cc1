/**
 * The latest warnings and errors of the log, kept in memory so that `status` can show them.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { type Log, type LogFields, shownFields } from "./log.ts";

/** A warning or an error, as last logged. */
export interface Trouble {
  readonly atMs: number;
  readonly level: "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
  /** How often the event was logged since the start. */
  readonly count: number;
}

/** A log that remembers. */
export interface RememberingLog extends Log {
  /** The latest of each event, newest first. */
  troubles(): readonly Trouble[];
}

/** Events have fixed names, so this is never reached; it bounds what a mistake could cost. */
const EVENTS_MAX = 100;

/** Puts a memory before a log. */
export function rememberTroubles(log: Log, clock: Clock): RememberingLog {
  const latest = new Map<string, Trouble>();
  const note = (level: Trouble["level"]) => (event: string, given: LogFields = {}) => {
    const fields = shownFields(given);
    const count = (latest.get(event)?.count ?? 0) + 1;
    latest.delete(event);
    if (latest.size >= EVENTS_MAX) latest.delete(latest.keys().next().value!);
    latest.set(event, { atMs: clock.now(), level, event, fields, count });
    log[level](event, fields);
  };
  return {
    debug: log.debug,
    info: log.info,
    warn: note("warn"),
    error: note("error"),
    troubles: () => [...latest.values()].reverse(),
  };
}
