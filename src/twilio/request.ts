/**
 * What we ask of Twilio's REST API, as requests that are ready to be sent.
 *
 * Source: https://www.twilio.com/docs/messaging/api and Twilio's OpenAPI description.
 *
 * @module
 */
import type { FormPair } from "./form.ts";

/** The part of Twilio that a request goes to; each has a host of its own. */
export type TwilioProduct = "api" | "messaging" | "monitor";

/** A request without its host and credentials. */
export interface TwilioRequest {
  readonly method: "GET" | "POST";
  readonly product: TwilioProduct;
  /** Starts with `/`. */
  readonly path: string;
  readonly query: readonly FormPair[];
  /** The form to be posted; null for a read. */
  readonly form: readonly FormPair[] | null;
}

/** A message to be sent, from a number or a Messaging Service. */
export interface OutgoingMessage {
  readonly to: string;
  readonly from?: string | undefined;
  readonly messagingServiceSid?: string | undefined;
  /** At most 1,600 characters (error 21617). */
  readonly body?: string | undefined;
  /** At most ten; Twilio fetches them itself. */
  readonly mediaUrls?: readonly string[] | undefined;
  /** Where delivery reports go. */
  readonly statusCallback?: string | undefined;
  /** In the account's currency: Twilio drops a message that would cost more. */
  readonly maxPrice?: number | undefined;
  /** Twilio drops a message that waited longer (1 to 36,000). */
  readonly validityPeriodSeconds?: number | undefined;
}

/** Which messages to list; all of it must hold. */
export interface MessageFilter {
  readonly to?: string | undefined;
  readonly from?: string | undefined;
  /** Sent at this time or later; milliseconds since the epoch, rounded down to seconds. */
  readonly sentFromMs?: number | undefined;
  /** Sent at this time or earlier. */
  readonly sentUntilMs?: number | undefined;
  /** Rows a page, 1 to 1,000. */
  readonly pageSize?: number | undefined;
}

/** How a number hands over its texts. */
export interface NumberWebhook {
  readonly smsUrl: string;
  readonly smsMethod: "POST" | "GET";
  /** Where they go when `smsUrl` does not take them. */
  readonly smsFallbackUrl?: string | undefined;
  readonly smsFallbackMethod?: "POST" | undefined;
  /** A TwiML App counts before the URL; empty takes it off the number. */
  readonly smsApplicationSid?: string | undefined;
}

/** One thing that is asked of Twilio. */
export type TwilioCall =
  | { readonly op: "sendMessage"; readonly message: OutgoingMessage }
  | { readonly op: "listMessages"; readonly filter: MessageFilter }
  | { readonly op: "fetchMessage"; readonly sid: string }
  | { readonly op: "listMedia"; readonly sid: string; readonly pageSize?: number | undefined }
  | {
    readonly op: "listNumbers";
    readonly phoneNumber?: string | undefined;
    readonly pageSize?: number | undefined;
  }
  | { readonly op: "updateNumber"; readonly sid: string; readonly webhook: NumberWebhook }
  | { readonly op: "fetchService"; readonly sid: string }
  | { readonly op: "listServices" }
  | { readonly op: "listServiceNumbers"; readonly sid: string }
  | {
    readonly op: "listAlerts";
    readonly sinceMs?: number | undefined;
    readonly pageSize?: number | undefined;
  }
  | { readonly op: "fetchAccount" }
  | { readonly op: "fetchBalance" };

type Field = readonly [name: string, value: string | number | boolean | undefined];

function present(fields: readonly Field[]): FormPair[] {
  return fields.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const]
  );
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}

function get(
  path: string,
  query: readonly Field[] = [],
  product: TwilioProduct = "api",
): TwilioRequest {
  return { method: "GET", product, path, query: present(query), form: null };
}

function post(path: string, form: readonly FormPair[]): TwilioRequest {
  return { method: "POST", product: "api", path, query: [], form };
}

function messageForm(message: OutgoingMessage): FormPair[] {
  return [
    ...present([
      ["To", message.to],
      ["From", message.from],
      ["MessagingServiceSid", message.messagingServiceSid],
      ["Body", message.body],
    ]),
    ...(message.mediaUrls ?? []).map((url) => ["MediaUrl", url] as const),
    ...present([
      ["StatusCallback", message.statusCallback],
      ["MaxPrice", message.maxPrice],
      ["ValidityPeriod", message.validityPeriodSeconds],
    ]),
  ];
}

