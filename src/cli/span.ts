/**
 * Spans of time as a person gives them.
 *
 * @module
 */
import { failure } from "../system/failure.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3 };

/** A span such as `90m` in milliseconds. @throws {Failure} */
export function spanMs(text: string): number {
  const [, count, unit] = text.match(/^(\d+)([smhd])$/) ?? [];
  if (count !== undefined) return Number(count) * UNITS[unit!]!;
  throw failure(
    "usage",
    "span-invalid",
    `Cannot read "${text}" as a span of time`,
    "as in 90m, 1h, 7d",
  );
}
