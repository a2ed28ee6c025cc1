/**
 * Housekeeping: keeps what is kept for people to read from growing without bound.
 *
 * @module
 */
import { SESSIONS } from "../store/keys.ts";
import { DEAD } from "../store/dead_letter.ts";
import { HISTORY } from "../store/history_row.ts";
import { DELIVERIES } from "../store/delivery_row.ts";
import { type SenderRow, SENDERS } from "../store/sender_row.ts";
import { SPEND_PEOPLE } from "../store/spend_row.ts";
import type { Entry, Key, RowKey, Store } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import {
  CHOICE_KEPT_MS,
  DEAD_LETTERS_MAX,
  DELIVERY_ROWS_MAX,
  HISTORY_ROWS_MAX,
  HOUSEKEEPING_INTERVAL_MS,
  SENDER_IDLE_MS_MAX,
  SENDER_ROWS_MAX,
  SESSION_MARKS_MAX,
  SPEND_PERSON_ROWS_MAX,
} from "../system/limits.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { errorText } from "../system/failure.ts";

/** Mutations that Deno KV takes in one commit, with room to spare. */
const DELETES_PER_COMMIT = 500;
/** Rows read at a time, and how long the bridge has to itself before the next. */
const SLICE_ROWS = 500;
const SLICE_PAUSE_MS = 100;
const HOUSEKEEPING_DELAY_MS = 60_000;

async function deleteAll(store: Store, keys: readonly Key[]): Promise<void> {
  for (let at = 0; at < keys.length; at += DELETES_PER_COMMIT) {
    await store.commit({ delete: keys.slice(at, at + DELETES_PER_COMMIT) });
  }
}

/** The first key that could come after another below the same prefix. */
function keyAfter(key: Key): Key {
  const last = key.at(-1)!;
  return [...key.slice(0, -1), typeof last === "number" ? last + 1 : `${last}\0`];
}

/** Reads rows in order and in slices, so that neither time nor memory grows with how many there are. */
async function* slowly<T>(
  store: Store,
  prefix: RowKey<T>,
  pause: () => Promise<void>,
): AsyncGenerator<Entry<T>> {
  let start: Key | undefined;
  while (true) {
    const range = { prefix, limit: SLICE_ROWS, ...start === undefined ? {} : { start } };
    const slice = await Array.fromAsync(store.list(range));
    yield* slice;
    if (slice.length < SLICE_ROWS) return;
    start = keyAfter(slice.at(-1)!.key);
    await pause();
  }
}

const atOnce = () => Promise.resolve();

/** Deletes the oldest rows below `prefix` beyond `rowsMax`; returns how many. */
export async function prune(
  store: Store,
  prefix: RowKey<unknown>,
  rowsMax: number,
  pause = atOnce,
): Promise<number> {
  let rows = 0;
  for await (const _ of slowly(store, prefix, pause)) rows++;
  const excess: Key[] = [];
  if (rows > rowsMax) {
    for await (const { key } of slowly(store, prefix, pause)) {
      if (excess.push(key) === rows - rowsMax) break;
    }
  }
  await deleteAll(store, excess);
  return excess.length;
}

/** Deletes the delivery reports heard of longest ago beyond `rowsMax`; returns how many. */
export async function pruneDeliveries(
  store: Store,
  rowsMax: number,
  pause = atOnce,
): Promise<number> {
  const rows: { readonly key: Key; readonly atMs: number }[] = [];
  for await (const { key, value } of slowly(store, DELIVERIES, pause)) {
    rows.push({ key, atMs: value.record.lastAtMs });
  }
  const excess = rows.sort((a, b) => a.atMs - b.atMs).slice(0, Math.max(0, rows.length - rowsMax));
  await deleteAll(store, excess.map(({ key }) => key));
  return excess.length;
}

