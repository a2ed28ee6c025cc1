/**
 * The bridge's metrics. Base units, no numbers, no SIDs, no texts.
 *
 * @module
 */
import { NOTHING_SPENT, segmentsLastDay } from "../policy/quota.ts";
import { usdOf } from "../policy/price.ts";
import { counterMetrics } from "./counters.ts";
import { todayAndMonth } from "../operations/spend.ts";
import type { LinkState } from "../gateway/link_state.ts";
import type { Metric, Sample } from "../server/metrics.ts";
import { idTimeMs, spendingKey } from "../store/keys.ts";
import { NO_SPEND, spendHourKey } from "../store/spend_row.ts";
import { utcHour } from "../policy/utc_day.ts";
import { DEAD } from "../store/dead_letter.ts";
import { OUTBOX } from "../store/outbox_row.ts";
import { INBOX } from "../store/inbox_row.ts";
import type { Key, Store } from "../store/kv.ts";
import { VERSION } from "../system/version.ts";
import type { MarkName } from "../bridge/tally.ts";
import type { Balance } from "../operations/spend_operations.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { listPending } from "../people/pairing_book.ts";

/** What is measured besides the context's own counters. */
export interface ExpositionFacts {
  readonly link: LinkState;
  readonly pending: { readonly inbox: number; readonly outbox: number };
  /** Whether commits reach the disk. */
  readonly storeWorks: boolean;
  /** Whether this bridge answers. */
  readonly answers: boolean;
  /** Of the lease; null where the store is not shared. */
  readonly leaseEpoch: number | null;
}

const SPANS = {
  webhook: ["smsbridge_webhook_duration_seconds", "From a webhook's head to its answer."],
  turn: ["smsbridge_turn_duration_seconds", "From the beginning of a turn to its end."],
  answer: [
    "smsbridge_answer_duration_seconds",
    "From a text's arrival to its reply in the outbox.",
  ],
} as const;

function gauge(name: string, help: string, ...samples: Sample[]): Metric {
  return { kind: "gauge", name, help, samples };
}

/** Seconds since the oldest row below `prefix` was made; 0 when there is none. */
async function oldestAgeS(store: Store, prefix: Key, nowMs: number): Promise<number> {
  for await (const { key } of store.list({ prefix, limit: 1 })) {
    return Math.max(0, nowMs - idTimeMs(Number(key.at(-1)))) / 1_000;
  }
  return 0;
}

async function countRows(store: Store, prefix: Key): Promise<number> {
  let count = 0;
  for await (const _ of store.list({ prefix })) count++;
  return count;
}

async function budgets({ store, settings, clock }: BridgeContext): Promise<Metric[]> {
  const spent: Sample[] = [];
  for (const { id } of settings().accounts) {
    const day = await store.get(spendingKey(id));
    const value = segmentsLastDay(day?.value ?? NOTHING_SPENT, clock.now());
    spent.push({ labels: { account: id }, value });
  }
  const limit = settings().bridge.limits.segmentsPerDayMax;
  return [
    gauge("smsbridge_day_segments", "Segments of the last 24 hours, by account.", ...spent),
    gauge("smsbridge_day_segments_limit", "Segments allowed in 24 hours; 0 for no limit.", {
      value: limit,
    }),
  ];
}

/** Money spent and allowed; each series is there from the start. */
async function money({ store, settings, clock }: BridgeContext): Promise<Metric[]> {
  const spent: Sample[] = [];
  for (const { id: account } of settings().accounts) {
    const { today, month } = await todayAndMonth(store, account, clock.now());
    const hour = (await store.get(spendHourKey(account, utcHour(clock.now()))))?.value ?? NO_SPEND;
    for (const [period, sum] of Object.entries({ hour, day: today, month })) {
      spent.push(
        { labels: { account, period, state: "billed" }, value: usdOf(sum.billed) },
        { labels: { account, period, state: "estimated" }, value: usdOf(sum.estimated) },
      );
    }
  }
  const { usdPerDayMax, usdPerMonthMax } = settings().bridge.limits;
  return [
    gauge("smsbridge_spend_usd", "US dollars of this hour, day and month (UTC).", ...spent),
    gauge(
      "smsbridge_spend_usd_limit",
      "US dollars allowed by account; 0 for no limit.",
      { labels: { period: "day" }, value: usdPerDayMax },
      { labels: { period: "month" }, value: usdPerMonthMax },
    ),
  ];
}

