/**
 * Whether work takes time linear in its text. Texts made to be slow must cost four times the time at four times the
 * length; quadratic time would cost sixteen times. Other work on the machine can make a measurement bad, so the limit
 * lies in the middle and one good attempt of several is enough.
 */

const LENGTH = 32 * 1024;
const LONGER = 4;
const ATTEMPTS = 12;
const RATIO_MAX = 9;
/** Below this, a clock says little. */
const RESOLUTION_MS = 1;

function quickest(work: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < 2; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Whether a longer text takes about as much longer, in one of several attempts. */
export function isLinear(
  make: (length: number) => string,
  work: (text: string) => unknown,
): boolean {
  const once = make(LENGTH);
  const longer = make(LONGER * LENGTH);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const short = Math.max(quickest(() => work(once)), RESOLUTION_MS);
    if (quickest(() => work(longer)) <= RATIO_MAX * short) return true;
  }
  return false;
}