function messageQuery(filter: MessageFilter): Field[] {
  return [
    ["To", filter.to],
    ["From", filter.from],
    ["DateSent>", seconds(filter.sentFromMs)],
    ["DateSent<", seconds(filter.sentUntilMs)],
    ["PageSize", filter.pageSize],
  ];
}

function checkCall(call: TwilioCall): void {
  if (call.op === "sendMessage" && !call.message.to) {
    throw new TypeError('Cannot send a message as "to" must be a number: current value is empty');
  }
  if ("sid" in call && !/^[A-Z]{2}[0-9a-f]{32}$/i.test(call.sid)) {
    throw new TypeError(`Cannot ${call.op} as "sid" must be two letters and 32 digits`);
  }
}

/**
 * Makes the request of a call on an account.
 *
 * @throws {TypeError} when a call lacks its `to`, or has a `sid` that could not be one: a bug of ours,
 * as no such request may leave.
 */
export function buildRequest(call: TwilioCall, accountSid: string): TwilioRequest {
  checkCall(call);
  const account = `/2010-04-01/Accounts/${accountSid}`;
  switch (call.op) {
    case "sendMessage":
      return post(`${account}/Messages.json`, messageForm(call.message));
    case "listMessages":
      return get(`${account}/Messages.json`, messageQuery(call.filter));
    case "fetchMessage":
      return get(`${account}/Messages/${call.sid}.json`);
    case "listMedia":
      return get(`${account}/Messages/${call.sid}/Media.json`, [["PageSize", call.pageSize]]);
    case "listNumbers":
      return get(`${account}/IncomingPhoneNumbers.json`, [
        ["PhoneNumber", call.phoneNumber],
        ["PageSize", call.pageSize],
      ]);
    case "updateNumber":
      return post(
        `${account}/IncomingPhoneNumbers/${call.sid}.json`,
        present([
          ["SmsUrl", call.webhook.smsUrl],
          ["SmsMethod", call.webhook.smsMethod],
          ["SmsFallbackUrl", call.webhook.smsFallbackUrl],
          ["SmsFallbackMethod", call.webhook.smsFallbackMethod],
          ["SmsApplicationSid", call.webhook.smsApplicationSid],
        ]),
      );
    case "fetchService":
      return get(`/v1/Services/${call.sid}`, [], "messaging");
    case "listServices":
      return get("/v1/Services", [], "messaging");
    case "listServiceNumbers":
      return get(`/v1/Services/${call.sid}/PhoneNumbers`, [["PageSize", 1_000]], "messaging");
    case "listAlerts":
      return get("/v1/Alerts", [
        ["StartDate", seconds(call.sinceMs)],
        ["PageSize", call.pageSize],
      ], "monitor");
    case "fetchAccount":
      return get(`${account}.json`);
    case "fetchBalance":
      return get(`${account}/Balance.json`);
  }
}

/** HTTP Basic (RFC 7617) for an Account SID and Auth Token, or an API key and its secret. */
export function basicAuthorization(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** Where Twilio is. */
export interface TwilioPlace {
  /** Takes the place of every host, as for a fake; without a slash at its end. */
  readonly baseUrl?: string | undefined;
  /** Where data is processed, such as `ie1`. */
  readonly region?: string | undefined;
  /** Where requests enter Twilio's network, such as `dublin`. */
  readonly edge?: string | undefined;
}

/** The edge that Twilio documents for each region outside the United States. */
const EDGE_OF_REGION: Readonly<Record<string, string>> = {
  au1: "sydney",
  ie1: "dublin",
};

/**
 * The origin of a product, such as `https://api.dublin.ie1.twilio.com`
 * (https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions).
 */
export function twilioOrigin(product: TwilioProduct, place: TwilioPlace): string {
  if (place.baseUrl !== undefined) return place.baseUrl;
  const region = place.region ?? (place.edge === undefined ? undefined : "us1");
  if (region === undefined) return `https://${product}.twilio.com`;
  const edge = place.edge ?? EDGE_OF_REGION[region];
  return `https://${[product, edge, region].filter((part) => part).join(".")}.twilio.com`;
}
