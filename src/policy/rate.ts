/**
 * How often requests may come to the door, in memory of a fixed size.
 *
 * @module
 */
import {
  RATE_INVALID_MAX,
  RATE_KEYS_MAX,
  RATE_KNOWN_MAX,
  RATE_REPORTS_MAX,
  RATE_SENDER_MAX,
  RATE_VALID_MAX,
  RATE_WINDOW_MS,
} from "../system/limits.ts";

/** Whether a request is within its rate. */
export type RateVerdict =
  | { readonly kind: "ok" }
  /** What `Retry-After` says, in whole seconds, at least 1. */
  | { readonly kind: "limited"; readonly retryAfterS: number };

/** Counts requests by key; of each key only those that were let through. */
export interface RateLimiter {
  /** How long until `key` is within its limit, in milliseconds; 0 when it is. Counts nothing. */
  waitMs(key: string, nowMs: number): number;
  /** Counts a request of `key`. */
  count(key: string, nowMs: number): void;
  /** Keys it holds; never more than `keysMax`. */
  readonly size: number;
}

/** How {@linkcode createRateLimiter} counts. */
export interface RateOptions {
  /** Requests of one key in any window. */
  readonly limit: number;
  /** The window. */
  readonly windowMs: number;
  /** Keys held; the one that was quiet for longest is forgotten first. */
  readonly keysMax: number;
}

interface Times {
  /** A ring of the last `limit` times, filled from the start. */
  readonly atMs: number[];
  next: number;
}

/**
 * Makes a limiter over a sliding window: a request is within the limit when the one `limit` before it
 * is a window old.
 */
export function createRateLimiter({ limit, windowMs, keysMax }: RateOptions): RateLimiter {
  const keys = new Map<string, Times>();
  return {
    waitMs(key, nowMs) {
      const times = keys.get(key);
      if (times === undefined || times.atMs.length < limit) return 0;
      const ageMs = nowMs - times.atMs[times.next]!;
      return ageMs < 0 ? 0 : Math.max(0, windowMs - ageMs);
    },
    count(key, nowMs) {
      const times = keys.get(key) ?? { atMs: [], next: 0 };
      times.atMs[times.next] = nowMs;
      times.next = (times.next + 1) % limit;
      keys.delete(key);
      keys.set(key, times);
      if (keys.size > keysMax) keys.delete(keys.keys().next().value!);
    },
    get size() {
      return keys.size;
    },
  };
}

/** The rates of one account's webhook. None of them can use up another's budget. */
export interface DoorRates {
  /** For a request that is refused: by its route and client. `limited` means to say no more than 429. */
  invalid(route: string, client: string, nowMs: number): RateVerdict;
  /** For a signed text: by its sender (as Twilio names it) and in all. */
  valid(from: string, nowMs: number): RateVerdict;
  /** For a signed text beyond its rate, of somebody who is let in: it is answered late, not refused. */
  known(from: string, nowMs: number): RateVerdict;
  /** For a signed delivery report. */
  report(nowMs: number): RateVerdict;
}

function take(limiters: readonly (readonly [RateLimiter, key: string])[], nowMs: number) {
  const waitMs = Math.max(...limiters.map(([limiter, key]) => limiter.waitMs(key, nowMs)));
  if (waitMs > 0) return { kind: "limited", retryAfterS: Math.ceil(waitMs / 1_000) } as const;
  for (const [limiter, key] of limiters) limiter.count(key, nowMs);
  return { kind: "ok" } as const;
}

/** Makes the rates of a door. A request over one of its limits counts towards none. */
export function createDoorRates(): DoorRates {
  const perWindow = (limit: number) =>
    createRateLimiter({ limit, windowMs: RATE_WINDOW_MS, keysMax: RATE_KEYS_MAX });
  const invalid = perWindow(RATE_INVALID_MAX);
  const senders = perWindow(RATE_SENDER_MAX);
  const valid = perWindow(RATE_VALID_MAX);
  const known = perWindow(RATE_KNOWN_MAX);
  const reports = perWindow(RATE_REPORTS_MAX);
  return {
    invalid: (route, client, nowMs) => take([[invalid, `${route}\n${client}`]], nowMs),
    valid: (from, nowMs) => take([[senders, from], [valid, ""]], nowMs),
    known: (from, nowMs) => take([[known, from]], nowMs),
    report: (nowMs) => take([[reports, ""]], nowMs),
  };
}
