/**
 * The people at the other end of the fake Twilio: they text, and their carriers report.
 *
 * @module
 */
import { sleep } from "../system/clock.ts";
import { countSegments } from "../text/sms/segments.ts";
import type { FormPair } from "../twilio/form.ts";
import type { FakeAccount, FakeMessage } from "./twilio_account.ts";
import { answerKeyword } from "./twilio_send.ts";
import { callWebhook, type WebhookCaller, type WebhookDelivery } from "./twilio_webhooks.ts";

/** A text that somebody sends to a number of the account. */
export interface InboundText {
  readonly from: string;
  readonly text: string;
  /** The account's first number when left out. */
  readonly to?: string;
  readonly media?: readonly {
    readonly contentType: string;
    readonly bytes: Uint8Array<ArrayBuffer>;
  }[];
  /** The SID of an earlier text, to deliver that once more. */
  readonly messageSid?: string;
  /** Pairs that are signed and sent besides the usual ones. */
  readonly extra?: readonly FormPair[];
  readonly accountSid?: string;
  /** Signs with this instead of the account's token. */
  readonly authToken?: string;
  /** Lost on its way to us: it is in Twilio's list only. */
  readonly webhookLost?: boolean;
}

/** What carriers report on outbound messages. */
export interface ReportPlan {
  /** In the order in which they come true. */
  readonly statuses: readonly string[];
  /** Told with `undelivered` and `failed`. */
  readonly errorCode: number;
  /** Pause before each. */
  readonly delayMs: number;
  /** Reports arrive last first. */
  readonly outOfOrder: boolean;
  /** Each report arrives twice. */
  readonly doubled: boolean;
}

/** Everything is delivered at once. */
export const DELIVERED: ReportPlan = {
  statuses: ["sent", "delivered"],
  errorCode: 30003,
  delayMs: 0,
  outOfOrder: false,
  doubled: false,
};

/** Puts a text into the account's list, with its files. */
export function takeInbound(account: FakeAccount, text: InboundText): FakeMessage {
  const nowMs = account.clock.now();
  const files = text.media ?? [];
  const known = account.messages.find(({ sid }) => sid === text.messageSid);
  if (known !== undefined) return known;
  const message: FakeMessage = {
    sid: text.messageSid ?? account.sid(files.length > 0 ? "MM" : "SM"),
    direction: "inbound",
    from: text.from,
    to: text.to ?? account.numbers[0]!.phoneNumber,
    body: text.text,
    segments: countSegments(text.text).segments,
    createdAtMs: nowMs,
    messagingServiceSid: account.messagingServiceSid,
    statusCallback: null,
    mediaUrls: [],
    media: files.map((file) => ({ ...file, sid: account.sid("ME") })),
    status: "received",
    errorCode: null,
    sentAtMs: nowMs,
  };
  account.messages.push(message);
  return message;
}

function inboundPairs(
  account: FakeAccount,
  message: FakeMessage,
  text: InboundText,
  apiOrigin: string,
  optOutType: string | undefined,
): FormPair[] {
  const path = `${apiOrigin}/2010-04-01/Accounts/${account.accountSid}/Messages/${message.sid}`;
  const service = message.messagingServiceSid;
  return [
    ["ToCountry", "US"],
    ["ToState", ""],
    ["SmsMessageSid", message.sid],
    ["NumMedia", String(message.media.length)],
    ["ToCity", ""],
    ["FromZip", ""],
    ["SmsSid", message.sid],
    ["SmsStatus", "received"],
    ["Body", message.body],
    ["FromCountry", "US"],
    ["To", message.to],
    ...(service === null ? [] : [["MessagingServiceSid", service] as const]),
    ["NumSegments", String(message.segments)],
    ["MessageSid", message.sid],
    ["AccountSid", text.accountSid ?? account.accountSid],
    ["From", message.from],
    ...message.media.flatMap(({ sid, contentType }, index): FormPair[] => [
      [`MediaContentType${index}`, contentType],
      [`MediaUrl${index}`, `${path}/Media/${sid}`],
    ]),
    ["ApiVersion", "2010-04-01"],
    ...(optOutType === undefined ? [] : [["OptOutType", optOutType] as const]),
    ...(text.extra ?? []),
  ];
}

