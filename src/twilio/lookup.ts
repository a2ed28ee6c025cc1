/**
 * Looks for a message in Twilio's list whose request left but whose answer never came.
 *
 * @module
 */
import type { MessageRecord } from "./records.ts";
import type { TwilioClient, TwilioFailure } from "./rest.ts";

/** The message whose fate is asked for. */
export interface SentQuery {
  readonly to: string;
  /** The sender, or undefined when a Messaging Service chooses it. */
  readonly from?: string | undefined;
  readonly body: string;
  /** When its request left. */
  readonly sinceMs: number;
  /** How far the clock that tells so may be from Twilio's. */
  readonly skewMs: number;
  /** Whether a SID is accounted for already, as that of another message with the same text. */
  readonly isOurs?: (sid: string) => Promise<boolean>;
  readonly signal?: AbortSignal;
}

/** What the list says. */
export type SentFate =
  | { readonly kind: "found"; readonly sid: string; readonly status: string }
  /** The whole time is in the list and the message is not. */
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly reason: TwilioFailure["reason"] | "list-too-long" };

/** Twilio puts this before each text of a trial account. */
const TRIAL_PREFIX = "Sent from your Twilio trial account - ";

/** Line ends and blanks at the end may change on the way. */
function normal(body: string): string {
  const text = body.startsWith(TRIAL_PREFIX) ? body.slice(TRIAL_PREFIX.length) : body;
  return text.replaceAll("\r\n", "\n").trim();
}

function isIt(row: MessageRecord, query: SentQuery): boolean {
  return row.direction.startsWith("outbound") && row.sid !== "" &&
    (row.createdAtMs ?? Infinity) >= query.sinceMs - query.skewMs &&
    normal(row.body) === normal(query.body);
}

/**
 * Finds a message by recipient, sender, time and text. The list is read newest first until it is
 * older than the request; it is not narrowed by `DateSent`, which a queued message does not have yet.
 */
export async function findSent(
  twilio: Pick<TwilioClient, "listMessages">,
  query: SentQuery,
): Promise<SentFate> {
  const found: MessageRecord[] = [];
  const horizonMs = query.sinceMs - query.skewMs;
  const filter = { to: query.to, from: query.from, pageSize: 100 };
  let complete = false;
  for await (const page of twilio.listMessages(filter, query.signal)) {
    if (page.kind !== "ok") return { kind: "unknown", reason: page.reason };
    const { messages, last } = page.value;
    for (const message of messages) {
      if (isIt(message, query) && !await query.isOurs?.(message.sid)) found.push(message);
    }
    complete = last ||
      messages.every(({ createdAtMs }) => createdAtMs !== null && createdAtMs < horizonMs);
    if (complete) break;
  }
  const earliest = found.at(-1);
  if (earliest !== undefined) {
    return { kind: "found", sid: earliest.sid, status: earliest.status };
  }
  return complete ? { kind: "absent" } : { kind: "unknown", reason: "list-too-long" };
}
