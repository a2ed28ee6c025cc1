/**
 * The row of a sent chunk: what carriers said of it, and its price.
 *
 * @module
 */
import { type DeliveryRecord, mergeReport, type Report } from "../twilio/delivery.ts";
import { HISTORY_TTL_MS } from "./history_row.ts";
import { below, keyOf } from "./keys.ts";
import type { ChunkCost } from "./spend_row.ts";

/** What is known of one MessageSid. */
export interface DeliveryRow {
  /** The message this SID is a chunk of; null while only a report has told of it. */
  readonly messageId: number | null;
  readonly record: DeliveryRecord;
  /** What it cost, as in `0.0079 USD`; left out until Twilio has billed it. */
  readonly price?: string;
  /** What it was expected to cost, and which sums it counts in; rows of old do not have it. */
  readonly cost?: ChunkCost;
  /** What follows the message through the log; rows of old do not have it. */
  readonly trace?: string;
}

/** Where these rows stand. */
export const DELIVERIES = keyOf<DeliveryRow>("delivery");
/** What carriers reported of a sent message. */
export const deliveryKey = (messageSid: string) => below(DELIVERIES, messageSid);

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
