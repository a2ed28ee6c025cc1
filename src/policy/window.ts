/**
 * Sums over the last hour or day, kept in a bounded number of slots.
 *
 * What lies ahead, by a window at most, counts too: the clock was set back, or another bridge that shares the
 * store and whose clock is ahead has spent it.
 *
 * @module
 */

/** What was spent in one slot of time. */
export interface Slot {
  /** When the slot began, in milliseconds since the epoch. */
  readonly startMs: number;
  /** The sum of what was spent in it. */
  readonly amount: number;
}

/** What was spent recently, oldest slot first; never more than {@linkcode SLOTS} + 1 of them. */
export type Spent = readonly Slot[];

/** Into how many slots a window is cut. A slot counts until its last instant has left the window. */
export const SLOTS = 24;

/** The times of the last `windowMs`. */
export function recentTimes(
  timesMs: readonly number[],
  nowMs: number,
  windowMs: number,
): readonly number[] {
  return timesMs.filter((atMs) => Math.abs(nowMs - atMs) < windowMs);
}

function endsMs(slot: Slot, windowMs: number): number {
  return slot.startMs + windowMs / SLOTS + windowMs;
}

function live(spent: Spent, nowMs: number, windowMs: number): Spent {
  return spent.filter((slot) => slot.startMs - nowMs <= windowMs && nowMs < endsMs(slot, windowMs));
}

/** The sum over the last `windowMs`, and over up to one slot more. */
export function spentIn(spent: Spent, nowMs: number, windowMs: number): number {
  return live(spent, nowMs, windowMs).reduce((sum, slot) => sum + slot.amount, 0);
}

/** Adds what is spent now and drops what has left the window. */
export function addSpent(spent: Spent, amount: number, nowMs: number, windowMs: number): Spent {
  const slotMs = windowMs / SLOTS;
  const kept = live(spent, nowMs, windowMs);
  const last = kept.at(-1);
  return last !== undefined && nowMs - last.startMs < slotMs
    ? [...kept.slice(0, -1), { startMs: last.startMs, amount: last.amount + amount }]
    : [...kept, { startMs: nowMs, amount }];
}

/** When `amount` more stays within `limit`: `nowMs` if it does already, `null` if it never does. */
export function freesAtMs(
  spent: Spent,
  amount: number,
  limit: number,
  nowMs: number,
  windowMs: number,
): number | null {
  if (amount > limit) return null;
  const slots = live(spent, nowMs, windowMs);
  let sum = slots.reduce((total, slot) => total + slot.amount, amount);
  let atMs = nowMs;
  for (const slot of slots) {
    if (sum <= limit) break;
    sum -= slot.amount;
    atMs = endsMs(slot, windowMs);
  }
  return atMs;
}
