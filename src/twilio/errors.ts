/**
 * Twilio's error codes: what each means, what the operator can do, and whether trying again helps.
 *
 * Source: https://www.twilio.com/docs/api/errors. The only place that knows a code by its number.
 *
 * @module
 */
import { lazily } from "../system/lazily.ts";

/** What kind of trouble a code is. */
export type TwilioErrorClass =
  /** Too fast: nothing was processed, a later try can succeed. */
  | "rate"
  /** Account SID, token, key or the account's state. */
  | "credentials"
  /** The number cannot be texted. */
  | "destination"
  /** The recipient said STOP. */
  | "opted-out"
  /** Our number or Messaging Service cannot send this. */
  | "sender"
  /** The text or its media. */
  | "content"
  /** A carrier or phone did not take it. */
  | "carrier"
  /** 10DLC, toll-free or other registration is missing. */
  | "registration"
  /** Money: balance, price limit. */
  | "money"
  /** Twilio could not use our webhook. */
  | "webhook"
  /** Twilio's own trouble. */
  | "server"
  /** Not in the table. */
  | "unknown";

/** One row of the table. */
export interface TwilioErrorInfo {
  readonly code: number;
  readonly class: TwilioErrorClass;
  /** What happened, without a full stop. */
  readonly meaning: string;
  /** What the operator can do, as a sentence. */
  readonly advice: string;
}

type Row = readonly [
  code: number,
  class_: TwilioErrorClass,
  meaning: string,
  advice: string,
];

const CHECK_NUMBER = "Check the number: it must be a mobile number in E.164, such as +15551234567.";
const CHECK_TOKEN =
  "Check the Account SID and the Auth Token (or API key and secret) in the Twilio console.";
const CHECK_SENDER =
  "Check fromNumber or messagingServiceSid: it must belong to this account and be able to send SMS.";
const REGISTER_10DLC =
  "Register the number for A2P 10DLC in the Twilio console and wait for approval.";
const CAMPAIGN_REJECTED =
  "Open the campaign in the Twilio console, mend what the review names, and hand it in again.";
const REGISTER_TOLL_FREE = "Finish the toll-free verification of the number in the Twilio console.";
const CHECK_WEBHOOK = "Run `sms-bridge doctor`: Twilio must reach publicWebhookUrl from outside.";
const CHECK_PROXY =
  "Something between Twilio and the bridge answers in its place: check the proxy.";
const CONSOLE_LOG = "Look at the message in the Twilio console's log.";
const OPEN_ACCOUNT = "Open the Twilio console: the account is suspended or closed.";
const UPGRADE = "Upgrade the Twilio account.";
const WAIT = "Nothing to do: it is tried again.";
const CHECK_MEDIA =
  "The media URL must answer with a file of an allowed type and size, without credentials.";

