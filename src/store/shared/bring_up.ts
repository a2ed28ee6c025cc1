/**
 * Brings a store that bridges share from the form of an older version to that of this one.
 *
 * First the schema's row is changed, so that bridges of the older version can write nothing from then on, and
 * none starts. Then one at a time does the work, the one that holds the lease: all that it writes is conditional
 * on its epoch, so that one that was paused changes nothing when it wakes up.
 *
 * @module
 */
import { type Clock, sleep } from "../../system/clock.ts";
import { MIGRATION_WAIT_MS_MAX, SHARED_LOOK_MS } from "../../system/limits.ts";
import { silentLog } from "../../system/log.ts";
import { bringUpToDate, olderSchema, type Store, StoreError } from "../kv.ts";
import { SCHEMA_KEY } from "../migrations.ts";
import { fenced } from "./fence.ts";
import { createLease } from "./lease.ts";
import { COMMAND_NUMBER } from "./rows.ts";

/** What a store is brought up to date with. */
export interface BringUpParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
  /** This run of this bridge. */
  readonly run: string;
}

type Steps = Parameters<typeof bringUpToDate>[1];

async function shutOlderOut(store: Store, steps: Steps): Promise<void> {
  const found = await olderSchema(store, steps);
  if (typeof found?.value !== "number") return;
  const { value, versionstamp } = found;
  await store.commit({
    check: [{ key: SCHEMA_KEY, versionstamp }],
    set: [{ key: SCHEMA_KEY, value: [value] }],
  });
}

/**
 * Brings it up to date, or waits until another has done so.
 *
 * @throws {StoreError} When another takes longer than is waited for.
 */
export async function bringSharedUp(parts: BringUpParts, steps?: Steps): Promise<void> {
  const { store, clock } = parts;
  await shutOlderOut(store, steps);
  const over = new AbortController();
  const cancel = clock.after(MIGRATION_WAIT_MS_MAX, () => over.abort());
  let failed: unknown = null;
  const lease = createLease({
    ...parts,
    log: silentLog,
    former: () => Promise.resolve(null),
    member: () => COMMAND_NUMBER,
    outdone: () => false,
  });
  const held = lease.keep(async ({ fence }) => {
    await bringUpToDate(fenced(store, fence), steps).catch((error) => failed = error);
    over.abort();
    return { end: () => Promise.resolve() };
  }, over.signal);
  const isOlder = async () => await olderSchema(store, steps) !== null;
  while (!over.signal.aborted) {
    await sleep(clock, SHARED_LOOK_MS, over.signal);
    if (!over.signal.aborted && !await isOlder().catch(() => true)) over.abort();
  }
  await held;
  cancel();
  if (failed !== null) throw failed;
  if (await isOlder()) {
    throw new StoreError(
      "Cannot use the store: another bridge is still bringing it to the form of this version",
    );
  }
}
