/**
 * What an operator asks about the queues: what waits, what was given up, and to try it again or to let
 * it go.
 *
 * @module
 */
import { inboxKey, type InboxRow } from "../store/inbox_row.ts";
import { inboxRows, seenSet } from "../store/inbox.ts";
import { HISTORY_TTL_MS, historyKey, messageHistory, textHistory } from "../store/history_row.ts";
import { outboxKey, type OutboxRow } from "../store/outbox_row.ts";
import {
  type Change,
  type Entry,
  type Key,
  passedLimit,
  SCHEMA_VERSION,
  type Store,
} from "../store/kv.ts";
import type { DeadLetter } from "../store/dead_letter.ts";
import type { Clock } from "../system/clock.ts";
import { type Failure, failure } from "../system/failure.ts";
import { operation } from "./operation.ts";
import {
  bodiesOf,
  findItem,
  itemOf,
  type Queue,
  queueEntries,
  type QueueEntry,
  type QueueItem,
  queueKey,
  QUEUES,
} from "./queue_item.ts";
import { type ExportedRow, readExported } from "./queue_row.ts";
import { removalOf } from "../store/removal.ts";

/** Takes up a row that has been put into the inbox or the outbox. */
export type TakeUp = (
  row:
    | { readonly queue: "inbox"; readonly row: InboxRow }
    | { readonly queue: "outbox"; readonly row: OutboxRow },
) => void;

/** What the operations on queues work on. */
export interface QueueParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Left out where no bridge runs: the next one takes up what it finds. */
  readonly takeUp?: TakeUp;
}

const ITEMS_MAX = 1_000;
/** An export is read in pieces of so many rows, so that no answer gets long. */
const EXPORT_ROWS = 200;

function unknown(id: string): Failure {
  return failure(
    "not-found",
    "queue-item-unknown",
    `Nothing in the queues has the id ${id.slice(0, 40)}`,
    "see `sms-bridge queue list`; what was answered or sent is in `sms-bridge messages`",
  );
}

async function find(store: Store, id: string): Promise<QueueEntry | Failure> {
  const found = /^\d{1,16}$/.test(id) ? await findItem(store, Number(id)) : null;
  return found ?? unknown(id);
}

function changed(id: string): Failure {
  return failure(
    "conflict",
    "queue-item-changed",
    `Item ${id} was worked on in the meantime`,
    "look at it again with `sms-bridge queue list`",
  );
}

/** What goes back into its queue when a dead letter is tried again, as if it were new. */
function revived({ from, row }: DeadLetter, nowMs: number): Parameters<TakeUp>[0] | null {
  if (row === undefined) return null;
  if (from === "inbox") {
    // Whoever retries an uncertain turn wants it run, whatever became of the first.
    const again = { ...row as InboxRow, started: null, attempts: 0, receivedAtMs: nowMs };
    return { queue: "inbox", row: again };
  }
  const fresh = { begunAtMs: null, attempts: 0, notBeforeMs: 0, createdAtMs: nowMs };
  return from === "outbox" ? { queue: "outbox", row: { ...row as OutboxRow, ...fresh } } : null;
}

async function retry(
  { store, clock, takeUp }: QueueParts,
  id: string,
): Promise<{ retried: QueueItem } | Failure> {
  const found = await find(store, id);
  if (!("queue" in found)) return found;
  if (found.queue !== "dead") {
    return failure(
      "conflict",
      "queue-item-waits",
      `Item ${id} is not given up: it is tried again by itself`,
      "only dead letters are put back; see `sms-bridge queue list dead`",
    );
  }
  const back = revived(found.entry.value, clock.now());
  if (back === null) {
    return failure(
      "conflict",
      "queue-item-empty",
      `Item ${id} cannot be tried again as nothing of it is kept: ${found.entry.value.detail}`,
      "let it go with `sms-bridge queue drop`",
    );
  }
  const key = back.queue === "inbox" ? inboxKey(back.row.id) : outboxKey(back.row.id);
  const committed = await store.commit({
    check: [
      { key: found.entry.key, versionstamp: found.entry.versionstamp },
      { key, versionstamp: null },
    ],
    set: [{ key, value: back.row }],
    ...removalOf(found.entry),
  });
  if (!committed) return changed(id);
  takeUp?.(back);
  return { retried: itemOf(found) };
}

/** The history row of something that was dropped. */
function droppedRow({ queue, entry }: QueueEntry, nowMs: number): Change["set"] {
  if (queue === "dead") return [];
  const ending = { outcome: "dropped", atMs: nowMs, keepBody: false };
  return queue === "inbox"
    ? [seenSet(entry.value), textHistory(entry.value, ending)]
    : [messageHistory(entry.value, ending)];
}

/** Whether a text waits in the inbox, perhaps under another id. */
async function isHeld(store: Store, { accountSid, messageSid }: InboxRow): Promise<boolean> {
  for await (const { value } of inboxRows(store)) {
    if (value.accountSid === accountSid && value.messageSid === messageSid) return true;
  }
  return false;
}

