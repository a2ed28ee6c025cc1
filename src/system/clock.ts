/**
 * Time as the program sees it. Injected everywhere, so that a simulator can rule it.
 *
 * @module
 */

/** A source of time and of timers. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fn` once after `delayMs` milliseconds; the function returned cancels that. */
  after(delayMs: number, fn: () => void): () => void;
}

/** The longest delay that `setTimeout` keeps; a longer one would fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** The machine's own clock. Its timers fire after 24.8 days at the latest. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(delayMs, DELAY_MS_MAX));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` milliseconds, or at once when `signal` aborts: it never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** What `asked` gives, or null when it has not after `delayMs` milliseconds. It rejects as `asked` does. */
export async function within<T>(
  clock: Clock,
  delayMs: number,
  asked: Promise<T>,
): Promise<{ readonly value: T } | null> {
  let cancel = () => {};
  const late = new Promise<null>((resolve) => {
    cancel = clock.after(delayMs, () => resolve(null));
  });
  try {
    return await Promise.race([asked.then((value) => ({ value })), late]);
  } finally {
    cancel();
  }
}
