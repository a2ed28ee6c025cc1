/**
 * Looking at Twilio: credentials, the sender and where its texts go, alerts, money.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { statusCallbackUrl } from "../twilio/delivery.ts";
import { explainError } from "../twilio/errors.ts";
import type { NumberRecord } from "../twilio/records.ts";
import type { TwilioClient, TwilioFailure } from "../twilio/rest.ts";
import { type Check, ok, problem, warning } from "./checks.ts";

const ALERTS_WINDOW_MS = 24 * 3_600_000;
const LOW_BALANCE = 1;
/** US and Canadian numbers that are not toll-free need A2P 10DLC registration for the US. */
const LOCAL_10DLC = /^\+1(?!8(?:00|33|44|55|66|77|88)).{10}$/;

/** Where two texts part, in words. */
export function whereTheyDiffer(theirs: string, ours: string): string {
  let at = 0;
  while (at < theirs.length && theirs[at] === ours[at]) at++;
  const shown = (text: string) => at < text.length ? `"${text.slice(at, at + 12)}"` : "nothing";
  return `they differ at character ${at + 1}: ${shown(theirs)} at Twilio, ${shown(ours)} here`;
}

function failed(id: string, account: string, failure: TwilioFailure): Check {
  if (failure.httpStatus === null) {
    const fix = "check the machine's network; is api.twilio.com reachable?";
    return problem(id, `Twilio does not answer: ${failure.message}`, fix, account);
  }
  const advice = failure.code === null
    ? "see https://status.twilio.com"
    : explainError(failure.code).advice;
  return problem(id, `Twilio refuses: ${failure.message}`, advice, account);
}

