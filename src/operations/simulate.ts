/**
 * A text that nobody sent: signed as Twilio would and posted to the running bridge.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import type { AccountSettings } from "../config/settings.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { type Failure, invalidNumber } from "../system/failure.ts";
import { PROBE_TIMEOUT_MS } from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { encodeForm, type FormPair } from "../twilio/form.ts";
import { signForm } from "../twilio/signature.ts";
import type { ProbeParts } from "../checks/probe.ts";

/** A text that was posted. */
export interface Simulated {
  readonly account: string;
  readonly phone: Phone;
  readonly messageSid: string;
  /** Where it was posted to. */
  readonly url: string;
  readonly atMs: number;
  /** The answer; null when there was none. */
  readonly status: number | null;
  readonly tookMs: number;
}

function simulatedForm(
  account: AccountSettings,
  from: Phone,
  text: string,
  messageSid: string,
): FormPair[] {
  const { accountSid, fromNumber, messagingServiceSid } = account;
  return [
    ["ToCountry", "US"],
    ["SmsMessageSid", messageSid],
    ["NumMedia", "0"],
    ["SmsSid", messageSid],
    ["SmsStatus", "received"],
    ["Body", text],
    // A Messaging Service without a number of ours answers from any of its numbers, as none was texted.
    ["To", fromNumber ?? messagingServiceSid ?? ""],
    ...(messagingServiceSid === undefined
      ? []
      : [["MessagingServiceSid", messagingServiceSid] as const]),
    ["NumSegments", "1"],
    ["MessageSid", messageSid],
    ["AccountSid", accountSid],
    ["From", from],
    ["ApiVersion", "2010-04-01"],
  ];
}

function newMessageSid(random: Random): string {
  return `SM${encodeHex(random.bytes(16))}`;
}

/** Posts a signed text to where the bridge takes webhooks. */
export async function simulateText(
  { random, clock, listen, request }: ProbeParts,
  account: AccountSettings,
  input: { readonly from: string; readonly text: string },
): Promise<Simulated | Failure> {
  const phone = parsePhone(input.from);
  if (phone === null) return invalidNumber(input.from);
  const messageSid = newMessageSid(random);
  const pairs = simulatedForm(account, phone, input.text, messageSid);
  const signedUrl = (account.publicWebhookUrl ?? "").replace(/#.*$/s, "");
  const query = signedUrl.split(/\?(.*)/s)[1];
  const host = listen.hostname.includes(":") ? `[${listen.hostname}]` : listen.hostname;
  const url = `http://${host}:${listen.port}${account.webhookPath}${
    query === undefined ? "" : `?${query}`
  }`;
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": signForm(account.authToken, signedUrl, pairs),
  };
  const atMs = clock.now();
  const answer = await request(url, { headers, body: encodeForm(pairs) }, PROBE_TIMEOUT_MS);
  const given = answer.kind === "answer" ? answer : { status: null, tookMs: 0 };
  const { status, tookMs } = given;
  return { account: account.id, phone, messageSid, url, atMs, status, tookMs };
}
