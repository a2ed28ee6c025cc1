/**
 * The series: once a minute what happened since goes into the counts of its hour and its day.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { utcDay, utcHour } from "../policy/utc_day.ts";
import type { Change, RowKey } from "../store/kv.ts";
import {
  addCounts,
  NO_COUNTS,
  type SeriesCounts,
  seriesDayKey,
  seriesHourKey,
} from "../store/series_row.ts";
import { sleep } from "../system/clock.ts";
import { errorText } from "../system/failure.ts";
import { SERIES_INTERVAL_MS, SPEND_DAYS_KEPT_MS, SPEND_HOURS_KEPT_MS } from "../system/limits.ts";

type Totals = Pick<SeriesCounts, "texts" | "answered" | "givenUp">;

/** Outcomes of a text that the agent has dealt with. */
const ANSWERED = ["answered", "silent"];
/** Outcomes under which a message counts as given up; others went out, or were never to. */
const SENT = ["sent", "blocked", "opted-out"];

function totalOf(counts: Readonly<Record<string, number>>, fits: (label: string) => boolean) {
  return Object.entries(counts).reduce((sum, [label, n]) => sum + (fits(label) ? n : 0), 0);
}

function totals({ tally }: BridgeContext): Totals {
  const { turns = {}, messages = {} } = tally.counts();
  return {
    texts: totalOf(turns, () => true),
    answered: totalOf(turns, (label) => ANSWERED.includes(label)),
    givenUp: totalOf(messages, (label) => !SENT.includes(label)),
  };
}

async function addTo(
  { store }: BridgeContext,
  key: RowKey<SeriesCounts>,
  counts: SeriesCounts,
  expireInMs: number,
): Promise<Required<Pick<Change, "check" | "set">>> {
  const known = await store.get(key);
  const value = addCounts(known?.value ?? NO_COUNTS, counts);
  return {
    check: [{ key, versionstamp: known?.versionstamp ?? null }],
    set: [{ key, value, expireInMs }],
  };
}

/** What is added to the series. */
export interface Series {
  /** What happened since it was last added to, which stands nowhere yet. */
  since(): SeriesCounts;
  /** Resolves once the bridge stops; what happened since is added first. */
  readonly ended: Promise<void>;
}

/**
 * Adds to the series until the bridge stops.
 *
 * @param isUp Whether the Gateway is there; null where another bridge says so.
 */
export function startSeries(context: BridgeContext, isUp: () => boolean | null): Series {
  const { store, clock, stopping, log } = context;
  let last = totals(context);
  let lastMs = clock.now();
  function since(): SeriesCounts {
    const now = totals(context);
    // A clock that was set, or a machine that slept, is no time in which the bridge ran.
    const up = isUp();
    const passedMs = Math.max(0, Math.min(clock.now() - lastMs, 2 * SERIES_INTERVAL_MS));
    return {
      texts: now.texts - last.texts,
      answered: now.answered - last.answered,
      givenUp: now.givenUp - last.givenUp,
      upMs: up === true ? passedMs : 0,
      awayMs: up === false ? passedMs : 0,
    };
  }
  async function run(): Promise<void> {
    while (!stopping.aborted) {
      await sleep(clock, SERIES_INTERVAL_MS, stopping);
      const [now, nowMs, counts] = [totals(context), clock.now(), since()];
      try {
        const rows = [
          await addTo(context, seriesHourKey(utcHour(nowMs)), counts, SPEND_HOURS_KEPT_MS),
          await addTo(context, seriesDayKey(utcDay(nowMs)), counts, SPEND_DAYS_KEPT_MS),
        ];
        const check = rows.flatMap((row) => row.check);
        // Where another bridge was faster, it is added with the next minute's.
        if (await store.commit({ check, set: rows.flatMap(({ set }) => set) }) === null) continue;
        [last, lastMs] = [now, nowMs];
      } catch (error) {
        log.warn("series.not-kept", { error: errorText(error) });
      }
    }
  }
  return { since, ended: run() };
}
