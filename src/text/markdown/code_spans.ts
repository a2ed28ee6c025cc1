/**
 * Code spans (CommonMark, section "Code spans").
 *
 * @module
 */

/** Finds the run of backticks that closes another; built once a paragraph, asked from left to right. */
export interface BacktickRuns {
  /** Starts of the runs of each length, in order, the next one last. */
  readonly starts: Map<number, number[]>;
}

/** All runs of backticks in `text`. */
export function backtickRuns(text: string): BacktickRuns {
  const starts = new Map<number, number[]>();
  for (const run of [...text.matchAll(/`+/g)].reverse()) {
    const found = starts.get(run[0].length);
    if (found === undefined) starts.set(run[0].length, [run.index]);
    else found.push(run.index);
  }
  return { starts };
}

/** The next run of `length` backticks at or behind `at`, or -1. Call with rising `at` only. */
export function nextRun(runs: BacktickRuns, length: number, at: number): number {
  const starts = runs.starts.get(length);
  while (starts !== undefined && starts.length > 0) {
    const start = starts.at(-1)!;
    if (start >= at) return start;
    starts.pop();
  }
  return -1;
}

/** What a code span shows: line breaks are spaces, and one space at each side goes. */
export function codeText(written: string): string {
  const text = written.replaceAll("\n", " ");
  const isPadded = text.startsWith(" ") && text.endsWith(" ") && text.trim() !== "";
  return isPadded ? text.slice(1, -1) : text;
}
