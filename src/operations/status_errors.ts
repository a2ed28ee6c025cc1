/**
 * The last errors, each with what mends it, from the log, the dead letters and the delivery reports.
 *
 * @module
 */
import type { DeadLetter } from "../store/dead_letter.ts";
import type { Trouble } from "../system/recent_troubles.ts";
import { explainError } from "../twilio/errors.ts";

/** Something that went wrong, and what to do about it. */
export interface StatusError {
  readonly atMs: number;
  /** The account it concerns; null when it concerns the bridge. */
  readonly account: string | null;
  /** A fixed word: an event's name, a dead letter's reason, or `undelivered`. */
  readonly code: string;
  /** What happened. */
  readonly message: string;
  /** What mends it. */
  readonly fix: string;
}

/** Errors shown; more are in the log and in `queue dead`. */
const STATUS_ERRORS_MAX = 5;

const RETRIED = "Nothing to do: it is tried again.";
const LOOK_AT_DISK = "Check that the state directory is writable and the disk is not full.";

/** What an event of the log means and what mends it, where the event does not say so itself. */
const OF_EVENT: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  "gateway.lost": ["the connection to the Gateway broke", RETRIED],
  "lease.handed-over": [
    "another bridge was let answer, as it reaches its Gateway and this one does not",
    "See this one's Gateway with `openclaw gateway status`.",
  ],
  "gateway.refused": ["the Gateway refuses the bridge", "Run `sms-bridge doctor`."],
  "settings.warning": ["a setting is dangerous", "Run `sms-bridge doctor`."],
  "conversation.paused": ["a conversation looked like two machines", "It goes on by itself."],
  "catch-up.failed": ["missed texts could not be fetched from Twilio", RETRIED],
  "turn.failed": ["the agent could not answer a text", "Look into the Gateway's log."],
  "turn.uncertain": ["it is not known whether a turn ran", "Ask the sender to text again."],
  "store.not-pruned": ["the store could not be tidied up", LOOK_AT_DISK],
  "pairing.codes-used-up": [
    "people ask to be let in whom no pairing code could be sent: today's are used up",
    "See who with `sms-bridge pair list`; `pair approve` lets them in.",
  ],
  "budget.spent": ["a spending limit was reached", "Wait, or raise the limit in the settings."],
  "webhook.refused": [
    "requests to the webhook were refused",
    "Run `sms-bridge doctor`; if it finds nothing, somebody else is knocking.",
  ],
  "webhook.refused shared-key": [
    "Twilio signs with HMAC-SHA256 and a shared key, which the bridge does not take",
    "Turn the shared key off in the webhook rule in the Twilio Console.",
  ],
  "webhook.foreign": [
    "a signed request was for another account or number",
    "Check the Account SID, the number and the Messaging Service.",
  ],
  "webhook.malformed": ["a signed request was no text", "Check what else calls the webhook."],
  "webhook.not-stored": ["a text could not be written to disk", LOOK_AT_DISK],
  "webhook.failed": ["a webhook request failed inside the bridge", "Look into the log."],
  "twilio.credentials": [
    "Twilio does not accept the credentials",
    "Set the Auth Token or API key anew; messages wait.",
  ],
  "message.fate-unknown": ["Twilio's answer to a message never came", RETRIED],
  "deliver.failed": ["a message could not be worked on", LOOK_AT_DISK],
  "converse.failed": ["a text could not be worked on", LOOK_AT_DISK],
};

/** Events that are told elsewhere in the status, or that the dead letters tell better. */
const TOLD_ELSEWHERE = new Set(["message.given-up"]);

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Errors of the running bridge's log. */
export function errorsOfLog(troubles: readonly Trouble[]): StatusError[] {
  return troubles.filter(({ event }) => !TOLD_ELSEWHERE.has(event)).map(
    ({ atMs, event, fields, count }) => {
      const [meaning, fix] = OF_EVENT[`${event} ${fields.reason}`] ?? OF_EVENT[event] ??
        [event, "Look into the log."];
      const why = text(fields.reason) ?? text(fields.error) ?? text(fields.warning) ??
        text(fields.why) ?? text(fields.limit);
      const times = count > 1 ? `, ${count} times` : "";
      return {
        atMs,
        account: text(fields.account),
        code: event,
        message: `${meaning}${why === null ? "" : ` (${why})`}${times}`,
        fix: text(fields.hint) ?? fix,
      };
    },
  );
}

/** The code that a refusal of Twilio's begins with, as in `21610: the recipient has …`. */
function codeIn(detail: string): number | null {
  const code = detail.match(/^(\d{5}): /)?.[1];
  return code === undefined ? null : Number(code);
}

/** A dead letter as an error. */
export function errorOfDeadLetter({ account, reason, detail, atMs }: DeadLetter): StatusError {
  const code = codeIn(detail);
  const fix = code === null
    ? "See `sms-bridge queue dead`; `queue retry` sends it again."
    : explainError(code).advice;
  return { atMs, account, code: reason, message: `given up (${reason}): ${detail}`, fix };
}

/** A message that carriers did not deliver, as an error. */
export function errorOfDelivery(
  account: string,
  status: string,
  errorCode: number | null,
  atMs: number,
): StatusError {
  const known = errorCode === null ? null : explainError(errorCode);
  return {
    atMs,
    account,
    code: status,
    message: known === null
      ? `a message was ${status}`
      : `a message was ${status} (${known.code}: ${known.meaning})`,
    fix: known?.advice ?? "Look at the message in the Twilio console's log.",
  };
}

/** The newest errors, newest first; the same one once, with a count. */
export function latestErrors(errors: readonly StatusError[]): StatusError[] {
  const newest = errors.toSorted((a, b) => b.atMs - a.atMs);
  const same = Map.groupBy(newest, ({ account, message }) => `${account} ${message}`);
  return [...same.values()].map(([first, ...more]) =>
    more.length === 0
      ? first!
      : { ...first!, message: `${first!.message}, ${more.length + 1} times` }
  ).slice(0, STATUS_ERRORS_MAX);
}