/** What delivering a text needs. */
export interface PhoneParts {
  readonly account: FakeAccount;
  readonly caller: WebhookCaller;
  /** The origin that media URLs are written with. */
  readonly apiOrigin: string;
  /** Receives Twilio's own replies to STOP, START and HELP. */
  readonly onKeywordReply: (to: string, text: string) => void;
}

/** Sends a text: Twilio's own keyword handling first, then the webhook, then the fallback URL. */
export async function textIn(text: InboundText, parts: PhoneParts): Promise<WebhookDelivery> {
  const { account, caller } = parts;
  const message = takeInbound(account, text);
  const keyword = answerKeyword(account, text.from, text.text);
  if (keyword !== null) parts.onKeywordReply(text.from, keyword.reply);
  const nothing: WebhookDelivery = { messageSid: message.sid, attempts: [], ok: false };
  if (text.webhookLost || caller.place === undefined) return nothing;
  const { publicUrl, fallbackUrl } = caller.place;
  // `OptOutType` comes with Advanced Opt-Out only, which Messaging Services have.
  const optOutType = account.messagingServiceSid === null ? undefined : keyword?.type;
  const pairs = inboundPairs(account, message, text, parts.apiOrigin, optOutType);
  const post = { messageSid: message.sid, pairs, authToken: text.authToken ?? account.authToken };
  const delivery = await callWebhook({ ...post, kind: "inbound", url: publicUrl }, caller);
  if (delivery.ok) return delivery;
  account.alerts.push({
    sid: account.sid("NO"),
    errorCode: delivery.attempts.at(-1)?.failure === null ? 11200 : 11205,
    requestUrl: publicUrl,
    atMs: account.clock.now(),
  });
  if (fallbackUrl === undefined) return delivery;
  const second = await callWebhook({ ...post, kind: "fallback", url: fallbackUrl }, caller);
  return { ...second, attempts: [...delivery.attempts, ...second.attempts] };
}

function reportPairs(account: FakeAccount, message: FakeMessage, status: string): FormPair[] {
  const service = message.messagingServiceSid;
  return [
    ["SmsSid", message.sid],
    ["SmsStatus", status],
    ["MessageStatus", status],
    ["To", message.to],
    ...(service === null ? [] : [["MessagingServiceSid", service] as const]),
    ["MessageSid", message.sid],
    ["AccountSid", account.accountSid],
    ["From", message.from],
    ["ApiVersion", "2010-04-01"],
    ...(isLost(status) ? [["ErrorCode", String(message.errorCode)] as const] : []),
  ];
}

function isLost(status: string): boolean {
  return status === "undelivered" || status === "failed";
}

/** Tells the status callback one status of a message. */
export async function reportOnce(
  account: FakeAccount,
  message: FakeMessage,
  status: string,
  caller: WebhookCaller,
): Promise<void> {
  if (message.statusCallback === null) return;
  await callWebhook({
    kind: "report",
    url: message.statusCallback,
    messageSid: message.sid,
    pairs: reportPairs(account, message, status),
    authToken: account.authToken,
  }, caller);
}

/** Lets a message go its way through the statuses of a plan, and reports each. */
export async function carryOut(
  account: FakeAccount,
  message: FakeMessage,
  plan: ReportPlan,
  caller: WebhookCaller,
): Promise<void> {
  const order = plan.outOfOrder ? [...plan.statuses].reverse() : plan.statuses;
  for (const status of plan.statuses) if (isLost(status)) message.errorCode = plan.errorCode;
  for (const status of order) {
    if (plan.delayMs > 0) await sleep(account.clock, plan.delayMs);
    message.sentAtMs ??= account.clock.now();
    message.status = plan.outOfOrder ? plan.statuses.at(-1)! : status;
    for (let i = 0; i < (plan.doubled ? 2 : 1); i++) {
      await reportOnce(account, message, status, caller);
    }
  }
}
