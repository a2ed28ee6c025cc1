/**
 * Status: how the bridge is, in one object. Its members are a contract: more may come, none goes.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import { describeState, type LinkState } from "../gateway/link_state.ts";
import {
  type DaySpending,
  daySpent,
  NOTHING_SPENT,
  type SenderSpending,
  senderSpent,
} from "../policy/quota.ts";
import type { HistoryRow } from "../store/inbox.ts";
import { accountKey, idTimeMs, PREFIX } from "../store/keys.ts";
import type { Key, Store } from "../store/kv.ts";
import type { DeadLetter } from "../store/outbox.ts";
import type { Clock } from "../system/clock.ts";
import { VERSION } from "../system/version.ts";
import { listAllowed, listPending } from "./pairing_book.ts";
import type { SenderRow } from "./post.ts";
import type { MarkName } from "./tally.ts";

/** What only a running bridge knows. */
export interface LiveStatus {
  readonly startedAtMs: number;
  readonly link: LinkState;
  readonly marks: Readonly<Partial<Record<MarkName, number>>>;
  readonly ready: boolean;
  /** Why it is not ready; words of a closed list. */
  readonly reasons: readonly string[];
  readonly settings: Settings;
}

/** A queue. */
export interface QueueStatus {
  readonly rows: number;
  /** Of the oldest row; null when there is none. */
  readonly oldestAgeMs: number | null;
}

/** One account. */
export interface AccountStatus {
  readonly id: string;
  readonly pendingPairings: number;
  readonly allowedSenders: number;
  readonly optedOutSenders: number;
  /** Senders whose budget is used up for now. */
  readonly limitedSenders: number;
  /** Conversations that rest as two machines seemed to talk. */
  readonly pausedSenders: number;
  readonly segmentsLastDay: number;
  /** The most that one sender got in the last hour. */
  readonly segmentsLastHourMax: number;
  /** Null when the settings are not known; 0 for no limit. */
  readonly segmentsPerDayMax: number | null;
  readonly segmentsPerSenderHourMax: number | null;
  readonly dmPolicy: string | null;
  readonly webhookPath: string | null;
  readonly signatureValidation: boolean | null;
}

/** Something that was given up of late. */
export interface TroubleView {
  readonly atMs: number;
  readonly account: string;
  readonly reason: string;
  readonly detail: string;
}

/** Everything about the bridge. */
export interface StatusView {
  readonly version: string;
  readonly running: boolean;
  readonly ready: boolean;
  readonly reasons: readonly string[];
  readonly startedAtMs: number | null;
  readonly gateway: {
    readonly state: LinkState["kind"] | "unknown";
    /** What it means and what to do. */
    readonly advice: string;
  };
  readonly last: {
    readonly inboundAtMs: number | null;
    readonly outboundAtMs: number | null;
    readonly turnAtMs: number | null;
    readonly deliveryAtMs: number | null;
  };
  readonly inbox: QueueStatus;
  readonly outbox: QueueStatus;
  readonly deadLetters: number;
  /** The newest dead letters. */
  readonly troubles: readonly TroubleView[];
  readonly accounts: readonly AccountStatus[];
  readonly warnings: readonly string[];
}

/** What a status is made from. */
export interface StatusParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Left out when the bridge does not run. */
  readonly live?: () => Promise<LiveStatus>;
}

const TROUBLES_MAX = 5;
const HISTORY_LOOK = 500;

async function queueStatus(store: Store, prefix: Key, nowMs: number): Promise<QueueStatus> {
  let rows = 0;
  let oldestAgeMs: number | null = null;
  for await (const { key } of store.list({ prefix })) {
    rows++;
    oldestAgeMs ??= Math.max(0, nowMs - idTimeMs(Number(key.at(-1))));
  }
  return { rows, oldestAgeMs };
}

async function troubles(store: Store): Promise<{ count: number; newest: TroubleView[] }> {
  const newest: TroubleView[] = [];
  let count = 0;
  for await (const { value } of store.list<DeadLetter>({ prefix: PREFIX.dead, reverse: true })) {
    const { atMs, account, reason, detail } = value;
    if (++count <= TROUBLES_MAX) newest.push({ atMs, account, reason, detail });
  }
  return { count, newest };
}

