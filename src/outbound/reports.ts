/**
 * Delivery reports: what carriers say of sent chunks, kept for 30 days without bodies or numbers.
 *
 * @module
 */
import { HISTORY_TTL_MS } from "../store/history_row.ts";
import { deliveryKey } from "../store/keys.ts";
import { type DeliveryRecord, mergeReport, type Report } from "../twilio/delivery.ts";
import type { BridgeContext } from "../bridge/context.ts";

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

/** The part of a change that writes a row, which is forgotten 30 days after the first word of it. */
export function deliverySet(messageSid: string, row: DeliveryRow, nowMs: number) {
  const expireInMs = row.record.firstAtMs + HISTORY_TTL_MS - nowMs;
  return { key: deliveryKey(messageSid), value: row, expireInMs };
}

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
