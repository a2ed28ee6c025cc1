/**
 * Sending on somebody's behalf: a text to a number goes into the outbox, under the same opt-outs and
 * budgets as every answer.
 *
 * @module
 */
import { nodePart } from "../system/node_part.ts";
import { chooseAccount } from "../config/sms_accounts.ts";
import type { AccountSettings } from "../config/settings.ts";
import { isFetchable } from "../policy/mms.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { type IdempotencyRow, idempotencyRowKey } from "../store/keys.ts";
import { historyKey } from "../store/history_row.ts";
import { outboxKey, type OutboxRow } from "../store/outbox_row.ts";
import { Failure, failure, invalidNumber, unknownAccount } from "../system/failure.ts";
import {
  IDEMPOTENCY_KEY_CHARS_MAX,
  IDEMPOTENCY_TTL_MS,
  OUTBOUND_MEDIA_MAX,
} from "../system/limits.ts";
import { type Rendered, renderReply } from "../text/sms/render.ts";
import { answersFrom, toOutbox } from "./compose.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import { enqueue, type Refusal } from "./enqueue.ts";
import { contentName, readHosted } from "./host_file.ts";
import { segmentsOf } from "../text/sms/segments.ts";

/** What is to be sent. */
export interface SendRequest {
  /** A number, also as `sms:+…` or `twilio-sms:+…`; the account's `defaultTo` when left out. */
  readonly to?: string | undefined;
  /** Markdown or plain text. */
  readonly text: string;
  readonly account?: string | undefined;
  /** `https:` URLs that Twilio fetches, or copies in the spool; they go with the first SMS. */
  readonly mediaUrls?: readonly string[] | undefined;
  /** The number that its recipient has texted, if the message answers that. */
  readonly texted?: Phone | undefined;
  /** The same key within 24 hours sends nothing again. */
  readonly idempotencyKey?: string | undefined;
}

/** A message that is on disk. */
export interface SendReceipt {
  readonly id: number;
  /** It was put there by an earlier request with the same key. */
  readonly repeated: boolean;
}

