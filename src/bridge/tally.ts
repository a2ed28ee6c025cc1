/**
 * Counters of what happened since the start, for `status` and `/metrics`.
 *
 * @module
 */

/** Counts events by name and one label; the names are a closed set, so it does not grow. */
export interface Tally {
  /** Adds `by` (1 when left out) to the counter of this name and label. */
  count(name: TallyName, label?: string, by?: number): void;
  /** Notes that something happened now. */
  mark(name: MarkName, atMs: number): void;
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
  | "refused"
  | "recovered";

/** Of what the last time is kept. */
export type MarkName = "inbound" | "outbound" | "turn" | "delivery" | "gateway";

/** Labels a name may have; more fall under `other`, so that nothing grows without bound. */
const LABELS_MAX = 100;

/** Makes an empty tally. */
export function createTally(): Tally {
  const counters = new Map<string, Map<string, number>>();
  const last: Partial<Record<MarkName, number>> = {};
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
    counts: () =>
      Object.fromEntries([...counters].map(([name, labels]) => [name, Object.fromEntries(labels)])),
    marks: () => ({ ...last }),
  };
}
