/**
 * Pairs the runs of `*`, `_` and `~` (CommonMark, "An algorithm for parsing nested emphasis and
 * links", procedure *process emphasis*; GFM strikethrough) and takes away those that pair.
 *
 * @module
 */
import { flankingOf } from "./flanking.ts";

/** A run of delimiters. */
export interface Run {
  readonly char: string;
  /** Its length as written. */
  readonly length: number;
  /** How many are left to show. */
  left: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
  /** Rises from run to run. */
  readonly order: number;
  previous: Run | null;
  next: Run | null;
}

/** The runs that may still pair. */
export interface Runs {
  last: Run | null;
  count: number;
}

/** Adds the run from `start` to `end` of `text`. */
export function addRun(runs: Runs, text: string, start: number, end: number): Run {
  const length = end - start;
  const run: Run = {
    char: text[start]!,
    length,
    left: length,
    ...flankingOf(text, start, end),
    order: ++runs.count,
    previous: null,
    next: null,
  };
  const canPair = (run.canOpen || run.canClose) && (run.char !== "~" || length <= 2);
  if (!canPair) return run;
  run.previous = runs.last;
  if (runs.last !== null) runs.last.next = run;
  runs.last = run;
  return run;
}

function remove(runs: Runs, run: Run): void {
  if (run.previous !== null) run.previous.next = run.next;
  if (run.next !== null) run.next.previous = run.previous;
  else runs.last = run.previous;
}

/** Whether two runs pair: rules 9 and 10 of CommonMark, and equal lengths for strikethrough. */
function canPair(opener: Run, closer: Run): boolean {
  if (opener.char !== closer.char || !opener.canOpen) return false;
  if (closer.char === "~") return opener.length === closer.length;
  const isBoth = closer.canOpen || opener.canClose;
  return !(isBoth && closer.length % 3 !== 0 && (opener.length + closer.length) % 3 === 0);
}

/** Where searching stops for a kind of closer: no opener for it lies further back. */
function bottomKey(closer: Run): string {
  return closer.char + (closer.canOpen ? "1" : "0") +
    (closer.char === "~" ? closer.length : closer.length % 3);
}

/** Pairs the runs of an order above `bottom`, and forgets them. */
export function pairRuns(runs: Runs, bottom: number): void {
  const bottoms = new Map<string, number>();
  let closer = runs.last;
  while (closer !== null && closer.previous !== null && closer.previous.order > bottom) {
    closer = closer.previous;
  }
  if (closer !== null && closer.order <= bottom) closer = null;
  while (closer !== null) {
    if (!closer.canClose) {
      closer = closer.next;
      continue;
    }
    const key = bottomKey(closer);
    const opener = findOpener(closer, Math.max(bottom, bottoms.get(key) ?? 0));
    if (opener !== null) {
      closer = pair(runs, opener, closer);
      continue;
    }
    bottoms.set(key, closer.previous?.order ?? 0);
    const next: Run | null = closer.next;
    if (!closer.canOpen) remove(runs, closer);
    closer = next;
  }
  while (runs.last !== null && runs.last.order > bottom) remove(runs, runs.last);
}

function findOpener(closer: Run, bottom: number): Run | null {
  let opener = closer.previous;
  while (opener !== null && opener.order > bottom && !canPair(opener, closer)) {
    opener = opener.previous;
  }
  return opener !== null && opener.order > bottom ? opener : null;
}

/** Takes one pair of delimiters away; the closer to go on with. */
function pair(runs: Runs, opener: Run, closer: Run): Run | null {
  // Runs between the two can pair no more.
  opener.next = closer;
  closer.previous = opener;
  const used = closer.char === "~" ? closer.length : opener.left >= 2 && closer.left >= 2 ? 2 : 1;
  opener.left -= used;
  closer.left -= used;
  if (opener.left === 0) remove(runs, opener);
  if (closer.left > 0) return closer;
  const { next } = closer;
  remove(runs, closer);
  return next;
}
