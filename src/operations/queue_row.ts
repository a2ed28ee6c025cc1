/**
 * Queue rows from outside: checked before they are put into the store.
 *
 * @module
 */
import { DEAD_SHAPE } from "../store/dead_letter.ts";
import { INBOX_SHAPE } from "../store/inbox_row.ts";
import { OUTBOX_SHAPE } from "../store/outbox_row.ts";
import { faultIn, object } from "../store/row_shape.ts";
import { SCHEMA_VERSION } from "../store/kv.ts";
import { parseOutsideJson } from "../system/outside_json.ts";
import { countSegments } from "../text/sms/segments.ts";
import { type QueueRows, QUEUES } from "./queue_item.ts";

/** A row as `queue export` writes it, one a line. */
export type ExportedRow = {
  readonly [Q in keyof QueueRows]: { readonly queue: Q; readonly row: QueueRows[Q] };
}[keyof QueueRows];

/** An hour that Twilio asks us to wait, and clocks of machines that differ. */
const CLOCKS_DIFFER_MS_MAX = 2 * 24 * 3_600_000;

const isInboxRow = object(INBOX_SHAPE);
const isOutboxRow = object(OUTBOX_SHAPE);
const isDeadLetter = object(DEAD_SHAPE);

/** The first member that is not as in a row of that queue; null when all are. */
function faultOf(queue: keyof QueueRows, row: unknown): string | null {
  if (queue === "inbox") return faultIn(row, INBOX_SHAPE);
  return queue === "outbox" ? faultIn(row, OUTBOX_SHAPE) : faultIn(row, DEAD_SHAPE);
}

/** A row of the inbox or the outbox; null when it is none. */
function waitingRow(
  queue: keyof QueueRows,
  row: unknown,
): Exclude<ExportedRow, { readonly queue: "dead" }> | null {
  if (queue === "inbox" && isInboxRow(row)) return { queue, row };
  return queue === "outbox" && isOutboxRow(row) ? { queue, row } : null;
}

/** What a row of ours never is though each member has its shape; null when it is none of it. */
function oddityOf(
  { row }: Exclude<ExportedRow, { readonly queue: "dead" }>,
  within: "" | "row.",
  nowMs: number,
): string | null {
  const times = "chunks" in row
    ? { createdAtMs: row.createdAtMs, notBeforeMs: row.notBeforeMs, begunAtMs: row.begunAtMs }
    : { receivedAtMs: row.receivedAtMs, started: row.started?.atMs };
  const late = Object.entries(times).find(([, atMs]) => (atMs ?? 0) > nowMs + CLOCKS_DIFFER_MS_MAX);
  if (late !== undefined) return `"${within}${late[0]}" of its row is days ahead of this clock`;
  if (!("chunks" in row)) return null;
  const { chunks, sids } = row;
  if (sids.length >= chunks.length) return `"${within}sids" of its row has all of "chunks" sent`;
  // Such a message would pass every budget.
  return chunks.some(({ body, segments }) => segments < countSegments(body).segments)
    ? `"${within}chunks" of its row have fewer segments than their words`
    : null;
}

/**
 * Reads a line of an export; a sentence about what is wrong with it otherwise.
 *
 * @param nowMs The clock here: no row is from days ahead of it, nor waits for as long.
 */
export function readExported(line: string, nowMs: number): ExportedRow | string {
  let value: unknown;
  try {
    value = parseOutsideJson(line);
  } catch {
    return "it is not JSON";
  }
  const { schema = SCHEMA_VERSION, queue, row } = (value ?? {}) as Partial<
    ExportedRow & { readonly schema: unknown }
  >;
  if (schema !== SCHEMA_VERSION) {
    return `"schema" must be ${SCHEMA_VERSION}: another release with other rows wrote it`;
  }
  if (queue === undefined || !QUEUES.includes(queue)) {
    return `"queue" must be one of ${QUEUES.join(", ")}`;
  }
  const waiting = waitingRow(queue, row);
  if (waiting !== null) return oddityOf(waiting, "", nowMs) ?? waiting;
  if (queue === "dead" && isDeadLetter(row)) {
    if (row.row === undefined || row.from === "webhook") return { queue, row };
    const kept = waitingRow(row.from, row.row);
    if (kept !== null) return oddityOf(kept, "row.", nowMs) ?? { queue, row };
    return `"row.${faultOf(row.from, row.row)}" of its row is not as in an ${row.from} row`;
  }
  return `"${faultOf(queue, row)}" of its row is not as in an ${queue} row`;
}
