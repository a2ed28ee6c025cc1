/**
 * Who of several bridges answers: the one that holds the lease.
 *
 * @module
 */

/** A lease as the store has it. */
export interface LeaseRow {
  /** Which run of which bridge; null when it was given back. */
  readonly holder: string | null;
  /** Rises with every change of hands. */
  readonly epoch: number;
  /** The holder's number among the bridges. */
  readonly member: number;
}

/** What a bridge has seen of a lease. */
export interface LeaseSeen {
  readonly row: LeaseRow | null;
  /** For how long the row has been the same, by this bridge's own steady clock and never by another's. */
  readonly unchangedMs: number;
}

/**
 * Whether a bridge that does not answer may take the lease. The holder renews it far more often than
 * `leaseMs`, and stops by itself before that has passed without one.
 *
 * @param selves Runs of this very bridge; those before this one have ended.
 */
export function mayTake(
  { row, unchangedMs }: LeaseSeen,
  selves: readonly string[],
  leaseMs: number,
): boolean {
  const free = row === null || row.holder === null || selves.includes(row.holder);
  return free || unchangedMs >= leaseMs;
}