function checkWebhook(
  account: AccountSettings,
  url: string,
  method: string,
  where: string,
): Check[] {
  const ours = (account.publicWebhookUrl ?? "").replace(/#.*$/s, "");
  const theirs = url.replace(/#.*$/s, "");
  const checks: Check[] = [];
  if (theirs !== ours) {
    const said = theirs === ""
      ? `${where} has no URL for incoming messages`
      : `${where} sends texts elsewhere: ${whereTheyDiffer(theirs, ours)}`;
    checks.push(
      problem(
        "twilio-webhook",
        said,
        `set "A message comes in" to ${ours} in the Twilio console`,
        account.id,
      ),
    );
  } else checks.push(ok("twilio-webhook", `${where} sends texts to us`, account.id));
  if (theirs !== "" && method.toUpperCase() !== "POST") {
    const fix = 'set the method of "A message comes in" to HTTP POST in the Twilio console';
    checks.push(problem("twilio-method", `${where} uses ${method}, not POST`, fix, account.id));
  }
  return checks;
}

function checkNumber(account: AccountSettings, number: NumberRecord): Check[] {
  const checks = number.sendsSms
    ? [
      ok(
        "twilio-sender",
        `the number sends SMS${number.sendsMms ? " and MMS" : ", no MMS"}`,
        account.id,
      ),
    ]
    : [problem("twilio-sender", "the number cannot send SMS", "buy one that can", account.id)];
  if (number.smsApplicationSid !== null) {
    const fix = "remove the TwiML application from the number's messaging settings";
    checks.push(problem("twilio-webhook", "a TwiML application takes the texts", fix, account.id));
  } else checks.push(...checkWebhook(account, number.smsUrl, number.smsMethod, "the number"));
  checks.push(
    number.smsFallbackUrl === ""
      ? ok(
        "twilio-fallback",
        "no fallback URL: texts missed while away are fetched later",
        account.id,
      )
      : ok("twilio-fallback", "there is a fallback URL", account.id),
  );
  return checks;
}

async function checkSender(client: TwilioClient, account: AccountSettings): Promise<Check[]> {
  const { fromNumber, messagingServiceSid, id } = account;
  const checks: Check[] = [];
  let onNumber = messagingServiceSid === undefined;
  if (messagingServiceSid !== undefined) {
    const service = await client.fetchService(messagingServiceSid);
    if (service.kind !== "ok") checks.push(failed("twilio-sender", id, service));
    else if (service.value.useInboundWebhookOnNumber) onNumber = true;
    else {
      const { inboundRequestUrl, inboundMethod } = service.value;
      const where = "the Messaging Service";
      checks.push(...checkWebhook(account, inboundRequestUrl ?? "", inboundMethod, where));
    }
  }
  if (fromNumber === undefined || !onNumber) return checks;
  const number = await client.findIncomingNumber(fromNumber);
  if (number.kind !== "ok") return [...checks, failed("twilio-sender", id, number)];
  if (number.value === null) {
    const fix = "check channels.sms.fromNumber and channels.sms.accountSid: they belong together";
    return [...checks, problem("twilio-sender", "the number is not the account's", fix, id)];
  }
  return [...checks, ...checkNumber(account, number.value)];
}

async function checkAlerts(
  client: TwilioClient,
  { id }: AccountSettings,
  nowMs: number,
): Promise<Check[]> {
  const alerts = await client.listAlerts(nowMs - ALERTS_WINDOW_MS);
  if (alerts.kind !== "ok") return [];
  const codes = new Map<number, number>();
  for (const { errorCode } of alerts.value) {
    if (errorCode !== null) codes.set(errorCode, (codes.get(errorCode) ?? 0) + 1);
  }
  return [...codes].map(([code, count]) => {
    const { meaning, advice } = explainError(code);
    return warning("twilio-alerts", `${count} alerts ${code} in a day: ${meaning}`, advice, id);
  });
}

async function checkMoney(client: TwilioClient, { id }: AccountSettings): Promise<Check[]> {
  const balance = await client.fetchBalance();
  if (balance.kind !== "ok") return [];
  const { balance: amount, currency } = balance.value;
  const text = `the balance is ${amount} ${currency}`;
  if (Number(amount) >= LOW_BALANCE) return [ok("twilio-balance", text, id)];
  const fix = "add funds in the Twilio console, Billing";
  return [
    Number(amount) > 0
      ? warning("twilio-balance", text, fix, id)
      : problem("twilio-balance", text, fix, id),
  ];
}

function checkRegistration({ id, fromNumber, messagingServiceSid }: AccountSettings): Check[] {
  if (fromNumber === undefined || !LOCAL_10DLC.test(fromNumber)) return [];
  const text = messagingServiceSid === undefined
    ? "a US local number needs A2P 10DLC registration to text the US"
    : "a US local number needs an approved A2P 10DLC campaign in its Messaging Service";
  return [ok("twilio-a2p", text, id)];
}

/** Everything about one account at Twilio. */
export async function probeTwilio(
  client: TwilioClient,
  account: AccountSettings,
  nowMs: number,
): Promise<Check[]> {
  const { id } = account;
  const known = await client.fetchAccount();
  if (known.kind !== "ok") return [failed("twilio-credentials", id, known)];
  const checks = [ok("twilio-credentials", "Twilio takes the credentials", id)];
  if (known.value.status !== "active") {
    const fix = "open the account in the Twilio console";
    checks.push(problem("twilio-account", `the account is ${known.value.status}`, fix, id));
  }
  if (known.value.trial) {
    const fix = "upgrade it in the Twilio console; until then verify each recipient there";
    checks.push(warning("twilio-account", "a trial account texts verified numbers only", fix, id));
  }
  const parts = await Promise.all([
    checkSender(client, account),
    checkAlerts(client, account, nowMs),
    checkMoney(client, account),
  ]);
  return [...checks, ...parts.flat(), ...checkRegistration(account)];
}

/** The URL for delivery reports, as `capabilities` shows it. */
export function reportUrl({ publicWebhookUrl }: AccountSettings): string | null {
  return publicWebhookUrl === undefined ? null : statusCallbackUrl(publicWebhookUrl);
}
