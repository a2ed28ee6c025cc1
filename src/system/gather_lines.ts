/**
 * Lines of one moment are written together: each write wakes whoever reads them.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** How late a line may be. */
const LATE_MS_MAX = 10;
/** What a pipe takes in one piece, so that no line of another writer stands within. */
const CHARS_MAX = 3_000;

/** Lines on their way. */
export interface GatheredLines {
  /** Takes a line in, which is written soon; at once, with those before it, when it is `urgent`. */
  add(line: string, urgent: boolean): void;
  /** Writes what has been taken in. */
  flush(): void;
}

/** Gathers lines for `write`. */
export function gatherLines(
  clock: Pick<Clock, "after">,
  write: (lines: string) => void,
): GatheredLines {
  let gathered = "";
  let isDue = false;
  function flush(): void {
    const lines = gathered;
    gathered = "";
    if (lines !== "") write(lines);
  }
  return {
    flush,
    add(line, urgent) {
      if (gathered.length + line.length > CHARS_MAX) flush();
      gathered += line;
      if (urgent) return flush();
      if (isDue) return;
      isDue = true;
      clock.after(LATE_MS_MAX, () => {
        isDue = false;
        flush();
      });
    },
  };
}
