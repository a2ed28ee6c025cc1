/**
 * Tidying: what was written and deleted since leaves the log of writes beside the store's file.
 *
 * Deno KV has no call for that. Its file is an SQLite database in WAL mode, which keeps each version of a
 * page in `bridge.kv-wal` until that is emptied. Deno has one SQLite inside, so a second connection of the
 * same process leaves the locks alone. `VACUUM`, which would clear the free parts of pages too, needs
 * `ATTACH`, which Deno refuses to programs without all permissions.
 *
 * @module
 */
import { nodePart } from "../system/node_part.ts";

/** Others hold the file for milliseconds; the event loop stands still meanwhile. */
const LOCK_WAIT_MS = 200;

/**
 * Moves what the log of writes holds into the store's file and empties it. Whoever has the file open may go
 * on. False while somebody reads an older state.
 *
 * @throws {Error} When another process holds the file.
 */
export function emptyWriteLog(path: string): boolean {
  const { DatabaseSync } = nodePart("node:sqlite");
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
    return database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  } finally {
    database.close();
  }
}
