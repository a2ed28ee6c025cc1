/**
 * Delivery reports: what carriers say of sent chunks, kept for 30 days without bodies. What no
 * report has told is read from Twilio's list, open states as well as prices.
 *
 * Twilio recommends it for states that are open for 12 hours:
 * https://www.twilio.com/docs/messaging/guides/outbound-message-logging.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import {
  DELIVERIES,
  deliveryKey,
  type DeliveryRow,
  deliverySet,
  mergeDelivery,
} from "../store/delivery_row.ts";
import { inSums, sumsLane } from "./ledger.ts";
import type { Change, Store } from "../store/kv.ts";
import { historyKey } from "../store/history_row.ts";
import { outboxKey } from "../store/outbox_row.ts";
import { sleep } from "../system/clock.ts";
import {
  HOUSEKEEPING_INTERVAL_MS,
  REPORT_POLL_AGE_MS_MAX,
  REPORT_POLL_AGE_MS_MIN,
} from "../system/limits.ts";
import { isFinal, type Report } from "../twilio/delivery.ts";
import type { MessageRecord } from "../twilio/records.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";

/** Commits a report and what else was learnt with it; resolves when it is on disk. */
export async function keepReport(
  context: Pick<BridgeContext, "store" | "clock" | "together">,
  messageSid: string,
  report: Report,
  learnt: Pick<DeliveryRow, "price"> = {},
): Promise<DeliveryRow> {
  const key = deliveryKey(messageSid);
  const planned = async (store: Store) => {
    const known = await store.get(key);
    const nowMs = context.clock.now();
    const value = { ...mergeDelivery(known?.value ?? null, report, nowMs), ...learnt };
    const sums = await inSums(store, known?.value ?? null, value, nowMs);
    const change: Change = {
      check: [{ key, versionstamp: known?.versionstamp ?? null }, ...sums.check],
      set: [deliverySet(messageSid, value, nowMs), ...sums.set],
    };
    return { change, value };
  };
  const lane = sumsLane(context, messageSid);
  for (;;) {
    const { plan, versionstamp } = await context.together(lane, context.store, planned);
    if (versionstamp !== null) return plan.value;
  }
}

/** A chunk of which something is missing. */
interface Wanted {
  readonly sentAtMs: number;
  /** No end has been reported; else only the price is missing. */
  readonly open: boolean;
  /** The message that it is a part of. */
  readonly messageId: number;
}

/** Sent chunks of which something is missing, by their SID. */
async function wanting({ store, clock }: BridgeContext): Promise<Map<string, Wanted>> {
  const nowMs = clock.now();
  const wanted = new Map<string, Wanted>();
  for await (const { key, value } of store.list({ prefix: DELIVERIES })) {
    const { messageId, record, price } = value;
    const ageMs = nowMs - record.firstAtMs;
    if (messageId === null || ageMs > REPORT_POLL_AGE_MS_MAX) continue;
    const open = !isFinal(record.status);
    if (open ? ageMs < REPORT_POLL_AGE_MS_MIN : price !== undefined) continue;
    wanted.set(String(key.at(-1)), { sentAtMs: record.firstAtMs, open, messageId });
  }
  return wanted;
}

async function keep(context: BridgeContext, message: MessageRecord): Promise<void> {
  const { status, errorCode, price, priceUnit } = message;
  const amount = Math.abs(Number(price));
  const billed = price !== null && Number.isFinite(amount);
  const learnt = billed ? { price: `${amount} ${priceUnit ?? "USD"}` } : {};
  await keepReport(context, message.sid, { status, errorCode }, learnt);
}

/** Asks about one chunk by its SID; returns whether Twilio knows it. */
async function pollChunk(
  context: BridgeContext,
  account: AccountSettings,
  sid: string,
): Promise<boolean> {
  const found = await context.twilio(account).fetchMessage(sid, context.stopping);
  if (found.kind === "ok") await keep(context, { ...found.value, sid });
  return found.kind === "ok";
}

/** Asks about the open chunks of a message, whatever their age. */
export async function pollMessage(context: BridgeContext, id: number): Promise<void> {
  const { store } = context;
  const row = (await store.get(outboxKey(id)))?.value ??
    (await store.get(historyKey(id)))?.value;
  const account = row === undefined ? undefined : accountOf(context, row.account);
  if (row === undefined || account === undefined) return;
  for (const sid of row.sids) {
    const known = await store.get(deliveryKey(sid));
    if (known === null || isFinal(known.value.record.status)) continue;
    await pollChunk(context, account, sid);
  }
}

async function pollAccount(
  context: BridgeContext,
  account: AccountSettings,
  wanted: Map<string, Wanted>,
): Promise<number> {
  const times = [...wanted.values()].map(({ sentAtMs }) => sentAtMs);
  const sinceMs = times.reduce((least, atMs) => Math.min(least, atMs)) - context.clockSkewMs;
  const filter = { sentFromMs: sinceMs, pageSize: 1_000 };
  let found = 0;
  for await (const page of context.twilio(account).listMessages(filter, context.stopping)) {
    if (page.kind !== "ok") return found;
    for (const message of page.value.messages) {
      if (!wanted.delete(message.sid)) continue;
      await keep(context, message);
      found++;
    }
    if (wanted.size === 0) return found;
  }
  return found;
}

/**
 * Asks one by one for what the list did not show: what Twilio has not sent yet has no date that the list
 * could be narrowed by.
 */
async function pollUnsent(context: BridgeContext, wanted: Map<string, Wanted>): Promise<number> {
  let found = 0;
  for (const [sid, { open, messageId }] of wanted) {
    if (!open || context.stopping.aborted) continue;
    const message = await context.store.get(historyKey(messageId));
    const account = message === null ? undefined : accountOf(context, message.value.account);
    if (account !== undefined && await pollChunk(context, account, sid)) found++;
  }
  return found;
}

/** Reads what is missing once, for all accounts; returns how many chunks were found. */
export async function pollReports(context: BridgeContext): Promise<number> {
  const wanted = await wanting(context);
  let found = 0;
  for (const account of context.settings().accounts.filter(({ enabled }) => enabled)) {
    if (wanted.size > 0) found += await pollAccount(context, account, wanted);
  }
  return found + await pollUnsent(context, wanted);
}

/** Polls every hour until the bridge stops. */
export async function startReportPolling(context: BridgeContext): Promise<void> {
  const { clock, log, stopping } = context;
  for (;;) {
    await sleep(clock, HOUSEKEEPING_INTERVAL_MS, stopping);
    if (stopping.aborted) return;
    try {
      const found = await pollReports(context);
      if (found > 0) log.info("reports.polled", { messages: found });
    } catch (error) {
      log.error("reports.not-polled", { error: String(error) });
    }
  }
}