const REFUSALS: Readonly<Record<Refusal, readonly [message: string, hint: string]>> = {
  "blocked": [
    "The recipient is blocked",
    "lift that with `sms-bridge pair unblock <NUMBER>`",
  ],
  "opted-out": [
    "The recipient has opted out (STOP)",
    "a START from that phone lifts it; where Twilio has lifted it already: `sms-bridge pair opt-in`",
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
  "budget-sender-day": [
    "The budget of this number for today is used up",
    "wait, or raise bridge.limits.segmentsPerSenderDayMax",
  ],
  "budget-day": [
    "The budget of the account for today is used up",
    "wait, or raise bridge.limits.segmentsPerDayMax",
  ],
  "budget-usd-sender-day": [
    "The budget in USD of this number for today is used up",
    "wait, or raise bridge.limits.usdPerSenderDayMax",
  ],
  "budget-usd-day": [
    "The budget in USD of the account for today is used up",
    "wait, or raise bridge.limits.usdPerDayMax",
  ],
  "budget-usd-month": [
    "The budget in USD of the account for this month is used up",
    "wait, or raise bridge.limits.usdPerMonthMax",
  ],
};

function digestOf(to: Phone, { text, mediaUrls = [] }: SendRequest): string {
  const names = mediaUrls.map(contentName);
  const said = JSON.stringify([to, text, names]);
  return nodePart("node:crypto").createHash("sha256").update(said).digest("hex");
}

/** The account that sends: the one that is named, or that is meant when none is. */
function sendingAccount(
  context: Pick<BridgeContext, "settings">,
  id: string | undefined,
): AccountSettings | Failure {
  const { accountChoice } = context.settings();
  const chosen = chooseAccount(accountChoice, id);
  if (chosen instanceof Failure) return chosen;
  return accountOf(context, chosen) ?? unknownAccount(chosen, accountChoice.ids);
}

/** The number that a message goes to. */
function targetOf(account: AccountSettings, to: string | undefined): Phone | Failure {
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
  if (phone === null) return invalidNumber(given);
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

function keyFailure(key: string): Failure | null {
  if (/^[\x20-\x7e]+$/.test(key) && key.length <= IDEMPOTENCY_KEY_CHARS_MAX) return null;
  return failure(
    "usage",
    "idempotency-key-invalid",
    "Cannot use the Idempotency-Key as it must be printable ASCII, " +
      `1 to ${IDEMPOTENCY_KEY_CHARS_MAX} characters long`,
    "a UUID serves",
  );
}

function mediaFailure(urls: readonly string[]): Failure | null {
  if (urls.length > OUTBOUND_MEDIA_MAX) {
    return failure(
      "usage",
      "media-too-many",
      `Cannot send ${urls.length} files in one message: it may have ${OUTBOUND_MEDIA_MAX}`,
      "send several messages",
    );
  }
  if (urls.every((url) => isFetchable(url) || readHosted(url) !== null)) return null;
  return failure(
    "usage",
    "media-url-invalid",
    "Cannot send a file as its URL must begin with https://",
    "Twilio fetches it itself, without credentials",
  );
}

/**
 * Renders a message into its SMS. What would need more than one message may is refused, not cut: whoever
 * sends it is there to shorten it.
 */
function renderMessage(
  { settings }: Pick<BridgeContext, "settings">,
  { textChunkLimit }: Pick<AccountSettings, "textChunkLimit">,
  text: string,
): Rendered | Failure {
  const { smartEncoding, partMarks, maxChunksPerReply, limits } = settings().bridge;
  const rendered = renderReply(text, {
    textChunkLimit,
    smartEncoding,
    partMarks,
    maxChunksPerReply,
  });
  const tooLong = (why: string, setting: string) =>
    failure(
      "usage",
      "text-too-long",
      `Cannot send so long a text: ${why}`,
      `shorten it, or raise bridge.${setting}`,
    );
  const segments = segmentsOf(rendered.chunks);
  const { segmentsPerReplyMax } = limits;
  if (rendered.truncated) {
    return tooLong(`it needs more than ${maxChunksPerReply} SMS`, "maxChunksPerReply");
  }
  return segmentsPerReplyMax === 0 || segments <= segmentsPerReplyMax ? rendered : tooLong(
    `it needs ${segments} segments, and a message may have ${segmentsPerReplyMax}`,
    "limits.segmentsPerReplyMax",
  );
}

/** A message as it would be sent. */
export interface PlannedMessage {
  readonly account: AccountSettings;
  readonly to: Phone;
  readonly rendered: Rendered;
  readonly mediaUrls: readonly string[];
  /** The number it is sent from, where that is not the one of the settings. */
  readonly from?: Phone | undefined;
}

/** Finds out what a request would send, or why it cannot be sent. Nothing is written. */
export function planMessage(
  context: Pick<BridgeContext, "settings">,
  { account: id, to: target, text, mediaUrls = [], texted }: SendRequest,
): PlannedMessage | Failure {
  const account = sendingAccount(context, id);
  if (account instanceof Failure) return account;
  const to = targetOf(account, target);
  if (to instanceof Failure) return to;
  const wrong = mediaFailure(mediaUrls);
  if (wrong !== null) return wrong;
  const rendered = renderMessage(context, account, text);
  if (rendered instanceof Failure || rendered.chunks.length > 0) {
    const from = texted === undefined ? undefined : answersFrom(account, texted);
    return rendered instanceof Failure ? rendered : { account, to, rendered, mediaUrls, from };
  }
  if (mediaUrls.length === 0) {
    return failure("usage", "text-empty", "There is nothing to send", "give a text");
  }
  const bare = { body: "", encoding: "GSM-7", segments: 1 } as const;
  return { account, to, rendered: { ...rendered, chunks: [bare] }, mediaUrls };
}

/** A row for the outbox, with an id of its own. */
function makeRow(context: BridgeContext, planned: PlannedMessage): OutboxRow {
  const { account: { id: account }, to, rendered, mediaUrls, from } = planned;
  const envelope = { account, to, kind: "sent", inReplyTo: null, from } as const;
  return toOutbox(context, envelope, rendered, { attached: mediaUrls, apart: [] })!;
}

/** What a request gets whose key was used before: the same answer. */
async function repeat(
  { store }: BridgeContext,
  known: IdempotencyRow,
  digest: string,
): Promise<SendReceipt | Failure> {
  if (known.digest !== digest) {
    return failure(
      "conflict",
      "idempotency-conflict",
      "This Idempotency-Key was used for another message",
      "use a new key for each message",
    );
  }
  const reason = (await store.get(historyKey(known.id)))?.value.outcome;
  return reason !== undefined && Object.hasOwn(REFUSALS, reason)
    ? refusal(reason as Refusal)
    : { id: known.id, repeated: true };
}

/**
 * Puts a message into the outbox; when it resolves, it is on disk. What may not go out is a
 * {@linkcode Failure} of the kind `conflict`, what cannot be sent one of the kind `usage`.
 */
export async function sendText(
  context: BridgeContext,
  wake: (row: OutboxRow) => void,
  request: SendRequest,
): Promise<SendReceipt | Failure> {
  const planned = planMessage(context, request);
  if (planned instanceof Failure) return planned;
  const { account, to } = planned;
  const { idempotencyKey } = request;
  const wrongKey = idempotencyKey === undefined ? null : keyFailure(idempotencyKey);
  if (wrongKey !== null) return wrongKey;
  const key = idempotencyKey === undefined ? null : idempotencyRowKey(account.id, idempotencyKey);
  const digest = digestOf(to, request);
  for (;;) {
    const known = key === null ? null : await context.store.get(key);
    const nowMs = context.clock.now();
    if (known !== null && known.value.expiresAtMs > nowMs) {
      return await repeat(context, known.value, digest);
    }
    const row = makeRow(context, planned);
    const taken: IdempotencyRow = { id: row.id, digest, expiresAtMs: nowMs + IDEMPOTENCY_TTL_MS };
    // Another process may have made a row in the same millisecond: its id must not be taken again.
    const unused = { key: outboxKey(row.id), versionstamp: null };
    const queued = await enqueue(
      context,
      row,
      key === null ? { check: [unused] } : {
        check: [unused, { key, versionstamp: known?.versionstamp ?? null }],
        set: [{ key, value: taken, expireInMs: IDEMPOTENCY_TTL_MS }],
      },
    );
    if (queued.kind === "conflict") continue;
    if (queued.kind === "refused") return refusal(queued.reason);
    queued.wake.forEach(wake);
    return { id: row.id, repeated: false };
  }
}
