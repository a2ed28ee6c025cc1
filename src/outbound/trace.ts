/**
 * What follows a message through the log, from the text that it answers to the delivery report.
 *
 * @module
 */
import type { OutboxRow } from "../store/outbox_row.ts";
import { shortSid } from "../system/redact.ts";

/** The end of the text's MessageSid, as its own events have it; of what answers nobody, its id. */
export function traceOf({ id, inReplyTo }: Pick<OutboxRow, "id" | "inReplyTo">): string {
  return inReplyTo === null ? `m${id}` : shortSid(inReplyTo);
}
