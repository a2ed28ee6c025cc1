/**
 * What Twilio says of an account of ours: credentials, the sender, where its texts go, what went wrong
 * recently, what is left to spend.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { Clock } from "../system/clock.ts";
import { maskNumber, shownUrl } from "../system/redact.ts";
import { isAboutWebhook } from "../twilio/alerts.ts";
import { explainError } from "../twilio/errors.ts";
import type { MessageRecord, NumberRecord, ServiceRecord } from "../twilio/records.ts";
import type { ReadOutcome, TwilioClient, TwilioFailure } from "../twilio/rest.ts";
import { describeDifference, urlDifference } from "../twilio/url_difference.ts";
import { type Check, checkOf } from "./check.ts";

/** What of an account concerns Twilio. */
export type TwilioIdentity =
  & Pick<
    AccountSettings,
    "id" | "fromNumber" | "messagingServiceSid" | "publicWebhookUrl" | "textChunkLimit"
  >
  & Partial<Pick<AccountSettings, "apiKeySid">>;

/** What these checks work with. */
export interface TwilioProbeParts {
  readonly account: TwilioIdentity;
  readonly twilio: TwilioClient;
  readonly clock: Clock;
  /** Ends reads that take too long. */
  readonly signal: AbortSignal;
  /** Whether several bridges share the store, each with a public URL of its own. */
  readonly shared?: boolean | undefined;
  /** How many US dollars a day were spent of late; left out where nobody knows. */
  readonly usdPerDay?: (() => Promise<number>) | undefined;
}

/** How many days a balance lasts at the rate of late; null when that cannot be said. */
export function lastsDays(left: number, currency: string, usdPerDay: number): number | null {
  return currency === "USD" && usdPerDay > 0 ? Math.max(0, Math.floor(left / usdPerDay)) : null;
}

/** Alerts and failed deliveries of this time count as recent. */
const RECENT_MS = 24 * 3_600_000;
/** Below this many units of the account's currency a warning is due. */
const BALANCE_LOW = 2;
/** With "Sent from your Twilio trial account - " before it, such a text still is one segment. */
const TRIAL_CHUNK_LIMIT = 120;
const TOLL_FREE = /^\+1(800|833|844|855|866|877|888)/;
const CONSOLE_FIX = "open the number in the Twilio Console, Messaging Configuration";

/** What a failed read means for the check that needed it. */
function failedRead(
  { reason, httpStatus, message }: TwilioFailure,
): { readonly refused: boolean; readonly detail: string; readonly fix: string } {
  if (httpStatus === 401 || httpStatus === 403) {
    return {
      refused: true,
      detail: `Twilio refuses the credentials (${message})`,
      fix: "copy the Account SID and the Auth Token from the Twilio Console again, " +
        "then restart the bridge; with an API key, its SID and secret",
    };
  }
  if (httpStatus === 404) {
    return {
      refused: true,
      detail: `Twilio knows no account with this Account SID (${message})`,
      fix: "copy the Account SID from the Twilio Console again, and set region where the account " +
        "is not in us1",
    };
  }
  if (httpStatus !== null) {
    return {
      refused: false,
      detail: `Twilio answers with an error (${httpStatus}: ${message})`,
      fix: httpStatus === 429
        ? "wait a minute, then run doctor again"
        : "look at https://status.twilio.com, then run doctor again",
    };
  }
  return {
    refused: false,
    detail: `Twilio does not answer (${reason})`,
    fix: "check this machine's way to api.twilio.com, and https://status.twilio.com",
  };
}