/** Every event of which the last time is told; NaN until it has happened. */
const MARKS: readonly MarkName[] = ["inbound", "outbound", "turn", "delivery", "catch_up"];

/** What is left at Twilio by account, and how long it lasts; NaN until Twilio has told. */
export function balanceMetrics(
  accounts: readonly string[],
  balances: readonly Balance[] | null,
): Metric[] {
  const of = (value: (one: Balance) => number | null): Sample[] =>
    accounts.map((account) => {
      const known = balances?.find((one) => one.account === account);
      return { labels: { account }, value: (known === undefined ? null : value(known)) ?? NaN };
    });
  return [
    gauge(
      "smsbridge_balance",
      "What is left at Twilio, in the account's currency; asked for once an hour.",
      ...of(({ left }) => left),
    ),
    gauge(
      "smsbridge_balance_lasts_seconds",
      "How long that lasts at the rate of the last days.",
      ...of(({ days }) => days === null ? null : days * 86_400),
    ),
  ];
}

/** The memory of the process. */
export function memoryMetrics({ rss, heapUsed }: Deno.MemoryUsage): Metric[] {
  return [
    gauge("smsbridge_resident_memory_bytes", "Memory of the process.", { value: rss }),
    gauge("smsbridge_heap_used_bytes", "Of it what the program itself holds.", { value: heapUsed }),
  ];
}

/** What stands in the store. @throws {StoreError} When that is away. */
async function rowMetrics(context: BridgeContext): Promise<Metric[]> {
  const { store, clock } = context;
  const ages: Sample[] = [];
  for (const [queue, prefix] of Object.entries({ inbox: INBOX, outbox: OUTBOX })) {
    ages.push({ labels: { queue }, value: await oldestAgeS(store, prefix, clock.now()) });
  }
  return [
    gauge("smsbridge_queue_oldest_age_seconds", "Age of the oldest row that waits.", ...ages),
    gauge("smsbridge_dead_letters", "Texts and messages that were given up.", {
      value: await countRows(store, DEAD),
    }),
    gauge("smsbridge_pending_pairings", "Strangers who have a pairing code.", {
      value: (await listPending(context)).length,
    }),
    ...await budgets(context),
    ...await money(context),
  ];
}

/** Everything that the bridge itself measures; while its store is away, what it knows without. */
export async function bridgeMetrics(
  context: BridgeContext,
  { link, pending, storeWorks, answers, leaseEpoch }: ExpositionFacts,
): Promise<Metric[]> {
  const { tally } = context;
  const spans = tally.spans();
  const happened = tally.marks();
  const marks = MARKS.map((event) => ({
    labels: { event },
    value: (happened[event] ?? NaN) / 1_000,
  }));
  // A disk that is full can be read; what is asked of an engine that is away takes longer than a scrape may.
  const isAway = leaseEpoch !== null && !storeWorks;
  const rows = isAway ? null : await rowMetrics(context).catch(() => null);
  return [
    gauge("smsbridge_info", "The program's version.", { labels: { version: VERSION }, value: 1 }),
    gauge("smsbridge_gateway_up", "Whether the Gateway takes turns.", {
      value: link.kind === "ready" ? 1 : 0,
    }),
    gauge("smsbridge_store_up", "Whether the store takes what it is given.", {
      value: storeWorks && rows !== null ? 1 : 0,
    }),
    gauge("smsbridge_answers", "Whether this bridge answers; 0 while another does.", {
      value: answers ? 1 : 0,
    }),
    gauge("smsbridge_lease_epoch", "How often another bridge began to answer.", {
      value: leaseEpoch ?? 0,
    }),
    gauge(
      "smsbridge_queue_rows",
      "Texts and messages that wait.",
      { labels: { queue: "inbox" }, value: pending.inbox },
      { labels: { queue: "outbox" }, value: pending.outbox },
    ),
    gauge(
      "smsbridge_last_event_timestamp_seconds",
      "When something last happened; NaN for not since the start.",
      ...marks,
    ),
    ...rows ?? [],
    ...counterMetrics(tally, context.settings().accounts.map(({ id }) => id)),
    ...Object.entries(SPANS).map(([key, [name, help]]): Metric => ({
      kind: "histogram",
      name,
      help,
      samples: [spans[key as keyof typeof SPANS]],
    })),
  ];
}
