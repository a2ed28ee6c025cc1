/**
 * Waiting for things that happen, without looking again and again.
 *
 * @module
 */

/** A list that can be waited on. */
export interface Arrivals<T> {
  /** Everything that came, oldest first. */
  readonly all: readonly T[];
  /** Adds one and wakes who waits for it. */
  add(item: T): void;
  /**
   * The first item that fits and that no earlier call has been given, whether it came already or is
   * still to come.
   *
   * @throws {Error} when none came within `timeoutMs` (real time).
   */
  next(fits?: (item: T) => boolean, timeoutMs?: number): Promise<T>;
}

interface Waiter<T> {
  readonly fits: (item: T) => boolean;
  readonly give: (item: T) => void;
}

/** Makes an empty list of things called `noun`. */
export function createArrivals<T>(noun: string): Arrivals<T> {
  const all: T[] = [];
  const untaken = new Set<T>();
  const waiters = new Set<Waiter<T>>();
  return {
    all,
    add(item) {
      all.push(item);
      for (const waiter of waiters) {
        if (waiter.fits(item)) return waiter.give(item);
      }
      untaken.add(item);
    },
    next(fits = () => true, timeoutMs = 5_000) {
      for (const item of untaken) {
        if (!fits(item)) continue;
        untaken.delete(item);
        return Promise.resolve(item);
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiters.delete(waiter);
          reject(new Error(`No ${noun} that fits came within ${timeoutMs} ms: ${all.length} came`));
        }, timeoutMs);
        const waiter: Waiter<T> = {
          fits,
          give(item) {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(item);
          },
        };
        waiters.add(waiter);
      });
    },
  };
}