async function drop(
  { store, clock }: QueueParts,
  id: string,
): Promise<{ dropped: QueueItem } | Failure> {
  const found = await find(store, id);
  if (!("queue" in found)) return found;
  const { entry }: { entry: Entry<unknown> } = found;
  const committed = await store.commit({
    check: [{ key: entry.key, versionstamp: entry.versionstamp }],
    set: droppedRow(found, clock.now()) ?? [],
    ...removalOf(entry),
  });
  return committed ? { dropped: itemOf(found) } : changed(id);
}

async function list(
  { store }: QueueParts,
  queue: string | undefined,
): Promise<{ items: QueueItem[]; more: boolean } | Failure> {
  if (queue !== undefined && !QUEUES.includes(queue as Queue)) {
    const message = `Cannot list "${queue.slice(0, 40)}": a queue is ${QUEUES.join(", ")}`;
    return failure("usage", "queue-unknown", message, "`sms-bridge queue list dead`");
  }
  const items: QueueItem[] = [];
  const queues = queue === undefined ? QUEUES : [queue as Queue];
  for await (const entry of queueEntries(store, queues)) {
    if (items.length === ITEMS_MAX) return { items, more: true };
    items.push(itemOf(entry));
  }
  return { items, more: false };
}

async function exportRows(
  { store }: QueueParts,
  after: string | undefined,
): Promise<{ lines: string[]; after: string | null }> {
  const [queue, id] = after?.split(" ") ?? [];
  const from = QUEUES.includes(queue as Queue) ? { queue: queue as Queue, id: Number(id) } : null;
  const lines: string[] = [];
  for await (const { queue, entry } of queueEntries(store, QUEUES, from ?? undefined)) {
    lines.push(JSON.stringify({ schema: SCHEMA_VERSION, queue, row: entry.value }));
    if (lines.length === EXPORT_ROWS) return { lines, after: `${queue} ${entry.value.id}` };
  }
  return { lines, after: null };
}

/** The checks under which a row is new, and what it writes besides itself. */
function admission({ queue, row }: ExportedRow): Change {
  const past = queue === "outbox" ? [historyKey(row.id)] : [];
  const check = [...QUEUES.map((one): Key => queueKey(one, row.id)), ...past]
    .map((key) => ({ key, versionstamp: null }));
  if (queue !== "inbox") return { check };
  const seen = seenSet(row);
  return { check: [...check, { key: seen.key, versionstamp: null }], set: [seen] };
}

/** The row as it is put into the store: what it has to send yet is counted when it is sent. */
function uncounted({ queue, row }: ExportedRow): ExportedRow["row"] {
  if (queue === "outbox") return { ...row, uncounted: true };
  if (queue === "inbox" || row.from !== "outbox" || row.row === undefined) return row;
  return { ...row, row: { ...row.row, uncounted: true } };
}

function badLine(why: string): Failure {
  return failure(
    "usage",
    "queue-line-invalid",
    `Cannot take the line in as ${why}`,
    "give a file that `sms-bridge queue export` of this release wrote",
  );
}

async function importRow(
  { store, clock, takeUp }: QueueParts,
  line: string,
): Promise<{ imported: boolean } | Failure> {
  const exported = readExported(line, clock.now());
  if (typeof exported === "string") return badLine(exported);
  const { queue, row } = exported;
  if (queue === "inbox" && await isHeld(store, row)) {
    return { imported: false };
  }
  const { check = [], set = [] } = admission(exported);
  const put = {
    key: queueKey(queue, row.id),
    value: uncounted(exported),
    ...(queue === "dead" ? { expireInMs: HISTORY_TTL_MS } : {}),
  };
  const passed = passedLimit({ set: [put] });
  if (passed !== null) return badLine(`the store cannot hold it: ${passed}`);
  const imported = await store.commit({ check, set: [...set, put] }) !== null;
  if (imported && exported.queue !== "dead") takeUp?.(exported);
  return { imported };
}

/** The operations on queues. */
export const QUEUE_OPERATIONS = {
  /** At most 1,000 items; `more` when there are others. */
  listQueue: operation({
    read: (input) => ({ queue: input.optionalText("queue") }),
    run: (parts: QueueParts, { queue }) => list(parts, queue),
  }),
  showQueued: operation({
    read: (input) => ({ id: input.text("id") }),
    async run({ store }: QueueParts, { id }) {
      const found = await find(store, id);
      return "queue" in found ? { item: itemOf(found), bodies: [...bodiesOf(found)] } : found;
    },
  }),
  retryQueued: operation({
    read: (input) => ({ id: input.text("id") }),
    run: (parts: QueueParts, { id }) => retry(parts, id),
  }),
  dropQueued: operation({
    read: (input) => ({ id: input.text("id") }),
    run: (parts: QueueParts, { id }) => drop(parts, id),
  }),
  /** Some rows as they are, bodies and all, and where to go on. */
  exportQueue: operation({
    read: (input) => ({ after: input.optionalText("after") }),
    run: (parts: QueueParts, { after }) => exportRows(parts, after),
  }),
  importQueued: operation({
    read: (input) => ({ line: input.text("line") }),
    run: (parts: QueueParts, { line }) => importRow(parts, line),
  }),
};
