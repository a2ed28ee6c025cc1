/**
 * Counts by hour and by day, so that charts outlive a restart.
 *
 * @module
 */
import { keyOf } from "./keys.ts";

/** What happened in some span of time. */
export interface SeriesCounts {
  /** Texts that left the inbox. */
  readonly texts: number;
  /** Of them those that the agent answered. */
  readonly answered: number;
  /** Texts and messages that were given up. */
  readonly givenUp: number;
  /** How long the bridge ran with a Gateway that takes turns, and how long without one. */
  readonly upMs: number;
  readonly awayMs: number;
}

/** Nothing happened. */
export const NO_COUNTS: SeriesCounts = { texts: 0, answered: 0, givenUp: 0, upMs: 0, awayMs: 0 };

/** What happened in two spans together. */
export function addCounts(a: SeriesCounts, b: SeriesCounts): SeriesCounts {
  return {
    texts: a.texts + b.texts,
    answered: a.answered + b.answered,
    givenUp: a.givenUp + b.givenUp,
    upMs: a.upMs + b.upMs,
    awayMs: a.awayMs + b.awayMs,
  };
}

/** An hour's counts. */
export const seriesHourKey = (hour: string) => keyOf<SeriesCounts>("series", "hour", hour);
/** A day's counts. */
export const seriesDayKey = (day: string) => keyOf<SeriesCounts>("series", "day", day);
