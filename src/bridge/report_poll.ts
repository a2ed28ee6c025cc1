/**
 * Polling: what no delivery report has told is read from Twilio's list, open states as well as prices.
 *
 * Twilio recommends it for states that are open for 12 hours:
 * https://www.twilio.com/docs/messaging/guides/outbound-message-logging.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { HISTORY_TTL_MS } from "../store/inbox.ts";
import { deliveryKey, PREFIX } from "../store/keys.ts";
import { sleep } from "../system/clock.ts";
import {
  HOUSEKEEPING_INTERVAL_MS,
  LOOKUP_CLOCK_SKEW_MS,
  REPORT_POLL_AGE_MS_MAX,
  REPORT_POLL_AGE_MS_MIN,
} from "../system/limits.ts";
import { isFinal } from "../twilio/delivery.ts";
import type { MessageRecord } from "../twilio/records.ts";
import type { BridgeContext } from "./context.ts";
import { type DeliveryRow, mergeDelivery } from "./reports.ts";

/** Sent chunks of which something is missing, by their SID, with when they were sent. */
async function wanting({ store, clock }: BridgeContext): Promise<Map<string, number>> {
  const nowMs = clock.now();
  const wanted = new Map<string, number>();
  for await (const { key, value } of store.list<DeliveryRow>({ prefix: PREFIX.delivery })) {
    const { messageId, record, price } = value;
    const ageMs = nowMs - record.firstAtMs;
    if (messageId === null || ageMs > REPORT_POLL_AGE_MS_MAX) continue;
    const open = !isFinal(record.status) && ageMs >= REPORT_POLL_AGE_MS_MIN;
    const unbilled = isFinal(record.status) && price === undefined;
    if (open || unbilled) wanted.set(String(key.at(-1)), record.firstAtMs);
  }
  return wanted;
}

async function keep(context: BridgeContext, message: MessageRecord): Promise<void> {
  const { store, clock } = context;
  const key = deliveryKey(message.sid);
  for (;;) {
    const known = await store.get<DeliveryRow>(key);
    if (known === null) return;
    const { status, errorCode, price, priceUnit } = message;
    const merged = mergeDelivery(known.value, { status, errorCode }, clock.now());
    const cost = price === null ? {} : {
      price: `${Math.abs(Number(price))} ${priceUnit ?? "USD"}`,
    };
    const committed = await store.commit({
      check: [{ key, versionstamp: known.versionstamp }],
      set: [{ key, value: { ...merged, ...cost }, expireInMs: HISTORY_TTL_MS }],
    });
    if (committed) return;
  }
}

async function pollAccount(
  context: BridgeContext,
  account: AccountSettings,
  wanted: Map<string, number>,
): Promise<number> {
  const sinceMs = Math.min(...wanted.values()) - LOOKUP_CLOCK_SKEW_MS;
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

/** Reads what is missing once, for all accounts; returns how many chunks were found. */
export async function pollReports(context: BridgeContext): Promise<number> {
  const wanted = await wanting(context);
  let found = 0;
  for (const account of context.settings().accounts) {
    if (wanted.size > 0) found += await pollAccount(context, account, wanted);
  }
  return found;
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
