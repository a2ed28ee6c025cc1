/**
 * The outbox: messages that wait to be sent, each whole, with a cursor over its chunks.
 *
 * @module
 */
import { PREFIX } from "./keys.ts";
import type { Entry, Store } from "./kv.ts";
import type { OutboxRow } from "./outbox_row.ts";

/** All waiting messages in the order they were made. */
export function outboxRows(store: Store): AsyncIterable<Entry<OutboxRow>> {
  return store.list<OutboxRow>({ prefix: PREFIX.outbox });
}