/** Whether nothing that is remembered of a sender matters any more. */
function isStale(
  { optedOutAtMs, choiceAtMs = 0, unblockedAtMs = 0, loop, spending }: SenderRow,
  nowMs: number,
): boolean {
  const beforeMs = nowMs - SENDER_IDLE_MS_MAX;
  // A choice outlives what catch-up could still find: an older one must not undo it.
  if (Math.max(choiceAtMs, unblockedAtMs) > nowMs - CHOICE_KEPT_MS) return false;
  return optedOutAtMs === null && lastHeardMs({ optedOutAtMs, loop, spending }) < beforeMs &&
    loop.pausedUntilMs < nowMs && spending.toldUntilMs < nowMs;
}

/** When something was last noted of a sender. */
function lastHeardMs({ optedOutAtMs, loop, spending }: SenderRow): number {
  const sent = spending.segments.map(({ startMs }) => startMs);
  return Math.max(
    optedOutAtMs ?? 0,
    loop.lastTextAtMs,
    loop.lastReplyAtMs,
    ...sent,
    ...spending.repliesAtMs,
  );
}

/**
 * Deletes what is remembered of senders that were not heard of for a day, except of those who opted out, are
 * blocked or have a name; and beyond `rowsMax` those heard of longest ago, of whom Twilio itself remembers the
 * opt-out. Returns how many.
 */
export async function pruneSenders(
  store: Store,
  nowMs: number,
  rowsMax: number,
  pause = atOnce,
): Promise<number> {
  interface Heard extends Pick<Entry<SenderRow>, "key" | "versionstamp"> {
    readonly atMs: number;
  }
  const stale: Heard[] = [];
  const kept: Heard[] = [];
  for await (const { key, versionstamp, value } of slowly(store, SENDERS, pause)) {
    // What an operator wrote stays until they take it back.
    if (value.blockedAtMs !== undefined || value.name !== undefined) continue;
    (isStale(value, nowMs) ? stale : kept).push({ key, versionstamp, atMs: lastHeardMs(value) });
  }
  const excess = kept.length <= rowsMax
    ? []
    : kept.sort((a, b) => a.atMs - b.atMs).slice(0, -rowsMax);
  let pruned = 0;
  // One by one: a sender that texts meanwhile must not be forgotten, nor keep the others.
  for (const { key, versionstamp } of [...stale, ...excess]) {
    if (await store.commit({ check: [{ key, versionstamp }], delete: [key] })) pruned++;
  }
  return pruned;
}

/** Has deleted texts leave the log of writes; what does not work out now does in an hour. */
function tidyStore({ store, log }: BridgeContext): void {
  try {
    if (store.tidy?.() === false) log.info("store.not-tidied", { reason: "somebody reads it" });
  } catch (error) {
    log.info("store.not-tidied", { error: errorText(error) });
  }
}

/** Prunes a minute after the start, when what waited is on its way, and every hour until the bridge stops. */
export async function startHousekeeping(
  context: BridgeContext,
  sweepFiles: () => Promise<void>,
): Promise<void> {
  const { store, clock, log, stopping } = context;
  const pause = () => sleep(clock, SLICE_PAUSE_MS, stopping);
  await sleep(clock, HOUSEKEEPING_DELAY_MS, stopping);
  while (!stopping.aborted) {
    try {
      const pruned = await prune(store, DEAD, DEAD_LETTERS_MAX, pause) +
        await prune(store, SESSIONS, SESSION_MARKS_MAX, pause) +
        await prune(store, HISTORY, HISTORY_ROWS_MAX, pause) +
        await prune(store, SPEND_PEOPLE, SPEND_PERSON_ROWS_MAX, pause) +
        await pruneDeliveries(store, DELIVERY_ROWS_MAX, pause) +
        await pruneSenders(store, clock.now(), SENDER_ROWS_MAX, pause);
      await sweepFiles();
      tidyStore(context);
      if (pruned > 0) log.info("store.pruned", { rows: pruned });
    } catch (error) {
      log.error("store.not-pruned", { error: errorText(error) });
    }
    await sleep(clock, HOUSEKEEPING_INTERVAL_MS, stopping);
  }
}