/** Whether Twilio accepts the credentials, and what the account is. */
export async function checkCredentials(
  { account, twilio, signal }: TwilioProbeParts,
): Promise<Check> {
  const check = checkOf("twilio.credentials", "Twilio credentials", account.id);
  const read = await twilio.fetchAccount(signal);
  if (read.kind === "failed") {
    const { refused, detail, fix } = failedRead(read);
    // A standard API key may do all but read the account itself.
    const byKey = account.apiKeySid !== undefined;
    if (refused && byKey && (await twilio.listIncomingNumbers(signal)).kind === "ok") {
      return check.ok("they are right; this API key does not tell whether the account is active");
    }
    return check.problem(detail, fix);
  }
  const { status, trial } = read.value;
  if (status !== "active") {
    return check.problem(`the account is ${status}`, "open the Twilio Console and settle it there");
  }
  if (!trial) return check.ok("they are right, and the account is active");
  const only = "they are right, but it is a trial account: it texts verified numbers only";
  const upgrade = "upgrade the account in the Twilio Console";
  return account.textChunkLimit <= TRIAL_CHUNK_LIMIT ? check.warning(only, upgrade) : check.warning(
    `${only}, and short messages (30044), to each of which Twilio adds a line`,
    `${upgrade}, or set textChunkLimit to ${TRIAL_CHUNK_LIMIT}`,
    `sms-bridge config set channels.sms.textChunkLimit ${TRIAL_CHUNK_LIMIT}`,
  );
}

async function checkBalance(
  { account, twilio, signal, usdPerDay }: TwilioProbeParts,
): Promise<Check> {
  const check = checkOf("twilio.balance", "Twilio balance", account.id);
  const read = await twilio.fetchBalance(signal);
  if (read.kind === "failed") return check.skipped("Twilio does not tell it to these credentials");
  const { balance, currency } = read.value;
  const left = Number(balance);
  if (balance === "" || !Number.isFinite(left)) return check.skipped("Twilio tells none");
  const days = lastsDays(left, currency, await usdPerDay?.() ?? 0);
  const lasts = days === null ? "" : `, lasts about ${days} ${days === 1 ? "day" : "days"}`;
  const shown = `${left.toFixed(2)} ${currency}${lasts}`;
  const fix = "top the account up in the Twilio Console, Billing";
  if (left <= 0) return check.problem(`${shown}: nothing can be sent`, fix);
  return left < BALANCE_LOW ? check.warning(`only ${shown}`, fix) : check.ok(shown);
}

/** Where an account's texts go, and what its sender can do. */
interface Sender {
  /** Where it is set, for a sentence. */
  readonly noun: string;
  readonly url: string;
  readonly method: string;
  readonly fallbackUrl: string;
  readonly applicationSid: string | null;
  readonly sms: boolean;
  readonly mms: boolean;
}

function senderOfNumber(number: NumberRecord): Sender {
  return {
    noun: maskNumber(number.phoneNumber),
    url: number.smsUrl,
    method: number.smsMethod,
    fallbackUrl: number.smsFallbackUrl,
    applicationSid: number.smsApplicationSid,
    sms: number.sendsSms,
    mms: number.sendsMms,
  };
}

/** A Messaging Service answers for its numbers; what they can do, it can. */
function senderOfService(
  service: ServiceRecord,
  can: Pick<Sender, "sms" | "mms"> = { sms: true, mms: true },
): Sender {
  return {
    noun: "the Messaging Service",
    url: service.inboundRequestUrl ?? "",
    method: service.inboundMethod || "POST",
    fallbackUrl: service.fallbackUrl ?? "",
    applicationSid: null,
    sms: can.sms,
    mms: can.mms,
  };
}

/** What is known of the sender: itself, or the checks that say why not. */
type FoundSender = { readonly sender: Sender } | { readonly check: Check };

function notRead(account: TwilioIdentity, read: TwilioFailure): FoundSender {
  const check = checkOf("twilio.sender", "Twilio sender", account.id);
  if (read.httpStatus === 404) {
    return {
      check: check.problem(
        "the account has no such Messaging Service",
        "set messagingServiceSid to the one of this account (Twilio Console, Messaging, Services)",
      ),
    };
  }
  return { check: check.skipped(failedRead(read).detail) };
}

/** The service that takes the texts in place of its numbers; null when there is none. */
async function findService(
  { account, twilio, signal }: TwilioProbeParts,
): Promise<ReadOutcome<ServiceRecord | null>> {
  const { messagingServiceSid } = account;
  if (messagingServiceSid === undefined) return { kind: "ok", value: null };
  const read = await twilio.fetchService(messagingServiceSid, signal);
  if (read.kind === "failed") return read;
  return { kind: "ok", value: read.value.useInboundWebhookOnNumber ? null : read.value };
}

