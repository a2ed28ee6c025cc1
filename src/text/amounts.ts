/**
 * Amounts in words: spans of time, ages, and numbers with their noun.
 *
 * @module
 */

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1_000]] as const;

/** A span of time by its two greatest units: `3d 4h`, `5m`, `12s`, `350ms`. */
export function formatDuration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1_000) return `${whole}ms`;
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

/** How long ago something was: `5m ago`, `just now`, `never`. */
export function formatAge(atMs: number | null | undefined, nowMs: number): string {
  if (atMs === null || atMs === undefined) return "never";
  const age = nowMs - atMs;
  return age < 1_000 ? "just now" : `${formatDuration(age)} ago`;
}

/** A number with its noun: `1 message`, `2 messages`, `3 entries`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Money with so many decimals. Five are billed; of what lies in the middle between two the greater counts. */
export function formatMoney(amount: number, decimals = 2): string {
  const billed = Math.round(amount * 100_000);
  const step = 10 ** (5 - decimals);
  return (Math.round(billed / step) * step / 100_000).toFixed(decimals);
}
