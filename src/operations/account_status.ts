/**
 * What the store knows of each account: when something last happened, what waits, whom it concerns and
 * what was spent.
 *
 * @module
 */
import { type GroupTexts, readGroups } from "../people/group_texts.ts";
import { compareOptWords, type OptWordsDiffer, readOptWords } from "../people/opt_words.ts";
import type { AccountSettings, Settings } from "../config/settings.ts";
import {
  NOTHING_SPENT,
  segmentsLastDay,
  senderSpent,
  type SpendingLimits,
} from "../policy/quota.ts";
import { nearlySpent, type UsdLimit } from "../policy/usd_budget.ts";
import { HISTORY, type HistoryRow } from "../store/history_row.ts";
import { INBOX, type InboxRow } from "../store/inbox_row.ts";
import { idTimeMs, spendingKey } from "../store/keys.ts";
import { deliveryKey } from "../store/delivery_row.ts";
import { OUTBOX, type OutboxRow } from "../store/outbox_row.ts";
import { DEAD, type DeadLetter } from "../store/dead_letter.ts";
import { listSenders, type SenderRow } from "../store/sender_row.ts";
import type { Key, Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import { maskNumber } from "../system/redact.ts";
import { type DeliveryStatus, isLost } from "../twilio/delivery.ts";
import { type AllowedSender, everybodyAllowed } from "../store/allowed_row.ts";
import { listPending, listWaiting } from "../people/pairing_book.ts";
import { shownSum, type Spend, todayAndMonth } from "./spend.ts";
import { errorOfDeadLetter, errorOfDelivery, type StatusError } from "./status_errors.ts";

/** A queue: how many rows wait, and since when the oldest does. */
export interface QueueStatus {
  readonly count: number;
  readonly oldestAtMs: number | null;
}

/** What became of the last message sent, as far as carriers have said. */
export interface DeliveryStatusView {
  readonly status: DeliveryStatus;
  readonly errorCode: number | null;
  readonly atMs: number;
}

/** One account. Numbers are masked; times are milliseconds since the epoch, null for never. */
export interface AccountStatus {
  readonly id: string;
  /** Whether the configuration has it and it is on; null when the configuration cannot be read. */
  readonly enabled: boolean | null;
  /** The number or Messaging Service that it sends from. */
  readonly sender: string | null;
  readonly dmPolicy: string | null;
  readonly publicWebhookUrl: string | null;
  readonly webhookPath: string | null;
  readonly signatureValidation: boolean | null;
  readonly lastInboundAtMs: number | null;
  readonly lastTurnAtMs: number | null;
  readonly lastOutboundAtMs: number | null;
  readonly lastDelivery: DeliveryStatusView | null;
  readonly inbox: QueueStatus;
  readonly outbox: QueueStatus;
  readonly pendingPairings: number;
  /** Of them those who were told no code, as the day's were used up. */
  readonly waitingPairings: number;
  readonly allowedSenders: number;
  readonly owners: number;
  readonly optedOutSenders: number;
  /** Texts to several people, which are not served. */
  readonly groups: GroupTexts;
  /** Where `bridge.optOutKeywords` and Twilio differ, as far as texts have shown it. */
  readonly optOutWords: OptWordsDiffer;
  /** Senders that get no answer now, as their budget is used up. */
  readonly limitedSenders: number;
  /** Senders that get no answer now, as two machines seemed to talk. */
  readonly pausedSenders: number;
  readonly budget: {
    readonly segmentsLastDay: number;
    /** 0 for no limit; null when the configuration cannot be read. */
    readonly segmentsPerDayMax: number | null;
    /** The most that one sender was sent in the last hour. */
    readonly segmentsLastHourMost: number;
    readonly segmentsPerSenderHourMax: number | null;
  };
  /** What was spent, in US dollars; days and months are in UTC. */
  readonly money: {
    readonly today: Spend;
    readonly month: Spend;
    /** 0 for no limit; null when the configuration cannot be read. */
    readonly usdPerDayMax: number | null;
    readonly usdPerMonthMax: number | null;
    /** Budgets in US dollars that are spent to 80 % or more. */
    readonly nearlySpent: readonly UsdLimit[];
  };
  readonly deadLetters: number;
}

/** What {@linkcode readAccountStatus} works with. */
export interface AccountStatusParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: Settings | null;
}

/** Rows of the history looked through for the last of each kind. */
const HISTORY_ROWS_READ = 500;
/** Chunks whose delivery is looked at. */
const DELIVERIES_READ = 20;

