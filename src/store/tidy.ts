/**
 * Tidying: what was deleted leaves the disk.
 *
 * Deno KV has no call for that. Its file is an SQLite database in WAL mode: what was written stays in
 * `bridge.kv-wal` until a checkpoint, what was deleted in free parts of pages until the file is written
 * anew. Deno has one SQLite inside, so a second connection of the same process leaves the locks alone.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { STORE_REWRITE_BYTES_MAX } from "../system/limits.ts";

/** Others hold the file for milliseconds; the event loop stands still meanwhile. */
const LOCK_WAIT_MS = 200;

/** What was done. */
export interface Tidied {
  /** Whether the file was written anew; false when it is too large for that. */
  readonly rewritten: boolean;
  /** Whether nothing is left in the log of writes; false while somebody reads an older state. */
  readonly emptied: boolean;
}

function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}

/**
 * Writes the store's file anew without what was deleted, and empties its log of writes. Whoever has it
 * open may go on, and waits meanwhile: 15 ms for each MB.
 *
 * @throws {Error} When another process holds the file.
 */
export function tidy(path: string): Tidied {
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
    const bytes = numberOf(database, "page_count") * numberOf(database, "page_size");
    const rewritten = bytes <= STORE_REWRITE_BYTES_MAX;
    if (rewritten) database.exec("PRAGMA temp_store = MEMORY; VACUUM");
    return { rewritten, emptied: numberOf(database, "wal_checkpoint(TRUNCATE)") === 0 };
  } finally {
    database.close();
  }
}
