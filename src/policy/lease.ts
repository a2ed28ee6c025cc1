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
 */
export function mayTake({ row, unchangedMs }: LeaseSeen, self: string, leaseMs: number): boolean {
  return row === null || row.holder === null || row.holder === self || unchangedMs >= leaseMs;
}
