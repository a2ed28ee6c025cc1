/**
 * The last hours as they are shown: what came, what went and what it cost, and whether the Gateway was
 * there.
 *
 * @module
 */
import { utcHour } from "../policy/utc_day.ts";
import type { Store } from "../store/kv.ts";
import { addCounts, NO_COUNTS, type SeriesCounts, seriesHourKey } from "../store/series_row.ts";
import { addSums, NO_SPEND, spendHourKey } from "../store/spend_row.ts";
import { shownSum, type Spend } from "./spend.ts";

/** One hour, in UTC. */
export interface HourView extends SeriesCounts, Spend {
  /** When it begins, in milliseconds since the epoch. */
  readonly atMs: number;
}

const HOUR_MS = 3_600_000;

/**
 * Reads the last hours, the current one last.
 *
 * @param uncounted What happened in the current hour and is not in the series yet.
 */
export async function readHours(
  store: Pick<Store, "get">,
  accounts: readonly string[],
  nowMs: number,
  uncounted: SeriesCounts = NO_COUNTS,
  hours = 24,
): Promise<HourView[]> {
  const begin = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const times = Array.from({ length: hours }, (_, i) => begin - (hours - 1 - i) * HOUR_MS);
  return await Promise.all(times.map(async (atMs) => {
    const hour = utcHour(atMs);
    const kept = (await store.get(seriesHourKey(hour)))?.value ?? NO_COUNTS;
    const counts = atMs === begin ? addCounts(kept, uncounted) : kept;
    let sum = NO_SPEND;
    for (const account of accounts) {
      sum = addSums(sum, (await store.get(spendHourKey(account, hour)))?.value ?? NO_SPEND);
    }
    return { atMs, ...counts, ...shownSum(sum) };
  }));
}
