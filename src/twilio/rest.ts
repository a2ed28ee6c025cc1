/**
 * The client of Twilio's REST API: requests out, answers in, nothing decided here.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";
import {
  TWILIO_LIST_PAGES_MAX,
  TWILIO_READ_ATTEMPTS_MAX,
  TWILIO_READ_WAIT_MS_MAX,
  TWILIO_RESPONSE_BYTES_MAX,
} from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { encodeForm, onceBody } from "./form.ts";
import { fetchMedia, type MediaFile, type MediaRequest } from "./media.ts";
import { mediaUrl } from "./media_url.ts";
import {
  type AccountRecord,
  type AlertRecord,
  type BalanceRecord,
  type MediaRecord,
  type MessageRecord,
  type NumberRecord,
  readAccount,
  readAlert,
  readBalance,
  readMedia,
  readMessage,
  readNumber,
  readService,
  rowsOf,
  type ServiceRecord,
} from "./records.ts";
import {
  basicAuthorization,
  buildRequest,
  type MessageFilter,
  type NumberWebhook,
  type OutgoingMessage,
  type TwilioCall,
  twilioOrigin,
  type TwilioPlace,
  type TwilioRequest,
} from "./request.ts";
import {
  type HttpAnswer,
  interpretRead,
  interpretSend,
  type JsonObject,
  type ReadOutcome,
  type SendOutcome,
} from "./response.ts";

export type { ReadOutcome, SendOutcome, TwilioFailure } from "./response.ts";
export type { MessageFilter, OutgoingMessage } from "./request.ts";

/** What a client is made from. */
export interface TwilioOptions extends TwilioPlace {
  readonly accountSid: string;
  /** The Account SID or an API key. */
  readonly username: string;
  /** The Auth Token or the key's secret. */
  readonly password: string;
  /** How long one request may take, body included. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** One page of the message list. */
export interface MessagePage {
  readonly messages: readonly MessageRecord[];
  /** Whether the list ends here. */
  readonly last: boolean;
}

/**
 * The parts of Twilio's API that the bridge uses. Nothing here throws for what the network or Twilio
 * does. Sending is tried once; reads are tried up to three times.
 */
export interface TwilioClient {
  readonly accountSid: string;
  /** Asks for one message to be sent. */
  sendMessage(message: OutgoingMessage, signal?: AbortSignal): Promise<SendOutcome>;
  /** The pages of the message list, newest first. Ends after its first failure, or after 20 pages. */
  listMessages(
    filter: MessageFilter,
    signal?: AbortSignal,
  ): AsyncGenerator<ReadOutcome<MessagePage>>;
  fetchMessage(sid: string, signal?: AbortSignal): Promise<ReadOutcome<MessageRecord>>;
  listMedia(sid: string, signal?: AbortSignal): Promise<ReadOutcome<readonly MediaRecord[]>>;
  /** Where a file of a message is. */
  mediaUrl(messageSid: string, mediaSid: string): string;
  /** Fetches the files of texts; see {@linkcode fetchMedia} of `media.ts`. */
  fetchMedia(request: Omit<MediaRequest, "accountSid">): Promise<MediaFile[]>;
  /** The number of the account that is written exactly so, or null. */
  findIncomingNumber(
    phoneNumber: string,
    signal?: AbortSignal,
  ): Promise<ReadOutcome<NumberRecord | null>>;
  /** Numbers of the account, at most one page of them. */
  listIncomingNumbers(signal?: AbortSignal): Promise<ReadOutcome<readonly NumberRecord[]>>;
  /** Sets where the texts of a number go. Setting it twice does no harm, so this is retried too. */
  updateNumber(
    sid: string,
    webhook: NumberWebhook,
    signal?: AbortSignal,
  ): Promise<ReadOutcome<NumberRecord>>;
  fetchService(sid: string, signal?: AbortSignal): Promise<ReadOutcome<ServiceRecord>>;
  /** Messaging Services of the account, at most one page of them. */
  listServices(signal?: AbortSignal): Promise<ReadOutcome<readonly ServiceRecord[]>>;
  /** The numbers of a Messaging Service, in E.164, at most one page of them. */
  listServiceNumbers(sid: string, signal?: AbortSignal): Promise<ReadOutcome<readonly string[]>>;
  /** The alerts since a time, newest first, at most 100. */
  listAlerts(sinceMs: number, signal?: AbortSignal): Promise<ReadOutcome<readonly AlertRecord[]>>;
  fetchAccount(signal?: AbortSignal): Promise<ReadOutcome<AccountRecord>>;
  fetchBalance(signal?: AbortSignal): Promise<ReadOutcome<BalanceRecord>>;
}

/** Why there is no answer at all. */
type NoAnswer = "connect" | "timeout" | "connection-lost" | "cancelled";

/** Reads a body of at most `bytesMax` bytes; null when it is longer or breaks off. */
async function readBody(response: Response, bytesMax: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) return null;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    return null;
  }
  return text + decoder.decode();
}

