/**
 * The ledger: what each sent chunk costs, added to the kept sums in the commit that notes its send, and
 * corrected in the commit that notes its price.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import type { Phone } from "../policy/phone.ts";
import {
  type Amount,
  costAt,
  destinationOf,
  kindOf,
  learn,
  type Priced,
  type PriceKind,
  readPrice,
  unitPrice,
} from "../policy/price.ts";
import type { UsdSpent } from "../policy/usd_budget.ts";
import { utcDay, utcHour, utcMonth } from "../policy/utc_day.ts";
import type { DeliveryRow } from "../store/delivery_row.ts";
import { below } from "../store/keys.ts";
import type { Change, RowKey, Store, Write } from "../store/kv.ts";
import type { OutChunk } from "../store/outbox_row.ts";
import {
  addSums,
  type ChunkCost,
  NO_SPEND,
  pricesKey,
  SPEND_DAYS,
  spendDayKey,
  spendHourKey,
  spendPersonKey,
  type SpendSum,
} from "../store/spend_row.ts";
import { readView } from "../store/follow.ts";
import { WAITING, type Waits } from "./waiting.ts";
import { SPEND_DAYS_KEPT_MS, SPEND_HOURS_KEPT_MS } from "../system/limits.ts";

type Reads = Pick<Store, "get">;
/** What is added to a commit. */
type Part = Required<Pick<Change, "check" | "set">>;

/**
 * The lane of what changes the sums, or what is known of a sent chunk. Where each waits for those before it, it is
 * only for what `name` names: a report must not wait for others while an engine hangs.
 */
export function sumsLane({ together }: Pick<BridgeContext, "together">, name: string): string {
  return together.shares ? "sums" : `${name} sums`;
}

/** How a chunk is billed. */
export function pricedOf({ segments, mediaUrls }: OutChunk): Priced {
  return { segments, mms: mediaUrls.length > 0 };
}

/** What a segment or an MMS costs somewhere, and whether Twilio has billed one there. */
async function priceAt(store: Reads, account: string, destination: string, kind: PriceKind) {
  const learnt = (await store.get(pricesKey(account, destination, kind)))?.value ?? [];
  return { unit: unitPrice(destination, kind, learnt), billedBefore: learnt.length > 0 };
}

/** What a segment or an MMS to a number costs, and whether Twilio has billed one there. */
export function priceOf(
  store: Reads,
  account: string,
  phone: Phone,
  kind: PriceKind,
): Promise<{ readonly unit: Amount; readonly billedBefore: boolean }> {
  return priceAt(store, account, destinationOf(phone), kind);
}

/** What messages of an account to a number are expected to cost together. */
export async function estimate(
  store: Reads,
  account: string,
  phone: Phone,
  messages: readonly Priced[],
): Promise<Amount> {
  let amount = 0;
  for (const kind of new Set(messages.map(kindOf))) {
    const { unit } = await priceOf(store, account, phone, kind);
    for (const one of messages) if (kindOf(one) === kind) amount += costAt(unit, one);
  }
  return amount;
}

/** What is expected to be billed for what waits to be sent somewhere. */
async function costOf(
  store: Reads,
  account: string,
  destination: string,
  { sms, mms }: Waits,
): Promise<Amount> {
  const unit = async (kind: PriceKind) => (await priceAt(store, account, destination, kind)).unit;
  return (sms === 0 ? 0 : sms * await unit("sms")) + (mms === 0 ? 0 : mms * await unit("mms"));
}

/** What a chunk counts: its price, else its estimate; nothing when it failed before a carrier had it. */
function counted(row: DeliveryRow | null): Pick<SpendSum, "billed" | "estimated"> {
  if (row?.cost === undefined) return { billed: 0, estimated: 0 };
  const billed = row.price === undefined ? null : readPrice(row.price);
  if (billed !== null) return { billed, estimated: 0 };
  const { status } = row.record;
  const free = status === "failed" || status === "canceled";
  return { billed: 0, estimated: free ? 0 : row.cost.estimate };
}

