/**
 * Lanes: work of one conversation in order, of different conversations side by side.
 *
 * @module
 */

/** Runs jobs lane by lane. */
export interface Lanes {
  /** Appends a job to a lane; it runs when all earlier jobs of that lane have ended. */
  push(lane: string, job: () => Promise<void>): void;
  /** Whether no job of a lane is left. */
  isFree(lane: string): boolean;
  /** Resolves when no job is left. */
  idle(): Promise<void>;
  /** Jobs that have not ended. */
  readonly pending: number;
}

/** Makes lanes. A job must not reject: that is a bug, and ends the program. */
export function createLanes(): Lanes {
  const tails = new Map<string, Promise<void>>();
  let pending = 0;
  return {
    push(lane, job) {
      pending++;
      const before = tails.get(lane) ?? Promise.resolve();
      const tail = before.then(job).then(() => {
        pending--;
        if (tails.get(lane) === tail) tails.delete(lane);
      });
      tails.set(lane, tail);
    },
    isFree: (lane) => !tails.has(lane),
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
    get pending() {
      return pending;
    },
  };
}

/** Lets at most `limit` holders in at a time, in the order they came. */
export interface Gate {
  /** Resolves to a function that must be called once to leave. */
  enter(): Promise<() => void>;
}

/** Makes a gate for `limit` holders. */
export function createGate(limit: number): Gate {
  const waiting: (() => void)[] = [];
  let free = limit;
  return {
    async enter() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      };
    },
  };
}
