/**
 * The counters of the tally as metrics: each series stands at zero from the start, so that its first
 * increase is seen.
 *
 * @module
 */
import type { Tally, TallyName } from "../bridge/tally.ts";
import type { Metric } from "../server/metrics.ts";

interface Counter {
  readonly name: string;
  readonly help: string;
  /** What its label is called, and the values that are there from the start. */
  readonly label: string;
  readonly known: readonly string[];
}

const COUNTERS: Readonly<Record<TallyName, Counter>> = {
  webhooks: {
    name: "smsbridge_webhooks_total",
    help: "Webhook requests by outcome.",
    label: "outcome",
    known: [
      ...["stored", "duplicate", "keyword", "opted-out", "stranger", "word", "unanswerable"],
      ...["group", "reaction", "probe", "foreign", "malformed", "signature", "shared-key"],
      ...["signature-rate", "rate", "report-rate", "not-stored"],
      ...["path", "method", "type", "size", "slow", "content", "failed"],
    ],
  },
  signatures: {
    name: "smsbridge_signature_faults_total",
    help: "Refused signatures by fault.",
    label: "fault",
    known: ["missing", "malformed", "shared-key", "no-token", "bad-url", "mismatch", "body-hash"],
  },
  turns: {
    name: "smsbridge_texts_total",
    help: "Texts that left the inbox, by outcome.",
    label: "outcome",
    known: [
      ...["answered", "silent", "failed", "joined", "paused", "refused", "opted-out", "empty"],
      ...["uncertain", "too-old", "no-account"],
    ],
  },
  messages: {
    name: "smsbridge_messages_total",
    help: "SMS by outcome.",
    label: "outcome",
    known: [
      ...["sent", "refused", "stale", "too-old", "no-account", "failed", "blocked", "opted-out"],
      ...["budget-reply", "budget-sender-minute", "budget-sender-hour", "budget-sender-day"],
      ...["budget-day", "budget-usd-sender-day", "budget-usd-day", "budget-usd-month"],
    ],
  },
  segments: {
    name: "smsbridge_segments_total",
    help: "Segments taken by Twilio, by encoding.",
    label: "encoding",
    known: ["GSM-7", "UCS-2"],
  },
  twilio_errors: {
    name: "smsbridge_twilio_errors_total",
    help: "Failed sends by Twilio's code.",
    label: "code",
    known: ["no-answer", "connect"],
  },
  lookups: {
    name: "smsbridge_lookups_total",
    help: "Sends of unknown fate looked up at Twilio.",
    label: "result",
    known: ["found", "absent", "unknown"],
  },
  reports: {
    name: "smsbridge_delivery_reports_total",
    help: "Delivery reports by status.",
    label: "status",
    known: ["queued", "sending", "sent", "delivered", "undelivered", "failed", "canceled"],
  },
  recovered: {
    name: "smsbridge_recovered_texts_total",
    help: "Texts found by catch-up.",
    label: "account",
    known: [],
  },
  catch_ups: {
    name: "smsbridge_catch_ups_total",
    help: "Catch-ups after an outage, by result.",
    label: "result",
    known: ["complete", "failed"],
  },
};

/** All counters, with a series for each account where they are counted by account. */
export function counterMetrics(tally: Tally, accounts: readonly string[]): Metric[] {
  const counts = tally.counts();
  return Object.entries(COUNTERS).map(([key, { name, help, label, known }]) => {
    const start = label === "account" ? accounts : known;
    const values = { ...Object.fromEntries(start.map((one) => [one, 0])), ...counts[key] };
    return {
      kind: "counter",
      name,
      help,
      samples: Object.entries(values).map(([value, count]) => ({
        labels: { [label]: value },
        value: count,
      })),
    };
  });
}
