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

/** Who sleeps until a signal aborts. A signal compares each listener with all others, so it has one for them all. */
interface Sleepers {
  readonly all: Set<() => void>;
  readonly wake: () => void;
}

const SLEEPERS = new WeakMap<AbortSignal, Sleepers>();

/** Calls `done` when a signal aborts; the function returned cancels that. */
function onAbort(signal: AbortSignal, done: () => void): () => void {
  let sleepers = SLEEPERS.get(signal);
  if (sleepers === undefined) {
    const all = new Set<() => void>();
    sleepers = { all, wake: () => all.forEach((one) => one()) };
    SLEEPERS.set(signal, sleepers);
    signal.addEventListener("abort", sleepers.wake);
  }
  const { all, wake } = sleepers;
  all.add(done);
  return () => {
    all.delete(done);
    if (all.size > 0 || SLEEPERS.get(signal)?.all !== all) return;
    SLEEPERS.delete(signal);
    signal.removeEventListener("abort", wake);
  };
}

/** Resolves after `delayMs` milliseconds, or at once when `signal` aborts: it never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      letGo();
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    const letGo = signal === undefined ? () => {} : onAbort(signal, done);
  });
}

/** Resolves when one of these signals aborts. */
export function untilAborted(...signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return Promise.resolve();
  // Nothing would hold a signal that depends on all: it may be collected, and never abort.
  return new Promise((resolve) => {
    const heard = new AbortController();
    const told = () => {
      heard.abort();
      resolve();
    };
    for (const one of signals) one.addEventListener("abort", told, { signal: heard.signal });
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