function difference(before: DeliveryRow | null, after: DeliveryRow): SpendSum {
  const [was, is] = [counted(before), counted(after)];
  const isNew = before?.cost === undefined && after.cost !== undefined;
  return {
    billed: is.billed - was.billed,
    estimated: is.estimated - was.estimated,
    messages: isNew ? 1 : 0,
    segments: isNew ? after.cost.segments : 0,
  };
}

/** The sums that a chunk counts in, and how long they are kept. */
function sumsOf({ account, phone, atMs }: ChunkCost): [key: RowKey<SpendSum>, keptMs: number][] {
  const day = utcDay(atMs);
  return [
    [spendDayKey(account, day), SPEND_DAYS_KEPT_MS],
    [spendPersonKey(day, account, phone), SPEND_DAYS_KEPT_MS],
    [spendHourKey(account, utcHour(atMs)), SPEND_HOURS_KEPT_MS],
  ];
}

/**
 * The part of a commit that keeps the sums true when a chunk's row changes: nothing when it costs what it
 * did. The caller reads anew when the commit does not hold.
 */
export async function inSums(
  store: Reads,
  before: DeliveryRow | null,
  after: DeliveryRow,
  nowMs: number,
): Promise<Part> {
  const { cost } = after;
  const change = difference(before, after);
  if (cost === undefined || Object.values(change).every((value) => value === 0)) {
    return { check: [], set: [] };
  }
  const check = [];
  const set: Write[] = [];
  for (const [key, keptMs] of sumsOf(cost)) {
    const known = await store.get(key);
    // A correction does not bring back a sum that is no longer kept.
    if (known === null && change.messages === 0) continue;
    check.push({ key, versionstamp: known?.versionstamp ?? null });
    const expireInMs = cost.atMs + keptMs - nowMs;
    set.push({ key, value: addSums(known?.value ?? NO_SPEND, change), expireInMs });
  }
  if (change.billed === 0 || after.price === before?.price) return { check, set };
  const key = pricesKey(cost.account, destinationOf(cost.phone), kindOf(cost));
  const known = await store.get(key);
  check.push({ key, versionstamp: known?.versionstamp ?? null });
  set.push({ key, value: learn(known?.value ?? [], counted(after).billed, cost) });
  return { check, set };
}

/**
 * What was spent in US dollars, and what waits in the outbox as if it were sent now. The check holds as long
 * as today's sum has not changed since, so that what moves from the outbox into the sums counts once.
 */
export async function readUsdSpent(
  store: Pick<Store, "get" | "list" | "follow">,
  account: string,
  phone: Phone,
  nowMs: number,
): Promise<{ readonly spent: UsdSpent; readonly check: Part["check"] }> {
  const today = utcDay(nowMs);
  const spent = { sender: 0, day: 0, month: 0 };
  let todays: string | null = null;
  const prefix = below(SPEND_DAYS, account);
  const start = [...prefix, `${utcMonth(nowMs)}-01`];
  for await (const { key, value, versionstamp } of store.list({ prefix, start })) {
    const amount = value.billed + value.estimated;
    spent.month += amount;
    if (key.at(-1) !== today) continue;
    spent.day += amount;
    todays = versionstamp;
  }
  const person = (await store.get(spendPersonKey(today, account, phone)))?.value ?? NO_SPEND;
  spent.sender = person.billed + person.estimated;
  // Last, so that whatever changes it from here on changes today's sum or the account's day, too.
  const waiting = await readView(store, WAITING);
  for (const [destination, waits] of waiting.ofAccount(account)) {
    const cost = await costOf(store, account, destination, waits);
    spent.day += cost;
    spent.month += cost;
  }
  const mine = waiting.ofPerson(account, phone);
  spent.sender += await costOf(store, account, destinationOf(phone), mine);
  const perSegment = await estimate(store, account, phone, [{ segments: 1, mms: false }]);
  const check = [{ key: spendDayKey(account, today), versionstamp: todays }];
  return { spent: { ...spent, perSegment }, check };
}
