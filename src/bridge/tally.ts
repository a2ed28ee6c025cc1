/**
 * Counters of what happened since the start, for `status` and `/metrics`.
 *
 * @module
 */
import { createHistogram, type HistogramSample } from "../server/metrics.ts";

/** Counts events by name and one label; the names are a closed set, so it does not grow. */
export interface Tally {
  /** Adds `by` (1 when left out) to the counter of this name and label. */
  count(name: TallyName, label?: string, by?: number): void;
  /** Notes that something happened now. */
  mark(name: MarkName, atMs: number): void;
  /** Notes how long something took. */
  observe(name: SpanName, durationMs: number): void;
  /** How long things took, in seconds. */
  spans(): Readonly<Record<SpanName, HistogramSample>>;
  counts(): Readonly<Record<string, Readonly<Record<string, number>>>>;
  marks(): Readonly<Partial<Record<MarkName, number>>>;
}

/** What is counted. */
export type TallyName =
  | "webhooks"
  | "signatures"
  | "turns"
  | "messages"
  | "segments"
  | "twilio_errors"
  | "lookups"
  | "reports"
  | "recovered"
  | "catch_ups";

/** Of what the last time is kept. */
export type MarkName = "inbound" | "outbound" | "turn" | "delivery" | "catch_up";

/** Of what the duration is kept. */
export type SpanName = "webhook" | "turn" | "answer";

/** Upper bounds of the ranges, in seconds: webhooks take milliseconds, turns seconds to minutes. */
const SPAN_BOUNDS_S: Readonly<Record<SpanName, readonly number[]>> = {
  webhook: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  turn: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900],
  answer: [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600],
};

/** Labels a name may have; more fall under `other`, so that nothing grows without bound. */
const LABELS_MAX = 100;

/** Makes an empty tally. */
export function createTally(): Tally {
  const counters = new Map<string, Map<string, number>>();
  const last: Partial<Record<MarkName, number>> = {};
  const histograms = {
    webhook: createHistogram(SPAN_BOUNDS_S.webhook),
    turn: createHistogram(SPAN_BOUNDS_S.turn),
    answer: createHistogram(SPAN_BOUNDS_S.answer),
  };
  return {
    count(name, label = "", by = 1) {
      let labels = counters.get(name);
      if (labels === undefined) counters.set(name, labels = new Map());
      const key = labels.has(label) || labels.size < LABELS_MAX ? label : "other";
      labels.set(key, (labels.get(key) ?? 0) + by);
    },
    mark(name, atMs) {
      last[name] = atMs;
    },
    observe: (name, durationMs) => histograms[name].observe(Math.max(0, durationMs) / 1_000),
    spans: () => ({
      webhook: histograms.webhook.sample(),
      turn: histograms.turn.sample(),
      answer: histograms.answer.sample(),
    }),
    counts: () =>
      Object.fromEntries([...counters].map(([name, labels]) => [name, Object.fromEntries(labels)])),
    marks: () => ({ ...last }),
  };
}
