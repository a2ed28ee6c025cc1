/**
 * Delivery reports: what carriers say of sent chunks, kept for 30 days without bodies or numbers.
 *
 * @module
 */
import { type DeliveryRow, deliverySet, mergeDelivery } from "../store/delivery_row.ts";
import { deliveryKey } from "../store/keys.ts";
import type { Report } from "../twilio/delivery.ts";
import type { BridgeContext } from "../bridge/context.ts";

/** Commits a report and what else was learnt with it; resolves when it is on disk. */
export async function keepReport(
  context: Pick<BridgeContext, "store" | "clock">,
  messageSid: string,
  report: Report,
  learnt: Pick<DeliveryRow, "price"> = {},
): Promise<DeliveryRow> {
  const key = deliveryKey(messageSid);
  for (;;) {
    const known = await context.store.get<DeliveryRow>(key);
    const nowMs = context.clock.now();
    const value = { ...mergeDelivery(known?.value ?? null, report, nowMs), ...learnt };
    const committed = await context.store.commit({
      check: [{ key, versionstamp: known?.versionstamp ?? null }],
      set: [deliverySet(messageSid, value, nowMs)],
    });
    if (committed) return value;
  }
}
