/**
 * Queue rows from outside: checked before they are put into the store.
 *
 * @module
 */
import { DEAD_SHAPE } from "../store/dead_letter.ts";
import { INBOX_SHAPE } from "../store/inbox_row.ts";
import { OUTBOX_SHAPE, type OutboxRow } from "../store/outbox_row.ts";
import { faultIn, object } from "../store/row_shape.ts";
import { SCHEMA_VERSION } from "../store/kv.ts";
import { countSegments } from "../text/sms/segments.ts";
import { type QueueRows, QUEUES } from "./queue_item.ts";

/** A row as `queue export` writes it, one a line. */
export type ExportedRow = {
  readonly [Q in keyof QueueRows]: { readonly queue: Q; readonly row: QueueRows[Q] };
}[keyof QueueRows];

const isInboxRow = object(INBOX_SHAPE);
const isOutboxRow = object(OUTBOX_SHAPE);
const isDeadLetter = object(DEAD_SHAPE);

/** The first member that is not as in a row of that queue; null when all are. */
function faultOf(queue: keyof QueueRows, row: unknown): string | null {
  if (queue === "inbox") return faultIn(row, INBOX_SHAPE);
  return queue === "outbox" ? faultIn(row, OUTBOX_SHAPE) : faultIn(row, DEAD_SHAPE);
}

/** A message whose segments are fewer than its words need would pass every budget. */
function understates({ chunks }: OutboxRow): boolean {
  return chunks.some(({ body, segments }) => segments < countSegments(body).segments);
}

/** Reads a line of an export; a sentence about what is wrong with it otherwise. */
export function readExported(line: string): ExportedRow | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
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
  if (queue === "inbox" && isInboxRow(row)) return { queue, row };
  if (queue === "outbox" && isOutboxRow(row)) {
    return understates(row)
      ? `"chunks" of its row have fewer segments than their words`
      : { queue, row };
  }
  if (queue === "dead" && isDeadLetter(row)) {
    const within = row.row === undefined || row.from === "webhook"
      ? null
      : faultOf(row.from, row.row);
    if (within === null && row.from === "outbox" && isOutboxRow(row.row) && understates(row.row)) {
      return `"row.chunks" of its row have fewer segments than their words`;
    }
    return within === null
      ? { queue, row }
      : `"row.${within}" of its row is not as in an ${row.from} row`;
  }
  return `"${faultOf(queue, row)}" of its row is not as in an ${queue} row`;
}