async function findSender(parts: TwilioProbeParts): Promise<FoundSender> {
  const { account, twilio, signal } = parts;
  const check = checkOf("twilio.sender", "Twilio sender", account.id);
  const service = await findService(parts);
  if (service.kind === "failed") return notRead(account, service);
  if (account.fromNumber === undefined) {
    return service.value === null
      ? { check: check.ok("the Messaging Service leaves the webhook to its numbers") }
      : { sender: senderOfService(service.value) };
  }
  const read = await twilio.findIncomingNumber(account.fromNumber, signal);
  if (read.kind === "failed") return notRead(account, read);
  if (read.value !== null) {
    const number = senderOfNumber(read.value);
    return { sender: service.value === null ? number : senderOfService(service.value, number) };
  }
  return {
    check: check.problem(
      `${maskNumber(account.fromNumber)} does not belong to this Twilio account`,
      "set fromNumber (TWILIO_PHONE_NUMBER) to a number listed in the Twilio Console, Active numbers",
    ),
  };
}

function checkCapability({ account }: TwilioProbeParts, { noun, sms, mms }: Sender): Check {
  const check = checkOf("twilio.sender", "Twilio sender", account.id);
  if (!sms) {
    return check.problem(
      `${noun} cannot send SMS`,
      "choose a number with the capability SMS in the Twilio Console, and set it as fromNumber",
    );
  }
  return check.ok(`${noun} takes SMS${mms ? " and MMS" : ", but no MMS (no pictures)"}`);
}

const ON_THE_SECOND = "on the machine whose URL Twilio does not call first";
const FALLBACK_COMMAND = "sms-bridge webhook set --fallback";

function checkUrl({ account, shared }: TwilioProbeParts, sender: Sender): Check {
  const check = checkOf("twilio.webhook-url", "Twilio's webhook URL", account.id);
  const ours = account.publicWebhookUrl;
  if (ours === undefined) return check.skipped("publicWebhookUrl is not set");
  const fix = `${CONSOLE_FIX}, and set "A message comes in" to Webhook, ${ours}, HTTP POST`;
  if (sender.applicationSid !== null) {
    return check.problem(
      `${sender.noun} asks a TwiML App, not a webhook`,
      `${CONSOLE_FIX}: choose "Webhook" in place of "TwiML App", with ${ours}`,
    );
  }
  if (sender.url === "") return check.problem(`${sender.noun} has none: texts go nowhere`, fix);
  const difference = urlDifference(sender.url, ours);
  if (difference === null) return check.ok(`${sender.noun} calls ${ours}`);
  if (shared && sender.fallbackUrl !== "" && urlDifference(sender.fallbackUrl, ours) === null) {
    return check.ok(
      `${sender.noun} calls ${shownUrl(sender.url)} first, and ours when that does not answer`,
    );
  }
  const detail = `Twilio calls ${shownUrl(sender.url)}, ours is ${ours}; ${
    describeDifference(difference)
  }`;
  return shared
    ? check.problem(detail, ON_THE_SECOND, FALLBACK_COMMAND)
    : check.problem(detail, fix);
}

function checkMethod({ account }: TwilioProbeParts, { method, noun }: Sender): Check {
  const check = checkOf("twilio.webhook-method", "Twilio's webhook method", account.id);
  return method.toUpperCase() === "POST" ? check.ok("POST") : check.problem(
    `${noun} uses ${method}: the bridge takes POST only`,
    `${CONSOLE_FIX}, and set the webhook's method to HTTP POST`,
  );
}

function checkFallback({ account, shared }: TwilioProbeParts, { fallbackUrl }: Sender): Check {
  const check = checkOf("twilio.fallback-url", "Twilio's fallback URL", account.id);
  const ours = account.publicWebhookUrl ?? "";
  if (shared) {
    return fallbackUrl !== "" ? check.ok(shownUrl(fallbackUrl)) : check.warning(
      "none, though another bridge shares the store: texts wait while Twilio's URL is away",
      ON_THE_SECOND,
      FALLBACK_COMMAND,
    );
  }
  if (fallbackUrl === "") return check.ok("none; the bridge fetches what it missed by itself");
  return urlDifference(fallbackUrl, ours) === null ? check.ok("the webhook itself") : check.warning(
    `${shownUrl(fallbackUrl)} gets the texts that the bridge could not take`,
    `${CONSOLE_FIX}, and empty "Primary handler fails", unless that is wanted`,
  );
}