/** All rows below a prefix, by account. */
async function byAccount<T extends { readonly account: string }>(
  store: Store,
  prefix: Key,
  limit?: number,
): Promise<Map<string, T[]>> {
  const groups = new Map<string, T[]>();
  const range = limit === undefined ? { prefix } : { prefix, limit, reverse: true };
  for await (const { value } of store.list<T>(range)) {
    const group = groups.get(value.account);
    if (group === undefined) groups.set(value.account, [value]);
    else group.push(value);
  }
  return groups;
}

interface Gathered {
  readonly inbox: ReadonlyMap<string, readonly InboxRow[]>;
  readonly outbox: ReadonlyMap<string, readonly OutboxRow[]>;
  readonly dead: ReadonlyMap<string, readonly DeadLetter[]>;
  /** Newest first. */
  readonly history: ReadonlyMap<string, readonly HistoryRow[]>;
  readonly allowed: readonly AllowedSender[];
}

async function gather({ store }: AccountStatusParts): Promise<Gathered> {
  return {
    inbox: await byAccount<InboxRow>(store, INBOX),
    outbox: await byAccount<OutboxRow>(store, OUTBOX),
    dead: await byAccount<DeadLetter>(store, DEAD),
    history: await byAccount<HistoryRow>(store, HISTORY, HISTORY_ROWS_READ),
    allowed: await everybodyAllowed({ store }),
  };
}

/** The configured accounts, and those that only the store knows. */
function accountIds({ settings }: AccountStatusParts, gathered: Gathered, only?: string): string[] {
  const { inbox, outbox, dead, history, allowed } = gathered;
  const stored = [inbox, outbox, dead, history].flatMap((rows) => [...rows.keys()]);
  const ids = new Set([
    ...settings?.accounts.map(({ id }) => id) ?? [],
    ...stored,
    ...allowed.map(({ account }) => account),
  ]);
  if (ids.size === 0) ids.add(settings?.defaultAccount ?? "default");
  return [...ids].filter((id) => only === undefined || id === only);
}

function queue(times: readonly number[]): QueueStatus {
  return { count: times.length, oldestAtMs: times.length === 0 ? null : Math.min(...times) };
}

