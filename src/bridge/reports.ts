/**
 * Delivery reports: what carriers say of sent chunks, kept for 30 days without bodies or numbers.
 *
 * @module
 */
import { HISTORY_TTL_MS } from "../store/inbox.ts";
import { deliveryKey } from "../store/keys.ts";
import { type DeliveryRecord, mergeReport, type Report } from "../twilio/delivery.ts";
import type { BridgeContext } from "./context.ts";

/** What is known of one MessageSid. */
export interface DeliveryRow {
  /** The message this SID is a chunk of; null while only a report has told of it. */
  readonly messageId: number | null;
  readonly record: DeliveryRecord;
  /** What it cost, as in `0.0079 USD`; left out until Twilio has billed it. */
  readonly price?: string;
}

/** A row with one more report merged into it. */
export function mergeDelivery(
  known: DeliveryRow | null,
  report: Report,
  nowMs: number,
): DeliveryRow {
  return {
    ...known,
    messageId: known?.messageId ?? null,
    record: mergeReport(known?.record ?? null, report, nowMs),
  };
}

/** Commits a report; resolves when it is on disk. */
export async function keepReport(
  context: Pick<BridgeContext, "store" | "clock">,
  messageSid: string,
  report: Report,
): Promise<DeliveryRow> {
  const key = deliveryKey(messageSid);
  for (;;) {
    const known = await context.store.get<DeliveryRow>(key);
    const value = mergeDelivery(known?.value ?? null, report, context.clock.now());
    const committed = await context.store.commit({
      check: [{ key, versionstamp: known?.versionstamp ?? null }],
      set: [{ key, value, expireInMs: HISTORY_TTL_MS }],
    });
    if (committed) return value;
  }
}
