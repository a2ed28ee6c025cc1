/**
 * Sending on somebody's behalf: a text to a number goes into the outbox, under the same opt-outs and
 * budgets as every answer.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { bridgeKey } from "../store/keys.ts";
import type { OutboxRow } from "../store/outbox.ts";
import { type Failure, failure } from "../system/failure.ts";
import { IDEMPOTENCY_TTL_MS } from "../system/limits.ts";
import { renderFor, toOutbox } from "./compose.ts";
import { accountOf, type BridgeContext } from "./context.ts";
import { post, type Refusal } from "./post.ts";

/** What is to be sent. */
export interface SendRequest {
  /** A number, also as `sms:+…` or `twilio-sms:+…`; the account's `defaultTo` when left out. */
  readonly to?: string | undefined;
  /** Markdown or plain text. */
  readonly text: string;
  readonly account?: string | undefined;
  /** The same key within 24 hours sends nothing again. */
  readonly idempotencyKey?: string | undefined;
}

/** A message that is on disk. */
export interface SendReceipt {
  readonly id: number;
  /** It was put there by an earlier request with the same key. */
  readonly repeated: boolean;
}

/** What is kept of a key. */
interface KeyRow {
  readonly id: number;
  readonly digest: string;
}

const REFUSALS: Readonly<Record<Refusal, readonly [message: string, hint: string]>> = {
  "opted-out": [
    "The recipient has opted out (STOP)",
    "a START from that phone lifts it; nobody else can",
  ],
  "budget-reply": [
    "The message is too long for the budget of one message",
    "shorten it, or raise bridge.limits.segmentsPerReplyMax",
  ],
  "budget-sender-minute": [
    "Too many messages to this number in a minute",
    "wait a minute, or raise bridge.limits.repliesPerSenderMinuteMax",
  ],
  "budget-sender-hour": [
    "The budget of this number for an hour is used up",
    "wait, or raise bridge.limits.segmentsPerSenderHourMax",
  ],
  "budget-day": [
    "The budget of the account for today is used up",
    "wait, or raise bridge.limits.segmentsPerDayMax",
  ],
};

async function digestOf(to: Phone, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${to}\n${text}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The account that sends; the default one when none is named. */
export function sendingAccount(
  context: Pick<BridgeContext, "settings">,
  id: string | undefined,
): AccountSettings | Failure {
  const settings = context.settings();
  const account = accountOf(context as BridgeContext, id ?? settings.defaultAccount);
  return account ?? failure(
    "not-found",
    "account-unknown",
    `There is no account ${id ?? settings.defaultAccount}`,
    `there are: ${settings.accounts.map((one) => one.id).join(", ")}`,
  );
}

/** The number that a message goes to. */
export function targetOf(account: AccountSettings, to: string | undefined): Phone | Failure {
  const given = to ?? account.defaultTo;
  if (given === undefined) {
    return failure(
      "usage",
      "target-missing",
      "There is no number to send to",
      "name one, or set channels.sms.defaultTo",
    );
  }
  const phone = parsePhone(given);
  if (phone === null) {
    return failure(
      "usage",
      "number-invalid",
      `Cannot use "${given.slice(0, 40)}" as a number: it must be in E.164`,
      "write it with country code, as in +15551234567",
    );
  }
  return phone !== account.fromNumber ? phone : failure(
    "usage",
    "number-own",
    "Cannot text the number that the bridge sends from",
    "name the number of a phone",
  );
}

/** Tells why a message may not go out. */
function refusal(reason: Refusal): Failure {
  const [message, hint] = REFUSALS[reason];
  return failure("conflict", reason, message, hint);
}

/**
 * Puts a message into the outbox; when it resolves, it is on disk. What may not go out is a
 * {@linkcode Failure} of the kind `conflict`.
 */
export async function sendText(
  context: BridgeContext,
  wake: (row: OutboxRow) => void,
  request: SendRequest,
): Promise<SendReceipt | Failure> {
  const account = sendingAccount(context, request.account);
  if (account instanceof Error) return account;
  const to = targetOf(account, request.to);
  if (to instanceof Error) return to;
  const rendered = renderFor(context, account, request.text);
  const envelope = { account: account.id, to, kind: "sent", inReplyTo: null } as const;
  const row = toOutbox(context, envelope, rendered);
  if (row === null) {
    return failure("usage", "text-empty", "There is nothing to send", "give a text");
  }
  const key = request.idempotencyKey === undefined
    ? null
    : [...bridgeKey("idempotency"), account.id, request.idempotencyKey.slice(0, 200)];
  const digest = await digestOf(to, request.text);
  for (;;) {
    const known = key === null ? null : await context.store.get<KeyRow>(key);
    if (known !== null) {
      if (known.value.digest === digest) return { id: known.value.id, repeated: true };
      return failure(
        "conflict",
        "idempotency-conflict",
        "This Idempotency-Key was used for another message",
        "use a new key for each message",
      );
    }
    const posted = await post(
      context,
      row,
      key === null ? {} : {
        check: [{ key, versionstamp: null }],
        set: [{ key, value: { id: row.id, digest }, expireInMs: IDEMPOTENCY_TTL_MS }],
      },
    );
    if (posted.kind === "conflict") continue;
    if (posted.kind === "refused") return refusal(posted.reason);
    posted.wake.forEach(wake);
    return { id: row.id, repeated: false };
  }
}