/** Sends one request once; whatever happens is an answer or the reason why there is none. */
async function exchange(
  options: TwilioOptions,
  request: TwilioRequest,
  signal: AbortSignal | undefined,
): Promise<HttpAnswer | NoAnswer> {
  if (signal?.aborted) return "cancelled";
  const { method, form } = request;
  const query = encodeForm(request.query);
  const origin = twilioOrigin(request.product, options);
  const controller = new AbortController();
  const abort = () => controller.abort();
  const cancelTimer = options.clock.after(options.timeoutMs, abort);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const url = `${origin}${request.path}${query === "" ? "" : `?${query}`}`;
    const response = await (options.fetch ?? fetch)(url, {
      method,
      headers: {
        authorization: basicAuthorization(options.username, options.password),
        accept: "application/json",
        ...(form === null ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      body: form === null ? null : onceBody(form),
      redirect: "manual",
      signal: controller.signal,
    });
    const body = await readBody(response, TWILIO_RESPONSE_BYTES_MAX);
    return { status: response.status, retryAfter: response.headers.get("retry-after"), body };
  } catch (error) {
    if (signal?.aborted) return "cancelled";
    if (controller.signal.aborted) return "timeout";
    return isConnectError(error) ? "connect" : "connection-lost";
  } finally {
    cancelTimer();
    signal?.removeEventListener("abort", abort);
  }
}

async function readOnce(
  options: TwilioOptions,
  request: TwilioRequest,
  signal: AbortSignal | undefined,
): Promise<ReadOutcome<JsonObject>> {
  const answer = await exchange(options, request, signal);
  if (typeof answer === "object") return interpretRead(answer, options.clock.now());
  return {
    kind: "failed",
    reason: answer,
    httpStatus: null,
    code: null,
    class: "server",
    message: `no answer from Twilio: ${answer}`,
  };
}

/** Reads until it works, is refused, or has been tried often enough. */
async function readPatiently(
  options: TwilioOptions,
  request: TwilioRequest,
  signal: AbortSignal | undefined,
): Promise<ReadOutcome<JsonObject>> {
  for (let attempt = 1;; attempt++) {
    const outcome = await readOnce(options, request, signal);
    if (outcome.kind === "ok" || attempt === TWILIO_READ_ATTEMPTS_MAX) return outcome;
    if (outcome.reason === "refused" || outcome.reason === "cancelled") return outcome;
    const backoffMs = 500 * 2 ** attempt * (0.5 + options.random.fraction() / 2);
    const waitMs = Math.max(backoffMs, outcome.retryAfterMs ?? 0);
    await sleep(options.clock, Math.min(TWILIO_READ_WAIT_MS_MAX, waitMs), signal);
  }
}

async function sendMessage(
  options: TwilioOptions,
  message: OutgoingMessage,
  signal: AbortSignal | undefined,
): Promise<SendOutcome> {
  const request = buildRequest({ op: "sendMessage", message }, options.accountSid);
  const answer = await exchange(options, request, signal);
  if (typeof answer === "object") return interpretSend(answer, options.clock.now());
  const nothing = { httpStatus: null, code: null };
  return answer === "connect"
    ? { kind: "unprocessed", reason: "connect", ...nothing }
    : { kind: "unknown", reason: answer, ...nothing };
}

async function* listMessages(
  options: TwilioOptions,
  filter: MessageFilter,
  signal: AbortSignal | undefined,
): AsyncGenerator<ReadOutcome<MessagePage>> {
  let next: TwilioRequest | null = buildRequest({ op: "listMessages", filter }, options.accountSid);
  for (let page = 0; next !== null && page < TWILIO_LIST_PAGES_MAX; page++) {
    const outcome: ReadOutcome<JsonObject> = await readPatiently(options, next, signal);
    if (outcome.kind !== "ok") return yield outcome;
    next = nextPage(next, outcome.value);
    const messages = rowsOf(outcome.value, "messages").map(readMessage);
    yield { kind: "ok", value: { messages, last: next === null } };
  }
}

/** The request of the next page; null at the end, or when the link leads anywhere but to this list. */
function nextPage(request: TwilioRequest, page: JsonObject): TwilioRequest | null {
  const link = page.next_page_uri;
  if (typeof link !== "string" || !link.startsWith(`${request.path}?`)) return null;
  const query = [...new URLSearchParams(link.slice(request.path.length + 1))];
  return encodeForm(query) === encodeForm(request.query) ? null : { ...request, query };
}

/** The one of these numbers that is written exactly so: Twilio finds parts of numbers as well. */
function exactNumber(page: JsonObject, phoneNumber: string): NumberRecord | null {
  const rows = rowsOf(page, "incoming_phone_numbers").map(readNumber);
  return rows.find((row) => row.phoneNumber === phoneNumber) ?? null;
}

/** Makes the client of one account. */
export function createTwilio(options: TwilioOptions): TwilioClient {
  const { accountSid } = options;

  async function read<T>(
    call: TwilioCall,
    pick: (object: JsonObject) => T,
    signal: AbortSignal | undefined,
  ): Promise<ReadOutcome<T>> {
    const outcome = await readPatiently(options, buildRequest(call, accountSid), signal);
    return outcome.kind === "ok" ? { kind: "ok", value: pick(outcome.value) } : outcome;
  }

  return {
    accountSid,
    sendMessage: (message, signal) => sendMessage(options, message, signal),
    listMessages: (filter, signal) => listMessages(options, filter, signal),
    fetchMessage: (sid, signal) => read({ op: "fetchMessage", sid }, readMessage, signal),
    listMedia: (sid, signal) =>
      read({ op: "listMedia", sid }, (page) => rowsOf(page, "media_list").map(readMedia), signal),
    mediaUrl: (messageSid, mediaSid) => mediaUrl({ accountSid, messageSid }, mediaSid, options),
    fetchMedia: (request) => fetchMedia({ accountSid, ...request }, options),
    findIncomingNumber: (phoneNumber, signal) =>
      read({ op: "listNumbers", phoneNumber }, (page) => exactNumber(page, phoneNumber), signal),
    listIncomingNumbers: (signal) =>
      read(
        { op: "listNumbers" },
        (page) => rowsOf(page, "incoming_phone_numbers").map(readNumber),
        signal,
      ),
    updateNumber: (sid, webhook, signal) =>
      read({ op: "updateNumber", sid, webhook }, readNumber, signal),
    fetchService: (sid, signal) => read({ op: "fetchService", sid }, readService, signal),
    listServices: (signal) =>
      read({ op: "listServices" }, (page) => rowsOf(page, "services").map(readService), signal),
    listServiceNumbers: (sid, signal) =>
      read(
        { op: "listServiceNumbers", sid },
        (page) => rowsOf(page, "phone_numbers").map((row) => readNumber(row).phoneNumber),
        signal,
      ),
    listAlerts: (sinceMs, signal) =>
      read(
        { op: "listAlerts", sinceMs, pageSize: 100 },
        (page) => rowsOf(page, "alerts").map(readAlert),
        signal,
      ),
    fetchAccount: (signal) => read({ op: "fetchAccount" }, readAccount, signal),
    fetchBalance: (signal) => read({ op: "fetchBalance" }, readBalance, signal),
  };
}

/**
 * Whether an error of `fetch` came while connecting (refused, no such host, TLS, not permitted), so that not a byte
 * of the request has left. Deno says so only in the message of the error or, since 2.9, of its cause;
 * both hold the URL, so they go no further than this.
 */
export function isConnectError(error: unknown): boolean {
  return error instanceof Error &&
    (error.name === "NotCapable" || error.message.includes("client error (Connect)") ||
      isConnectError(error.cause));
}