/** When a text last came and a message last went, from the history. */
async function lastTimes(store: Store): Promise<{ in: number | null; out: number | null }> {
  const last: { in: number | null; out: number | null } = { in: null, out: null };
  const range = { prefix: PREFIX.history, reverse: true, limit: HISTORY_LOOK };
  for await (const { value: { direction, atMs } } of store.list<HistoryRow>(range)) {
    last[direction] ??= atMs;
    if (last.in !== null && last.out !== null) break;
  }
  return last;
}

interface Counts {
  optedOut: number;
  limited: number;
  paused: number;
  hourMax: number;
}

async function senderCounts(store: Store, nowMs: number): Promise<Map<string, Counts>> {
  const counts = new Map<string, Counts>();
  for await (const { key, value } of store.list<SenderRow>({ prefix: PREFIX.sender })) {
    const id = String(key[1]);
    const of = counts.get(id) ?? { optedOut: 0, limited: 0, paused: 0, hourMax: 0 };
    counts.set(id, of);
    const spending: SenderSpending = value.spending;
    if (value.optedOutAtMs !== null) of.optedOut++;
    if (spending.toldUntilMs > nowMs) of.limited++;
    if (value.loop.pausedUntilMs > nowMs) of.paused++;
    of.hourMax = Math.max(of.hourMax, senderSpent(spending, nowMs).segmentsLastHour);
  }
  return counts;
}

function tallyBy(rows: readonly { account: string }[], id: string): number {
  return rows.filter(({ account }) => account === id).length;
}

async function accountStatuses(
  parts: StatusParts,
  settings: Settings | undefined,
): Promise<AccountStatus[]> {
  const { store, clock } = parts;
  const nowMs = clock.now();
  const pending = await listPending(parts);
  const allowed = await listAllowed(parts);
  const senders = await senderCounts(store, nowMs);
  const ids = new Set([
    ...settings?.accounts.map(({ id }) => id) ?? [],
    ...[...pending, ...allowed].map(({ account }) => account),
    ...senders.keys(),
  ]);
  const limits = settings?.bridge.limits;
  return await Promise.all(
    [...ids].sort().map(async (id) => {
      const day = (await store.get<DaySpending>(accountKey(id, "spending")))?.value;
      const account = settings?.accounts.find((one) => one.id === id);
      const of = senders.get(id) ?? { optedOut: 0, limited: 0, paused: 0, hourMax: 0 };
      return {
        id,
        pendingPairings: tallyBy(pending, id),
        allowedSenders: tallyBy(allowed, id),
        optedOutSenders: of.optedOut,
        limitedSenders: of.limited,
        pausedSenders: of.paused,
        segmentsLastDay: daySpent(day ?? NOTHING_SPENT, nowMs).segmentsLastDay,
        segmentsLastHourMax: of.hourMax,
        segmentsPerDayMax: limits?.segmentsPerDayMax ?? null,
        segmentsPerSenderHourMax: limits?.segmentsPerSenderHourMax ?? null,
        dmPolicy: account?.dmPolicy ?? null,
        webhookPath: account?.webhookPath ?? null,
        signatureValidation: account === undefined
          ? null
          : !account.dangerouslyDisableSignatureValidation,
      };
    }),
  );
}

/** Reads how the bridge is, as far as the store and a running bridge tell. */
export async function readStatus(parts: StatusParts): Promise<StatusView> {
  const { store, clock } = parts;
  const nowMs = clock.now();
  const live = await parts.live?.();
  const { count, newest } = await troubles(store);
  const times = await lastTimes(store);
  return {
    version: VERSION,
    running: live !== undefined,
    ready: live?.ready ?? false,
    reasons: live?.reasons ?? ["not-running"],
    startedAtMs: live?.startedAtMs ?? null,
    gateway: live === undefined
      ? { state: "unknown", advice: "the bridge does not run: start it with `sms-bridge serve`" }
      : { state: live.link.kind, advice: describeState(live.link) },
    last: {
      inboundAtMs: live?.marks.inbound ?? times.in,
      outboundAtMs: live?.marks.outbound ?? times.out,
      turnAtMs: live?.marks.turn ?? null,
      deliveryAtMs: live?.marks.delivery ?? null,
    },
    inbox: await queueStatus(store, PREFIX.inbox, nowMs),
    outbox: await queueStatus(store, PREFIX.outbox, nowMs),
    deadLetters: count,
    troubles: newest,
    accounts: await accountStatuses(parts, live?.settings),
    warnings: live?.settings.warnings ?? [],
  };
}
