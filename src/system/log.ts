/**
 * The log: one event a line, as text for a person or as JSON for a machine.
 *
 * Callers hand over masked numbers and no bodies; every value is stripped of control characters here.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import { printable, redactText } from "./redact.ts";

/** Levels in rising order. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
/** How grave an event is. */
export type LogLevel = typeof LOG_LEVELS[number];
/** How events are written: for a person, for a machine, or for journald. */
export const LOG_FORMATS = ["text", "json", "journal"] as const;
/** One of the formats. */
export type LogFormat = typeof LOG_FORMATS[number];
/** What belongs to an event; an undefined value is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where events go. `event` is a short fixed name such as `webhook.refused`. */
export interface Log {
  /** What only a developer asks for. */
  debug(event: string, fields?: LogFields): void;
  /** What happens in good order. */
  info(event: string, fields?: LogFields): void;
  /** What may need attention; the program goes on. */
  warn(event: string, fields?: LogFields): void;
  /** What was lost or cannot go on without its owner. */
  error(event: string, fields?: LogFields): void;
}

/** How {@linkcode createLog} writes. */
export interface LogOptions {
  /** Gives each event its time. */
  readonly clock: Clock;
  readonly format: LogFormat;
  /** Events below this level are dropped. */
  readonly level: LogLevel;
  /** Whether text shows the level in colour. */
  readonly colour: boolean;
  /** Receives one line, line break included, and whether it tells of trouble. */
  readonly write: (line: string, trouble: boolean) => void;
}

const VALUE_CHARS_MAX = 500;
const COLOUR: Record<LogLevel, string> = { debug: "90", info: "36", warn: "33", error: "31" };

/** What says why: it may hold words from outside, which are shown without keys and numbers. */
const REASONS = new Set(["reason", "detail", "error", "message"]);

/** Fields as they may be shown: no control characters, no keys and numbers in reasons. */
export function shownFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (typeof value !== "string") return [key, value];
      return [key, printable(REASONS.has(key) ? redactText(value) : value, VALUE_CHARS_MAX)];
    }),
  );
}

/** What journald takes from the beginning of a line as its priority (sd-daemon(3)). */
const PRIORITY: Record<LogLevel, number> = { debug: 7, info: 6, warn: 4, error: 3 };

function textValue(value: string | number | boolean | null): string {
  if (typeof value !== "string") return String(value);
  return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}

function textLine(
  level: LogLevel,
  time: string,
  event: string,
  fields: LogFields,
  colour: boolean,
) {
  const name = level.toUpperCase().padEnd(5);
  const shown = colour ? `\x1b[${COLOUR[level]}m${name}\x1b[0m` : name;
  const rest = Object.entries(fields)
    .map(([key, value]) => value === undefined ? "" : ` ${key}=${textValue(value)}`);
  return `${time} ${shown} ${event}${rest.join("")}\n`;
}

function jsonLine(level: LogLevel, time: string, event: string, fields: LogFields): string {
  return `${JSON.stringify({ time, level, event, ...fields })}\n`;
}

/** Makes a log that writes lines through `options.write`. */
export function createLog(options: LogOptions): Log {
  const least = LOG_LEVELS.indexOf(options.level);
  const at = (level: LogLevel) => (event: string, given: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(level) < least) return;
    const fields = shownFields(given);
    const time = new Date(options.clock.now()).toISOString();
    const priority = options.format === "journal" ? `<${PRIORITY[level]}>` : "";
    options.write(
      options.format === "text"
        ? textLine(level, time, event, fields, options.colour)
        : `${priority}${jsonLine(level, time, event, fields)}`,
      level === "warn" || level === "error",
    );
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that drops everything. */
export const silentLog: Log = createLog({
  clock: { now: () => 0, after: () => () => {} },
  format: "text",
  level: "error",
  colour: false,
  write: () => {},
});
