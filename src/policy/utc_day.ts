/**
 * Days, months and hours as money is summed by: in UTC, as Twilio bills.
 *
 * @module
 */

/** The day, as in `2026-11-29`. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The month, as in `2026-11`. */
export function utcMonth(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** The hour, as in `2026-11-29T09`. */
export function utcHour(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13);
}

/** When the day ends, in milliseconds since the epoch. */
export function dayEndMs(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1);
}

/** When the month ends, in milliseconds since the epoch. */
export function monthEndMs(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
}