/** What the sender can do, and where its texts go. */
export async function checkSender(parts: TwilioProbeParts): Promise<Check[]> {
  const found = await findSender(parts);
  if ("check" in found) return [found.check];
  const { sender } = found;
  return [
    checkCapability(parts, sender),
    checkUrl(parts, sender),
    checkMethod(parts, sender),
    checkFallback(parts, sender),
  ];
}

function newest<T>(rows: readonly T[], codeOf: (row: T) => number | null): Map<number, number> {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const code = codeOf(row);
    if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return counts;
}

function describeCodes(counts: ReadonlyMap<number, number>): string {
  return [...counts].slice(0, 3)
    .map(([code, count]) => `${count} × ${code} (${explainError(code).meaning})`).join(", ");
}

async function checkAlerts({ account, twilio, clock, signal }: TwilioProbeParts): Promise<Check> {
  const check = checkOf("twilio.alerts", "Twilio's alerts on the webhook", account.id);
  const read = await twilio.listAlerts(clock.now() - RECENT_MS, signal);
  if (read.kind === "failed") {
    return check.skipped("Twilio does not tell them to these credentials");
  }
  const counts = newest(
    read.value.filter((alert) => isAboutWebhook(alert, account.publicWebhookUrl)),
    ({ errorCode }) => errorCode,
  );
  const [first] = counts.keys();
  return first === undefined
    ? check.ok("none in 24 hours")
    : check.warning(`in 24 hours: ${describeCodes(counts)}`, explainError(first).advice);
}

async function firstPage(
  { twilio, account, signal }: TwilioProbeParts,
): Promise<ReadOutcome<readonly MessageRecord[]>> {
  const filter = { from: account.fromNumber, pageSize: 50 };
  for await (const page of twilio.listMessages(filter, signal)) {
    return page.kind === "ok" ? { kind: "ok", value: page.value.messages } : page;
  }
  return { kind: "ok", value: [] };
}

/** What kind of registration a sender of this form needs before carriers take its texts. */
function registrationHint({ fromNumber }: TwilioIdentity): string {
  if (fromNumber === undefined) {
    return "the service's US numbers need an approved A2P 10DLC campaign";
  }
  if (TOLL_FREE.test(fromNumber)) return "a toll-free number needs its verification to be finished";
  return fromNumber.startsWith("+1")
    ? "a US number needs A2P 10DLC registration to text the US"
    : "no US registration is needed for this number";
}

async function checkDeliveries(parts: TwilioProbeParts): Promise<Check> {
  const { account, clock } = parts;
  const check = checkOf("twilio.deliveries", "Deliveries and A2P registration", account.id);
  const read = await firstPage(parts);
  if (read.kind === "failed") return check.skipped(failedRead(read).detail);
  const recent = read.value.filter(({ direction, createdAtMs }) =>
    direction.startsWith("outbound") && (createdAtMs ?? 0) >= clock.now() - RECENT_MS
  );
  const failed = newest(recent, ({ errorCode }) => errorCode);
  const registration = [...failed.keys()].find((code) =>
    explainError(code).class === "registration"
  );
  const detail = `in 24 hours: ${describeCodes(failed)}`;
  if (registration !== undefined) return check.problem(detail, explainError(registration).advice);
  const [first] = failed.keys();
  if (first !== undefined) return check.warning(detail, explainError(first).advice);
  return check.ok(`no failure among ${recent.length} of 24 hours; ${registrationHint(account)}`);
}

/** Asks Twilio about one account. When the credentials are refused, nothing else is asked. */
export async function probeTwilio(parts: TwilioProbeParts): Promise<Check[]> {
  const credentials = await checkCredentials(parts);
  if (credentials.state === "problem") return [credentials];
  const [sender, alerts, balance, deliveries] = await Promise.all([
    checkSender(parts),
    checkAlerts(parts),
    checkBalance(parts),
    checkDeliveries(parts),
  ]);
  return [credentials, ...sender, alerts, balance, deliveries];
}
