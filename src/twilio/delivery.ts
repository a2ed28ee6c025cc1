/**
 * Delivery reports, which come in any order and more than once, merged into one record.
 *
 * Source: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status and, for the
 * overrides, https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
 *
 * @module
 */

/** What a report says. */
export interface Report {
  /** Twilio's `MessageStatus`; one that we do not know changes nothing. */
  readonly status: string;
  readonly errorCode: number | null;
}

/** On the way: each takes the place of those before it. */
const OPEN = [
  "unknown",
  "accepted",
  "scheduled",
  "queued",
  "sending",
  "sent",
  "partially_delivered",
] as const;
/** Arrived: being read follows on being delivered. */
const ARRIVED = ["delivered", "read"] as const;
/** Given up. */
const LOST = ["undelivered", "failed", "canceled"] as const;

/** What is known of a message's delivery; `conflicted` when two reports cannot both be true. */
export type DeliveryStatus =
  | typeof OPEN[number]
  | typeof ARRIVED[number]
  | typeof LOST[number]
  | "conflicted";

/** All reports of one message in one. */
export interface DeliveryRecord {
  readonly status: DeliveryStatus;
  /** Twilio's code of the failure; the smallest when there were several. */
  readonly errorCode: number | null;
  /** When the first and the last of the reports came. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

function statusOf(text: string): DeliveryStatus {
  const known: readonly string[] = [...OPEN, ...ARRIVED, ...LOST];
  return known.includes(text) ? text as DeliveryStatus : "unknown";
}

function isOneOf(statuses: readonly string[], status: string): boolean {
  return statuses.includes(status);
}

/** The least status that contains both: commutative, associative and idempotent. */
function join(a: DeliveryStatus, b: DeliveryStatus): DeliveryStatus {
  if (a === b) return a;
  for (const [one, other] of [[a, b], [b, a]] as const) {
    if (isOneOf(OPEN, one) && !isOneOf(OPEN, other)) return other;
  }
  for (const ladder of [OPEN, ARRIVED]) {
    const steps: readonly string[] = ladder;
    if (isOneOf(steps, a) && isOneOf(steps, b)) return steps.indexOf(a) > steps.indexOf(b) ? a : b;
  }
  return "conflicted";
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

/**
 * Adds a report to what is known. The order of reports and their number make no difference: an end is
 * never undone, and two ends that contradict each other give `conflicted` for good.
 */
export function mergeReport(
  known: DeliveryRecord | null,
  report: Report,
  nowMs: number,
): DeliveryRecord {
  const status = statusOf(report.status);
  if (known === null) {
    return { status, errorCode: report.errorCode, firstAtMs: nowMs, lastAtMs: nowMs };
  }
  return {
    status: join(known.status, status),
    errorCode: smaller(known.errorCode, report.errorCode),
    firstAtMs: Math.min(known.firstAtMs, nowMs),
    lastAtMs: Math.max(known.lastAtMs, nowMs),
  };
}

/** Whether no further report will change it, save for `read`. */
export function isFinal(status: string): boolean {
  return !isOneOf(OPEN, status);
}

/** Whether the message did not arrive. */
export function isLost(status: string): boolean {
  return isOneOf(LOST, status);
}

/** Retry once, on a failed connection, no answer within 5 s, or a 5xx of ours. */
const CALLBACK_OVERRIDES = [["rp", "ct,rt,5xx"], ["rt", "5000"], ["rc", "1"]] as const;

/**
 * The URL for delivery reports: the webhook's own, with connection overrides in its fragment. Those
 * that the user has written there win.
 */
export function statusCallbackUrl(publicWebhookUrl: string): string {
  const [url = "", fragment = ""] = publicWebhookUrl.split(/#(.*)/s);
  const overrides = new Map<string, string>(CALLBACK_OVERRIDES);
  for (const part of fragment.split("&")) {
    const [name = "", value = ""] = part.split(/=(.*)/s);
    if (name !== "") overrides.set(name, value);
  }
  return `${url}#${[...overrides].map(([name, value]) => `${name}=${value}`).join("&")}`;
}
