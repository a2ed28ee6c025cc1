/**
 * Randomness as the program sees it: the system's source, or a seeded one for tests and the simulator.
 *
 * @module
 */

/** A source of randomness. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /**
   * An integer from 0 up to, not including, `limit`, without bias.
   *
   * @throws {RangeError} If `limit` is not an integer from 1 to 2^32.
   */
  below(limit: number): number;
  /** A number from 0 up to, not including, 1. */
  fraction(): number;
}

const UINT32 = 2 ** 32;

function fromUint32(next: () => number): Random {
  return {
    bytes(length) {
      const bytes = new Uint8Array(length);
      for (let i = 0; i < length; i++) bytes[i] = next() >>> 24;
      return bytes;
    },
    below(limit) {
      if (!Number.isInteger(limit) || limit < 1 || limit > UINT32) {
        throw new RangeError(
          `Cannot draw a number as limit must be an integer from 1 to 2^32: current value is ${limit}`,
        );
      }
      const fair = UINT32 - UINT32 % limit;
      for (;;) {
        const value = next();
        if (value < fair) return value % limit;
      }
    },
    fraction: () => next() / UINT32,
  };
}

/** The operating system's random source (WebCrypto), fit for secrets. */
export const systemRandom: Random = {
  ...fromUint32(() => crypto.getRandomValues(new Uint32Array(1))[0]!),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** A repeatable source (mulberry32): the same seed gives the same numbers. Never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return fromUint32(() => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  });
}
