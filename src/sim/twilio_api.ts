/**
 * The fake Twilio's REST API.
 *
 * @module
 */
import { basicAuthorization } from "../twilio/request.ts";
import { firstValue, parseForm } from "../twilio/form.ts";
import type { FakeAccount, FakeMessage, FakeNumber } from "./twilio_account.ts";
import { errorAnswer, jsonAnswer } from "./twilio_faults.ts";
import { alertRow, mediaRow, messageRow, numberRow, pageOf, serviceRow } from "./twilio_rows.ts";
import { takeSend } from "./twilio_send.ts";

/** What the API works on. */
export interface FakeApi {
  readonly account: FakeAccount;
  /** The origin of the host that files are kept on. */
  readonly mediaOrigin: () => string;
  /** Called with each message that was taken. */
  readonly onSend: (message: FakeMessage) => void;
}

/** A request whose body has been read. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

function notFound(): Response {
  return errorAnswer(404, 20404, "The requested resource was not found");
}

/** Whether the credentials are the account's. */
export function isAuthorized(account: FakeAccount, headers: Headers): boolean {
  const given = headers.get("authorization");
  return [[account.accountSid, account.authToken] as const, ...account.apiKeys]
    .some(([name, password]) => given === basicAuthorization(name, password));
}

function within(value: number | null, query: URLSearchParams, name: string): boolean {
  const least = query.get(`${name}>`);
  const most = query.get(`${name}<`);
  if (least !== null && (value === null || value < Date.parse(least))) return false;
  return most === null || (value !== null && value <= Date.parse(most));
}

function listMessages({ account }: FakeApi, { url }: ApiRequest): Response {
  const query = url.searchParams;
  const fits = (wanted: string | null, value: string) => wanted === null || wanted === value;
  const rows = account.messages
    .filter((message) =>
      fits(query.get("To"), message.to) && fits(query.get("From"), message.from) &&
      within(message.sentAtMs, query, "DateSent")
    )
    .reverse()
    .map((message) => messageRow(account, message));
  return jsonAnswer(200, pageOf("messages", rows, url.pathname, query));
}

function send(api: FakeApi, request: ApiRequest): Response {
  const type = request.headers.get("content-type") ?? "";
  const form = /^application\/x-www-form-urlencoded\b/i.test(type) ? parseForm(request.body) : [];
  const taken = takeSend(api.account, form);
  if ("code" in taken) return errorAnswer(taken.status, taken.code, taken.message);
  const answer = jsonAnswer(201, messageRow(api.account, taken));
  api.onSend(taken);
  return answer;
}

function changeNumber(number: FakeNumber, body: string): void {
  const form = parseForm(body);
  number.smsUrl = firstValue(form, "SmsUrl") ?? number.smsUrl;
  number.smsMethod = firstValue(form, "SmsMethod") ?? number.smsMethod;
  number.smsFallbackUrl = firstValue(form, "SmsFallbackUrl") ?? number.smsFallbackUrl;
}

function numbers({ account }: FakeApi, { method, url, body }: ApiRequest, sid: string): Response {
  if (sid === "") {
    const part = url.searchParams.get("PhoneNumber") ?? "";
    const rows = account.numbers
      .filter(({ phoneNumber }) => phoneNumber.includes(part))
      .map((number) => numberRow(account, number));
    return jsonAnswer(200, pageOf("incoming_phone_numbers", rows, url.pathname, url.searchParams));
  }
  const number = account.numbers.find((one) => one.sid === sid);
  if (number === undefined) return notFound();
  if (method === "POST") changeNumber(number, body);
  return jsonAnswer(200, numberRow(account, number));
}

function media(api: FakeApi, { url }: ApiRequest, message: FakeMessage, sid: string): Response {
  const { account } = api;
  if (sid === "") {
    const rows = message.media.map((one) => mediaRow(account, message, one));
    return jsonAnswer(200, pageOf("media_list", rows, url.pathname, url.searchParams));
  }
  if (!message.media.some((one) => one.sid === sid)) return notFound();
  const location = `${api.mediaOrigin()}/${account.accountSid}/${sid}?Expires=1&Signature=fake`;
  return new Response(null, { status: 307, headers: { location } });
}

function messages(api: FakeApi, request: ApiRequest, rest: string): Response {
  if (rest === "") {
    return request.method === "POST" ? send(api, request) : listMessages(api, request);
  }
  const [, sid = "", tail = "", mediaSid = ""] =
    rest.match(/^\/([A-Z]{2}[0-9a-f]{32})(\/Media(?:\/(ME[0-9a-f]{32}))?)?$/) ?? [];
  const message = api.account.messages.find((one) => one.sid === sid);
  if (message === undefined) return notFound();
  if (tail !== "") return media(api, request, message, mediaSid);
  if (request.method === "POST") {
    if (firstValue(parseForm(request.body), "Status") !== "canceled") return notFound();
    message.status = "canceled";
  }
  return jsonAnswer(200, messageRow(api.account, message));
}

/** Answers a request to any of Twilio's hosts that the bridge asks. */
export function answerApi(api: FakeApi, request: ApiRequest): Response {
  const { account } = api;
  if (!isAuthorized(account, request.headers)) return errorAnswer(401, 20003, "Authenticate");
  const path = request.url.pathname;
  if (path === "/v1/Alerts") {
    const rows = account.alerts.map((alert) => alertRow(account, alert)).reverse();
    return jsonAnswer(200, { alerts: rows, meta: { key: "alerts", next_page_url: null } });
  }
  if (account.messagingServiceSid !== null && path.startsWith("/v1/Services")) {
    const service = serviceRow(account);
    if (path === "/v1/Services") {
      return jsonAnswer(200, { services: [service], meta: { key: "services" } });
    }
    if (path === `/v1/Services/${account.messagingServiceSid}/PhoneNumbers`) {
      const rows = account.numbers.map((number) => numberRow(account, number));
      return jsonAnswer(200, { phone_numbers: rows, meta: { key: "phone_numbers" } });
    }
    return path === `/v1/Services/${account.messagingServiceSid}`
      ? jsonAnswer(200, service)
      : notFound();
  }
  const root = `/2010-04-01/Accounts/${account.accountSid}`;
  if (!path.startsWith(root)) return notFound();
  const rest = path.slice(root.length).replace(/\.json$/, "");
  if (rest === "") {
    return jsonAnswer(200, {
      sid: account.accountSid,
      friendly_name: "fake account",
      status: account.status,
      type: account.type,
    });
  }
  if (rest === "/Balance") {
    const { accountSid: account_sid, balance } = account;
    return jsonAnswer(200, { account_sid, balance, currency: "USD" });
  }
  if (rest.startsWith("/Messages")) return messages(api, request, rest.slice("/Messages".length));
  const [, tail, sid = ""] = rest.match(/^\/IncomingPhoneNumbers(\/(PN[0-9a-f]{32}))?$/) ?? [];
  return tail === undefined && rest !== "/IncomingPhoneNumbers"
    ? notFound()
    : numbers(api, request, sid);
}
