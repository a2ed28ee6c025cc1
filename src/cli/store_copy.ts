/**
 * Copies of a whole store, and the failure of a store that does not serve.
 *
 * @module
 */
import { openStoreFile, type Store, StoreError } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import { writePrivate } from "./private_file.ts";
import type { Context } from "./terminal/context.ts";

/**
 * Has all of a new store be in its one file. Closing is not enough: before 2.9 Deno does that later, when the
 * file has its name already, and the log of writes is left behind under another.
 * @throws {StoreError}
 */
export function settle(store: Store): void {
  if (store.tidy?.() !== false) return;
  throw new StoreError("Cannot copy the store: another program has the copy open");
}

/**
 * Has a new store file (mode 0600) filled, which gets its name when it is whole. Returns what `fill` does.
 *
 * @throws {Failure} When the path is taken or cannot be written.
 * @throws {StoreError}
 */
export async function fillStoreFile<T>(
  { clock, random }: Pick<Context, "clock" | "random">,
  path: string,
  fill: (store: Store) => Promise<T>,
): Promise<T> {
  const filled = Promise.withResolvers<T>();
  await writePrivate(path, async (part) => {
    const store = await openStoreFile(part, { clock, random });
    try {
      filled.resolve(await fill(store));
      settle(store);
    } finally {
      store.close();
    }
  });
  return await filled.promise;
}

/** What mends a store that bridges share. */
export function hintOf(error: unknown): string {
  const known = error instanceof StoreError || error instanceof Failure;
  const hint = known ? error.hint : undefined;
  return hint ?? "`sms-bridge config check` says whether bridge.store and its token can be right";
}

/** Works with stores. @throws {Failure} With the hint, when one does not serve. */
export async function withStores<T>(hint: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw failure("failed", "store-unusable", error.message, error.hint ?? hint);
  }
}
