/**
 * Housekeeping: keeps what is kept for people to read from growing without bound.
 *
 * @module
 */
import { PREFIX } from "../store/keys.ts";
import type { Key, Store } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import {
  DEAD_LETTERS_MAX,
  DELIVERY_ROWS_MAX,
  HISTORY_ROWS_MAX,
  HOUSEKEEPING_INTERVAL_MS,
  SESSION_MARKS_MAX,
} from "../system/limits.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { DeliveryRow } from "../outbound/reports.ts";
import { errorText } from "../system/failure.ts";

/** Mutations that Deno KV takes in one commit, with room to spare. */
const DELETES_PER_COMMIT = 500;

async function deleteAll(store: Store, keys: readonly Key[]): Promise<void> {
  for (let at = 0; at < keys.length; at += DELETES_PER_COMMIT) {
    await store.commit({ delete: keys.slice(at, at + DELETES_PER_COMMIT) });
  }
}

/** Deletes the oldest rows below `prefix` beyond `rowsMax`; returns how many. */
export async function prune(store: Store, prefix: Key, rowsMax: number): Promise<number> {
  const excess: Key[] = [];
  let kept = 0;
  for await (const { key } of store.list({ prefix, reverse: true })) {
    if (++kept > rowsMax) excess.push(key);
  }
  await deleteAll(store, excess);
  return excess.length;
}

/** Deletes the delivery reports heard of longest ago beyond `rowsMax`; returns how many. */
export async function pruneDeliveries(store: Store, rowsMax: number): Promise<number> {
  const rows: { readonly key: Key; readonly atMs: number }[] = [];
  for await (const { key, value } of store.list<DeliveryRow>({ prefix: PREFIX.delivery })) {
    rows.push({ key, atMs: value.record.lastAtMs });
  }
  const excess = rows.sort((a, b) => a.atMs - b.atMs).slice(0, Math.max(0, rows.length - rowsMax));
  await deleteAll(store, excess.map(({ key }) => key));
  return excess.length;
}

/** Prunes now and every hour until the bridge stops. */
export async function startHousekeeping(
  context: BridgeContext,
  sweepFiles: () => Promise<void>,
): Promise<void> {
  const { store, clock, log, stopping } = context;
  while (!stopping.aborted) {
    try {
      const pruned = await prune(store, PREFIX.dead, DEAD_LETTERS_MAX) +
        await prune(store, PREFIX.session, SESSION_MARKS_MAX) +
        await prune(store, PREFIX.history, HISTORY_ROWS_MAX) +
        await pruneDeliveries(store, DELIVERY_ROWS_MAX);
      await sweepFiles();
      if (pruned > 0) log.info("store.pruned", { rows: pruned });
    } catch (error) {
      log.error("store.not-pruned", {
        error: errorText(error),
      });
    }
    await sleep(clock, HOUSEKEEPING_INTERVAL_MS, stopping);
  }
}