function latest(...times: (number | undefined)[]): number | null {
  const known = times.filter((atMs) => atMs !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

interface SenderCounts {
  readonly optedOut: number;
  readonly limited: number;
  readonly paused: number;
  readonly segmentsMost: number;
}

/** Whether somebody is sent nothing for now, as a budget of theirs is used up. */
export function isLimited({ spending }: SenderRow, limits: SpendingLimits | null, nowMs: number) {
  const { segmentsLastHour, repliesLastMinute } = senderSpent(spending, nowMs);
  const reached = (spent: number, max = 0) => max > 0 && spent >= max;
  return spending.toldUntilMs > nowMs ||
    reached(segmentsLastHour, limits?.segmentsPerSenderHourMax) ||
    reached(repliesLastMinute, limits?.repliesPerSenderMinuteMax);
}

async function countSenders(
  { store, clock, settings }: AccountStatusParts,
  account: string,
): Promise<SenderCounts> {
  const nowMs = clock.now();
  const limits = settings?.bridge.limits ?? null;
  const counts = { optedOut: 0, limited: 0, paused: 0, segmentsMost: 0 };
  for (const { row } of await listSenders({ store }, account)) {
    if (row.optedOutAtMs !== null) counts.optedOut++;
    if (isLimited(row, limits, nowMs)) counts.limited++;
    if (row.loop.pausedUntilMs > nowMs) counts.paused++;
    const { segmentsLastHour } = senderSpent(row.spending, nowMs);
    counts.segmentsMost = Math.max(counts.segmentsMost, segmentsLastHour);
  }
  return counts;
}

/** What carriers said of the last chunks, newest first. */
async function readDeliveries(
  store: Store,
  history: readonly HistoryRow[],
): Promise<DeliveryStatusView[]> {
  const sids = history.filter(({ direction }) => direction === "out")
    .flatMap((row) => row.sids.toReversed());
  const views: DeliveryStatusView[] = [];
  for (const sid of sids.slice(0, DELIVERIES_READ)) {
    const row = await store.get(deliveryKey(sid));
    if (row === null) continue;
    const { status, errorCode, lastAtMs } = row.value.record;
    views.push({ status, errorCode, atMs: lastAtMs });
  }
  return views;
}

function senderShown(account: AccountSettings | undefined): string | null {
  if (account?.fromNumber !== undefined) return maskNumber(account.fromNumber);
  return account?.messagingServiceSid === undefined
    ? null
    : `Messaging Service …${account.messagingServiceSid.slice(-6)}`;
}

/** When what last happened, from the newest history rows and what still waits. */
function lastTimes(
  history: readonly HistoryRow[],
  inbox: readonly InboxRow[],
): Pick<AccountStatus, "lastInboundAtMs" | "lastTurnAtMs" | "lastOutboundAtMs"> {
  const last = (fits: (row: HistoryRow) => boolean) => history.find(fits);
  const text = last(({ direction }) => direction === "in");
  return {
    lastInboundAtMs: latest(
      text === undefined ? undefined : idTimeMs(text.id),
      ...inbox.map(({ receivedAtMs }) => receivedAtMs),
    ),
    lastTurnAtMs: latest(
      last(({ outcome }) => outcome === "answered" || outcome === "silent")?.atMs,
    ),
    lastOutboundAtMs: latest(
      last(({ direction, sids }) => direction === "out" && sids.length > 0)?.atMs,
    ),
  };
}

async function readBudget(
  { store, clock, settings }: AccountStatusParts,
  id: string,
  segmentsLastHourMost: number,
): Promise<AccountStatus["budget"]> {
  const day = await store.get(spendingKey(id));
  const limits = settings?.bridge.limits;
  return {
    segmentsLastDay: segmentsLastDay(day?.value ?? NOTHING_SPENT, clock.now()),
    segmentsPerDayMax: limits?.segmentsPerDayMax ?? null,
    segmentsLastHourMost,
    segmentsPerSenderHourMax: limits?.segmentsPerSenderHourMax ?? null,
  };
}

async function readMoney(
  { store, clock, settings }: AccountStatusParts,
  id: string,
): Promise<AccountStatus["money"]> {
  const { today, month } = await todayAndMonth(store, id, clock.now());
  const limits = settings?.bridge.limits;
  return {
    today: shownSum(today),
    month: shownSum(month),
    usdPerDayMax: limits?.usdPerDayMax ?? null,
    usdPerMonthMax: limits?.usdPerMonthMax ?? null,
    nearlySpent: nearlySpent(limits ?? {}, {
      day: today.billed + today.estimated,
      month: month.billed + month.estimated,
    }),
  };
}

async function readAccount(
  parts: AccountStatusParts,
  id: string,
  gathered: Gathered,
): Promise<{ account: AccountStatus; errors: StatusError[] }> {
  const { store, settings } = parts;
  const configured = settings?.accounts.find((one) => one.id === id);
  const inbox = gathered.inbox.get(id) ?? [];
  const outbox = gathered.outbox.get(id) ?? [];
  const dead = gathered.dead.get(id) ?? [];
  const history = gathered.history.get(id) ?? [];
  const allowed = gathered.allowed.filter(({ account }) => account === id);
  const senders = await countSenders(parts, id);
  const deliveries = await readDeliveries(store, history);
  const account: AccountStatus = {
    id,
    enabled: settings === null ? null : configured?.enabled ?? false,
    sender: senderShown(configured),
    dmPolicy: configured?.dmPolicy ?? null,
    publicWebhookUrl: configured?.publicWebhookUrl ?? null,
    webhookPath: configured?.webhookPath ?? null,
    signatureValidation: configured === undefined
      ? null
      : !configured.dangerouslyDisableSignatureValidation,
    ...lastTimes(history, inbox),
    lastDelivery: deliveries[0] ?? null,
    inbox: queue(inbox.map(({ receivedAtMs }) => receivedAtMs)),
    outbox: queue(outbox.map(({ createdAtMs }) => createdAtMs)),
    pendingPairings: (await listPending(parts, id)).length,
    waitingPairings: (await listWaiting(parts, id)).length,
    allowedSenders: allowed.length,
    owners: allowed.filter(({ owner }) => owner).length,
    optedOutSenders: senders.optedOut,
    groups: await readGroups(store, id),
    optOutWords: compareOptWords(
      await readOptWords(store, id),
      settings?.bridge.optOutKeywords ?? [],
    ),
    limitedSenders: senders.limited,
    pausedSenders: senders.paused,
    budget: await readBudget(parts, id, senders.segmentsMost),
    money: await readMoney(parts, id),
    deadLetters: dead.length,
  };
  const lost = deliveries.filter(({ status }) => isLost(status));
  return {
    account,
    errors: [
      ...dead.map(errorOfDeadLetter),
      ...lost.map((one) => errorOfDelivery(id, one.status, one.errorCode, one.atMs)),
    ],
  };
}

/** Reads every account, or the one asked for, with what went wrong in it. */
export async function readAccountStatus(
  parts: AccountStatusParts,
  only?: string,
): Promise<{ accounts: AccountStatus[]; errors: StatusError[] }> {
  const gathered = await gather(parts);
  const read = [];
  for (const id of accountIds(parts, gathered, only)) {
    read.push(await readAccount(parts, id, gathered));
  }
  return {
    accounts: read.map(({ account }) => account),
    errors: read.flatMap(({ errors }) => errors),
  };
}
