/**
 * Copies a store, row by row, into an empty one: between a file and an engine, or two of either.
 *
 * @module
 */
import {
  DEDUPE_TTL_MS,
  HOSTED_URL_TTL_MS,
  IDEMPOTENCY_TTL_MS,
  REFUSED_TTL_MS,
  SESSION_MARK_TTL_MS,
  SPEND_DAYS_KEPT_MS,
} from "../../system/limits.ts";
import { HISTORY_TTL_MS } from "../history_row.ts";
import { INBOX, type InboxRow } from "../inbox_row.ts";
import { seenKey } from "../keys.ts";
import { type Entry, type Key, type Store, StoreError, type Write } from "../kv.ts";
import { OUTBOX } from "../outbox_row.ts";
import { BELLS, EPOCH_KEY, LAST_TEXT_KEY, LEASE_KEY, MARKS, MEMBERS, MOVING_KEY } from "./rows.ts";

/** How many rows of each kind there are. */
export type Counts = Readonly<Record<string, number>>;

/** How many rows there are of all kinds. */
export function sumRows(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const DAY_MS = 24 * 3_600_000;
/** No engine tells when a row is forgotten: each kind is kept for its whole time once more. */
const KEPT_MS: Readonly<Record<string, number>> = {
  seen: DEDUPE_TTL_MS,
  history: HISTORY_TTL_MS,
  dead: HISTORY_TTL_MS,
  delivery: HISTORY_TTL_MS,
  session: SESSION_MARK_TTL_MS,
  hosted: HOSTED_URL_TTL_MS,
  pending: 2 * DAY_MS,
  used: DAY_MS,
  spend: SPEND_DAYS_KEPT_MS,
  series: SPEND_DAYS_KEPT_MS,
  "bridge idempotency": IDEMPOTENCY_TTL_MS,
  "bridge announced": DEDUPE_TTL_MS,
  "account refused": REFUSED_TTL_MS,
  "account words": DAY_MS,
  "account pairing-replies": DAY_MS,
  "account pairing-waits-told": DAY_MS,
};
/** What belongs to the bridges that run on a store, and to no other store. */
const OWN: readonly Key[] = [
  ["schema"],
  LEASE_KEY,
  EPOCH_KEY,
  LAST_TEXT_KEY,
  BELLS,
  MARKS,
  MEMBERS,
  MOVING_KEY,
];
const ROWS_PER_COMMIT = 100;
const CHARS_PER_COMMIT = 150_000;
const READS_MAX = 10;

function isOwn(key: Key): boolean {
  return OWN.some((prefix) => prefix.every((part, i) => key[i] === part));
}

async function* rowsOf(store: Store): AsyncGenerator<Entry<unknown>> {
  for await (const entry of store.list({ prefix: [] })) if (!isOwn(entry.key)) yield entry;
}

function kindOf(key: Key): string {
  return String(key[0]);
}

/** Counts the rows of a store by kind. */
export async function countRows(store: Store): Promise<Counts> {
  const counts: Record<string, number> = {};
  for await (const { key } of rowsOf(store)) {
    counts[kindOf(key)] = (counts[kindOf(key)] ?? 0) + 1;
  }
  return counts;
}

/** Takes all rows out of a store into which one was moved in part. @throws {StoreError} */
export async function clearStore(store: Store): Promise<void> {
  let keys: Key[] = [];
  async function flush(): Promise<void> {
    if (keys.length > 0) await store.commit({ delete: keys });
    keys = [];
  }
  for await (const { key } of rowsOf(store)) {
    keys.push(key);
    if (keys.length >= ROWS_PER_COMMIT) await flush();
  }
  await flush();
}

async function readQueues(store: Store): Promise<Entry<unknown>[]> {
  const rows = [];
  for (const prefix of [INBOX, OUTBOX]) {
    for await (const entry of store.list<unknown>({ prefix })) rows.push(entry);
  }
  return rows;
}

/** The queues as they are at one moment, also while texts go through them. */
async function queuesOf(store: Store): Promise<Entry<unknown>[]> {
  const versions = (rows: readonly Entry<unknown>[]) =>
    rows.map(({ versionstamp }) => versionstamp).join();
  let rows = await readQueues(store);
  for (let reads = 1; reads < READS_MAX; reads++) {
    const again = await readQueues(store);
    if (versions(again) === versions(rows)) return rows;
    rows = again;
  }
  throw new StoreError("Cannot copy the store: too much goes through it; try again later");
}

/** How long a row is kept; undefined where that is for good. What an account has one of is named behind it. */
function keptFor(key: Key): number | undefined {
  const [kind, first, second] = key;
  return KEPT_MS[kindOf(key)] ?? KEPT_MS[`${kind} ${kind === "account" ? second : first}`];
}

function writeOf({ key, value }: Entry<unknown>): Write {
  const keptMs = keptFor(key);
  return keptMs === undefined ? { key, value } : { key, value, expireInMs: keptMs };
}

/** That the texts of an inbox are known, which in a file only those have that have left it. */
function seenOf(queues: readonly Entry<unknown>[]): Write[] {
  return queues.filter(({ key }) => key[0] === INBOX[0]).map(({ value }) => {
    const { accountSid, messageSid, id } = value as InboxRow;
    return { key: seenKey(accountSid, messageSid), value: id };
  });
}

/**
 * Copies all rows of `from` into `to`, which must be empty; returns how many of each kind there are in it.
 *
 * @param goOn Called before each commit; what it throws ends the copying.
 * @throws {StoreError} When either cannot be used, or rows are missing at the end.
 */
export async function copyStore(
  from: Store,
  to: Store,
  goOn: () => void = () => {},
): Promise<Counts> {
  let writes: Write[] = [];
  let chars = 0;
  const copied = new Set<string>();
  async function flush(): Promise<void> {
    goOn();
    if (writes.length > 0 && await to.commit({ set: writes }) === null) {
      throw new StoreError("Cannot copy the store: somebody else writes into the new one");
    }
    writes = [];
    chars = 0;
  }
  async function put(write: Write): Promise<void> {
    const { length } = JSON.stringify(write.value) ?? "";
    if (writes.length >= ROWS_PER_COMMIT || chars + length > CHARS_PER_COMMIT) await flush();
    chars += length;
    writes.push(write);
    copied.add(JSON.stringify(write.key));
  }
  const queues = await queuesOf(from);
  const isQueue = (key: Key) => key[0] === INBOX[0] || key[0] === OUTBOX[0];
  for await (const entry of rowsOf(from)) if (!isQueue(entry.key)) await put(writeOf(entry));
  for (const entry of queues) await put(writeOf(entry));
  for (const write of seenOf(queues)) await put(write);
  await flush();
  const there = await countRows(to);
  const rows = sumRows(there);
  if (rows !== copied.size) {
    throw new StoreError(`Cannot copy the store: of ${copied.size} rows ${rows} have arrived`);
  }
  return there;
}