/** Each code with its class, its meaning and what to do. */
export const TWILIO_ERRORS: readonly Row[] = [
  [10001, "credentials", "the account is not active", OPEN_ACCOUNT],
  [10002, "credentials", "a trial account may not do this", UPGRADE],
  [11100, "webhook", "the webhook's URL is not valid", CHECK_WEBHOOK],
  [11200, "webhook", "Twilio could not get an answer from the webhook", CHECK_WEBHOOK],
  [11205, "webhook", "Twilio could not connect to the webhook", CHECK_WEBHOOK],
  [11206, "webhook", "the webhook did not speak HTTP", CHECK_WEBHOOK],
  [
    11210,
    "webhook",
    "Twilio did not find the webhook's host name",
    "Check the host in publicWebhookUrl and its DNS record.",
  ],
  [11215, "webhook", "the webhook redirected too often", CHECK_WEBHOOK],
  [
    11220,
    "webhook",
    "Twilio could not agree on TLS with the webhook",
    "Check the certificate of publicWebhookUrl and the chain it sends.",
  ],
  [11235, "webhook", "the webhook redirected without a place to go", CHECK_WEBHOOK],
  [11236, "webhook", "the webhook's certificate has expired", CHECK_WEBHOOK],
  [
    11237,
    "webhook",
    "the webhook's certificate could not be verified",
    "Check the certificate of publicWebhookUrl and the chain it sends.",
  ],
  [11751, "content", "a media file is larger than Twilio takes", CHECK_MEDIA],
  [
    12100,
    "webhook",
    "the webhook's answer was not well-formed XML",
    CHECK_PROXY,
  ],
  [12200, "webhook", "the webhook's answer held what Twilio does not know", CHECK_PROXY],
  [
    12300,
    "webhook",
    "the webhook's answer had a wrong content type",
    CHECK_PROXY,
  ],
  [14107, "rate", "more messages a second than the sender may send", WAIT],
  [
    20001,
    "unknown",
    "a parameter was not valid",
    CONSOLE_LOG,
  ],
  [20003, "credentials", "Twilio did not accept the credentials", CHECK_TOKEN],
  [
    20005,
    "credentials",
    "the account is not active",
    OPEN_ACCOUNT,
  ],
  [
    20006,
    "credentials",
    "access was denied",
    "Give the API key the right to send messages, or use the Auth Token.",
  ],
  [
    20008,
    "credentials",
    "test credentials cannot do this",
    "Use the live Account SID and Auth Token.",
  ],
  [
    20403,
    "credentials",
    "the account may not do this",
    "Look in the Twilio console at the account's rights.",
  ],
  [
    20404,
    "sender",
    "Twilio does not know what was asked for",
    "Check the Account SID and messagingServiceSid, and the region if one is set.",
  ],
  [20409, "server", "the request collided with another", "Send it again."],
  [20422, "content", "a parameter was not valid", CONSOLE_LOG],
  [20429, "rate", "too many requests at the same time", WAIT],
  [20500, "server", "an error inside Twilio", WAIT],
  [20503, "server", "Twilio is not available for a moment", WAIT],
  [20504, "server", "Twilio took too long", WAIT],
  [21211, "destination", "the number is not valid", CHECK_NUMBER],
  [21212, "sender", "our number is not valid", CHECK_SENDER],
  [21214, "destination", "the number cannot be reached", CHECK_NUMBER],
  [21217, "destination", "the number does not look like one", CHECK_NUMBER],
  [
    21266,
    "destination",
    "sender and recipient are the same number",
    "Text another number than the bridge's own.",
  ],
  [
    21408,
    "destination",
    "the account may not text this country",
    "Enable the country in the console: Messaging, Settings, Geo permissions.",
  ],
  [21601, "sender", "our number cannot send SMS", CHECK_SENDER],
  [21602, "content", "the message had no body", "Send some text or a media URL."],
  [21603, "sender", "the message had no sender", CHECK_SENDER],
  [21604, "destination", "the message had no recipient", CHECK_NUMBER],
  [21606, "sender", "our number cannot send to this destination", CHECK_SENDER],
  [
    21608,
    "destination",
    "a trial account can text verified numbers only",
    "Verify the number in the Twilio console, or upgrade the account.",
  ],
  [21609, "webhook", "the status callback is not a valid URL", "Check publicWebhookUrl."],
  [
    21610,
    "opted-out",
    "the recipient has opted out with STOP",
    "Have the recipient text START; where Twilio has lifted it already: `sms-bridge pair opt-in`.",
  ],
  [21611, "rate", "the sender's queue is full", WAIT],
  [
    21612,
    "destination",
    "no route from our number to this one",
    "Use a number of a kind and country that can reach it.",
  ],
  [
    21614,
    "destination",
    "the number is not a mobile number",
    "Landlines cannot be texted: use a mobile number.",
  ],
  [
    21617,
    "content",
    "the text is longer than 1,600 characters",
    "Lower textChunkLimit.",
  ],
  [21619, "content", "the message had neither text nor media", "Send some text or a media URL."],
  [21618, "content", "the text cannot be sent as it is", "Rephrase it."],
  [21620, "content", "a media URL is not valid", CHECK_MEDIA],
  [21623, "content", "more than ten media files", "Send at most ten files in one message."],
  [21621, "sender", "our number cannot send pictures", "Choose a number with the capability MMS."],
  [21622, "sender", "the account cannot send pictures", "Ask Twilio to turn MMS on."],
  [21624, "content", "the validity period is not valid", "Check bridge.validityPeriodSec."],
  [21627, "money", "the price limit is not valid", "Check bridge.maxPriceUsd."],
  [21635, "destination", "the number is a landline", CHECK_NUMBER],
  [21655, "content", "there is no such content template", "Check the content template."],
  [21656, "content", "the content variables are not valid", "Check the content template."],
  [21657, "sender", "the destination does not take this kind of sender", CHECK_SENDER],
  [
    21659,
    "sender",
    "our number is not one of Twilio's, or of another account or country",
    CHECK_SENDER,
  ],
  [21660, "sender", "our number does not belong to this account", CHECK_SENDER],
  [
    21661,
    "sender",
    "the number cannot send SMS",
    "Choose a number with SMS in the Twilio console, and set it as fromNumber.",
  ],
  [21701, "sender", "there is no such Messaging Service", "Check messagingServiceSid."],
  [
    21703,
    "sender",
    "the Messaging Service has no number that can send this",
    "Add a number to the Messaging Service.",
  ],
  [
    21704,
    "sender",
    "the Messaging Service has no numbers",
    "Add a number to the Messaging Service.",
  ],
  [21705, "sender", "the Messaging Service's SID is not valid", "Check messagingServiceSid."],
  [
    21712,
    "sender",
    "the number is not in the Messaging Service",
    "Add the number to the Messaging Service.",
  ],
  [
    30001,
    "rate",
    "the queue overflowed before the message was sent",
    "Send more slowly, or use more numbers.",
  ],
  [
    30002,
    "credentials",
    "the account was suspended after the message was queued",
    "Open the Twilio console.",
  ],
  [
    30003,
    "carrier",
    "the phone is off, out of reach or does not take SMS",
    "Try later; if it stays so, check the number.",
  ],
  [
    30004,
    "carrier",
    "the message was blocked by the recipient or carrier",
    "Ask the recipient whether their phone or contract blocks SMS.",
  ],
  [30005, "destination", "the number is unknown or not in use any more", CHECK_NUMBER],
  [
    30006,
    "destination",
    "the number is a landline or its carrier cannot be reached",
    "Use a mobile number.",
  ],
  [
    30007,
    "carrier",
    "the carrier or Twilio filtered the message as unwanted",
    "Avoid short links and advertising words; register the number (10DLC, toll-free).",
  ],
  [
    30008,
    "carrier",
    "the carrier gave no reason",
    "Try again later; write to Twilio support with the MessageSid if it stays so.",
  ],
  [30009, "carrier", "a part of a text to us is missing", "Ask the person to send it again."],
  [
    30010,
    "money",
    "the message would cost more than the price limit",
    "Raise maxPrice or send a shorter text.",
  ],
  [
    30011,
    "destination",
    "the phone's country or carrier takes no MMS",
    "Send the file as a link: texts without files arrive.",
  ],
  [30012, "content", "the validity period is too short", "Raise bridge.validityPeriodSec."],
  [30013, "content", "the validity period is too long", "Lower bridge.validityPeriodSec."],
  [30017, "carrier", "the carrier's network is congested", WAIT],
  [
    30018,
    "registration",
    "the carrier wants the sender ID registered beforehand",
    "Register the sender ID for that country in the Twilio console.",
  ],
  [
    30019,
    "content",
    "the message is too large for the recipient's carrier",
    "Send a smaller file.",
  ],
  [30022, "rate", "over the 10DLC campaign's messages a minute", "Send more slowly."],
  [
    30023,
    "rate",
    "over the 10DLC brand's messages a day",
    "Wait until tomorrow, or ask for a higher limit.",
  ],
  [30024, "registration", "the number is not ready at the carrier yet", WAIT],
  [30027, "rate", "T-Mobile's daily limit of the 10DLC brand is used up", "Wait until tomorrow."],
  [30032, "registration", "the toll-free number is not verified", REGISTER_TOLL_FREE],
  [30033, "registration", "the 10DLC campaign is suspended", "Open the campaign in the console."],
  [30034, "registration", "the number is not registered for A2P 10DLC", REGISTER_10DLC],
  [
    30035,
    "registration",
    "the number is being registered for A2P 10DLC, or its registration failed",
    REGISTER_10DLC,
  ],
  [
    30036,
    "carrier",
    "the message was not sent within its validity period",
    "Raise validityPeriod, or send more slowly.",
  ],
  [30038, "content", "the message looked like one-time codes that are not allowed", "Rephrase it."],
  [
    30039,
    "content",
    "the same exchange went round too often: a loop was broken",
    "Look at whether another machine answers the bridge.",
  ],
  [
    30042,
    "sender",
    "the sender ID was blocked: too general, or with special characters",
    "Choose a sender ID that names you, as Twilio's rules for that country ask.",
  ],
  [
    30044,
    "sender",
    "a trial account sends short messages only, and this one had too many segments",
    "Upgrade the Twilio account, or set textChunkLimit to 120: Twilio adds a line of its own.",
  ],
  [
    30110,
    "content",
    "the message has a link to a domain that Twilio blocks",
    "Leave that link out, or ask Twilio's support to look at the domain.",
  ],
  [30410, "server", "the provider took too long", WAIT],
  [
    30450,
    "carrier",
    "Twilio's protection against SMS pumping held the message back",
    "Look at SMS Pumping Protection and the geo permissions in the Twilio console.",
  ],
  [
    30453,
    "carrier",
    "Twilio blocked the message as a likely fraud",
    "Look at the message and its country in the Twilio console, and ask Twilio's support.",
  ],
  [30500, "server", "an error inside Twilio", WAIT],
  [
    30893,
    "registration",
    "the review of the A2P 10DLC campaign turned it down: its sample messages do not fit its use",
    CAMPAIGN_REJECTED,
  ],
  [30909, "registration", "the 10DLC campaign was rejected in review", CAMPAIGN_REJECTED],
  [30923, "registration", "the 10DLC campaign was rejected in review", CAMPAIGN_REJECTED],
  [
    63003,
    "destination",
    "the channel did not find the recipient",
    CHECK_NUMBER,
  ],
  [63007, "sender", "no sender of that channel", CHECK_SENDER],
  [
    63016,
    "content",
    "outside the channel's window for free texts",
    "Wait for the person to write first.",
  ],
  [
    63038,
    "rate",
    "the account's messages of the day are used up",
    "Wait until tomorrow, or ask Twilio for a higher daily limit.",
  ],
];

const table = lazily((): ReadonlyMap<number, TwilioErrorInfo> =>
  new Map(
    TWILIO_ERRORS.map(([code, class_, meaning, advice]) => [
      code,
      { code, class: class_, meaning, advice },
    ]),
  )
);

/** A code of Twilio's: four to six digits. A longer one may be a number of somebody's, and is none. */
export function readErrorCode(value: unknown): number | null {
  const code = typeof value === "number" ? String(value) : value;
  return typeof code === "string" && /^[1-9]\d{3,5}$/.test(code) ? Number(code) : null;
}

/** What is known of a code; for others a row of class `unknown` that points to Twilio's page. */
export function explainError(code: number): TwilioErrorInfo {
  return table().get(code) ?? {
    code,
    class: "unknown",
    meaning: `Twilio error ${code}`,
    advice: `See https://www.twilio.com/docs/errors/${code}.`,
  };
}

/** Codes that say nothing was processed: the very same request may be sent again. */
export function isRateLimit(code: number): boolean {
  return code === 20429 || code === 14107 || code === 21611;
}
