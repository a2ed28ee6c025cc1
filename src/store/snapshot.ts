/**
 * Snapshots: a copy of the store's file as it is at one moment, while it is in use.
 *
 * Deno KV has no call for that. Its file is an SQLite database in WAL mode, of which a reader sees one
 * consistent state as long as its transaction lasts, without holding up the writer. The tables are
 * copied one by one: Deno's SQLite attaches no second file, so `VACUUM INTO` does not work.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "./kv.ts";
import { errorText } from "../system/failure.ts";

/** The daemon holds the file for milliseconds at a time. */
const LOCK_WAIT_MS = 10_000;

interface Table {
  readonly name: string;
  readonly sql: string;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function copyTable(from: DatabaseSync, to: DatabaseSync, { name, sql }: Table): number {
  to.exec(sql);
  const columns = from.prepare(`PRAGMA table_info(${quoted(name)})`).all();
  const marks = columns.map(() => "?").join(", ");
  const insert = to.prepare(`INSERT INTO ${quoted(name)} VALUES (${marks})`);
  const select = from.prepare(`SELECT * FROM ${quoted(name)}`);
  select.setReadBigInts(true);
  let rows = 0;
  for (const row of select.iterate()) {
    insert.run(...Object.values(row as Record<string, bigint | string | Uint8Array | null>));
    rows++;
  }
  return rows;
}

function copy(from: DatabaseSync, to: DatabaseSync): number {
  const schema = "SELECT name, sql, type FROM sqlite_master WHERE sql IS NOT NULL";
  const objects = from.prepare(schema).all() as unknown as (Table & { type: string })[];
  let rows = 0;
  for (const table of objects.filter(({ type }) => type === "table")) {
    if (!table.name.startsWith("sqlite_")) rows += copyTable(from, to, table);
  }
  for (const { sql } of objects.filter(({ type }) => type !== "table")) to.exec(sql);
  const { user_version: version } = from.prepare("PRAGMA user_version").get() as {
    user_version: number;
  };
  to.exec(`PRAGMA user_version = ${Number(version)}`);
  return rows;
}

/**
 * Copies the store's file `source` into the empty file `target`, which can then be opened as a store.
 * Returns the number of rows. Not to be called in the process that has `source` open: closing the file a
 * second time would take its locks away.
 *
 * @throws {StoreError} When either cannot be used.
 */
export function snapshot(source: string, target: string): number {
  let from: DatabaseSync | undefined;
  let to: DatabaseSync | undefined;
  try {
    from = new DatabaseSync(source, { readOnly: true });
    to = new DatabaseSync(target);
    from.exec(`PRAGMA busy_timeout = ${LOCK_WAIT_MS}`);
    from.exec("BEGIN");
    to.exec("BEGIN");
    const rows = copy(from, to);
    to.exec("COMMIT");
    from.exec("COMMIT");
    return rows;
  } catch (error) {
    const why = errorText(error);
    throw new StoreError(`Cannot copy the store: ${why}`, { cause: error });
  } finally {
    to?.close();
    from?.close();
  }
}
