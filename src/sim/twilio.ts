/**
 * A Twilio of our own on loopback: the REST API, signed webhooks, delivery reports, and every fault
 * that a test asks for. The demo talks to it as well.
 *
 * @module
 */
import { type Clock, systemClock } from "../system/clock.ts";
import { type Random, seededRandom } from "../system/random.ts";
import { createArrivals } from "./arrivals.ts";
import { createFakeAccount, type FakeAccount, type FakeMessage } from "./twilio_account.ts";
import { answerApi, type FakeApi } from "./twilio_api.ts";
import { createFaults, failingAnswer, type Faults, takesRequest } from "./twilio_faults.ts";
import { openGate } from "./twilio_gate.ts";
import { startMediaHost } from "./twilio_media.ts";
import {
  carryOut,
  DELIVERED,
  type InboundText,
  reportOnce,
  type ReportPlan,
  textIn,
} from "./twilio_phone.ts";
import {
  targetOf,
  type WebhookAttempt,
  type WebhookCaller,
  type WebhookDelivery,
  type WebhookPlace,
} from "./twilio_webhooks.ts";

/** What a fake starts with; everything has a default. */
export interface FakeTwilioOptions {
  readonly clock?: Clock;
  /** The source of SIDs; seeded with 1 when left out, so that they repeat. */
  readonly random?: Random;
  readonly accountSid?: string;
  readonly authToken?: string;
  readonly numbers?: readonly string[];
  readonly messagingServiceSid?: string;
  /** Names and secrets of API keys. */
  readonly apiKeys?: Readonly<Record<string, string>>;
}

/** A request that came to the REST API. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
}

/** The fake. */
export interface FakeTwilio {
  /** Origin of the REST API, such as `http://127.0.0.1:4711`, for all of Twilio's hosts. */
  readonly url: string;
  readonly account: FakeAccount;
  readonly accountSid: string;
  readonly authToken: string;
  /** All messages, in and out, oldest first. */
  readonly messages: readonly FakeMessage[];
  /** What came to the REST API. */
  readonly requests: readonly FakeRequest[];
  /** Every call of a webhook or status callback. */
  readonly webhookAttempts: readonly WebhookAttempt[];
  /** Twilio's own replies to STOP, START and HELP. */
  readonly keywordReplies: readonly { readonly to: string; readonly text: string }[];
  /** Requests that the media host saw with an `Authorization`: there must be none. */
  readonly mediaLeaks: readonly string[];
  readonly faults: Faults;
  /** Tells Twilio where the webhook is; without it, texts are lost. */
  connectWebhook(place: WebhookPlace): void;
  /** Somebody texts; resolves when the webhook has been called as often as Twilio would. */
  inbound(text: InboundText): Promise<WebhookDelivery>;
  /** The next message that the bridge sent, each given once. @throws {Error} after `timeoutMs`. */
  nextMessage(
    fits?: (message: FakeMessage) => boolean,
    timeoutMs?: number,
  ): Promise<FakeMessage>;
  /** The next call of a webhook, each given once. @throws {Error} after `timeoutMs`. */
  nextAttempt(
    fits?: (attempt: WebhookAttempt) => boolean,
    timeoutMs?: number,
  ): Promise<WebhookAttempt>;
  /** Changes what carriers report from now on, to everybody or to one number. */
  planReports(plan: Partial<ReportPlan>, to?: string): void;
  /** Posts one report on a message now. */
  report(sid: string, status: string): Promise<void>;
  /** Resolves when all reports under way have been posted. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface State {
  readonly account: FakeAccount;
  readonly attempts: ReturnType<typeof createArrivals<WebhookAttempt>>;
  readonly faults: Faults;
  readonly requests: FakeRequest[];
  readonly keywordReplies: { readonly to: string; readonly text: string }[];
  readonly running: Set<Promise<void>>;
  readonly plans: Map<string, ReportPlan>;
  plan: ReportPlan;
  place: WebhookPlace | undefined;
}

function caller(state: State): WebhookCaller {
  const { account, place, attempts } = state;
  return {
    clock: account.clock,
    place,
    newToken: () => account.sid(""),
    onAttempt: (attempt) => attempts.add(attempt),
  };
}

/** Fetches the files of an outbound message, as Twilio does, from our public URL. */
async function fetchMedia(state: State, message: FakeMessage): Promise<void> {
  for (const url of message.mediaUrls) {
    const target = targetOf(url, state.place);
    if (target === null) continue;
    const response = await fetch(target, { redirect: "manual" }).catch(() => null);
    if (response === null) continue;
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status !== 200) continue;
    const contentType = response.headers.get("content-type") ?? "";
    message.media.push({ sid: state.account.sid("ME"), contentType, bytes });
  }
}

function onSend(state: State, message: FakeMessage): void {
  const work = async () => {
    await fetchMedia(state, message);
    state.account.outbound.add(message);
    const plan = state.plans.get(message.to) ?? state.plan;
    await carryOut(state.account, message, plan, caller(state));
  };
  const run: Promise<void> = work().finally(() => state.running.delete(run));
  state.running.add(run);
}

function startApi(state: State, api: FakeApi) {
  const closed = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request, info) => {
      const url = new URL(request.url);
      const { method, headers } = request;
      const body = await request.text();
      state.requests.push({ method, path: url.pathname, query: url.search });
      const isSend = method === "POST" && url.pathname.endsWith("/Messages.json");
      const fault = state.faults.take(isSend ? "send" : "read");
      const answer = fault === undefined || takesRequest(fault)
        ? answerApi(api, { method, url, headers, body })
        : null;
      if (fault === undefined) return answer!;
      await answer?.body?.cancel();
      const { port } = info.remoteAddr as Deno.NetAddr;
      return await failingAnswer(fault, {
        slam: () => gate.slam(port),
        slamAfterPart: () => gate.slamAfterPart(port),
        closed: closed.promise,
      });
    },
  );
  const gate = openGate(server.addr.port);
  return {
    port: gate.port,
    async close() {
      closed.resolve();
      await gate.close();
      await server.shutdown();
    },
  };
}

function createState(options: FakeTwilioOptions): State {
  const { clock = systemClock, random = seededRandom(1) } = options;
  const account = createFakeAccount({ ...options, clock, random });
  for (const [name, secret] of Object.entries(options.apiKeys ?? {})) {
    account.apiKeys.set(name, secret);
  }
  return {
    account,
    attempts: createArrivals<WebhookAttempt>("webhook call"),
    faults: createFaults(),
    requests: [],
    keywordReplies: [],
    running: new Set(),
    plans: new Map(),
    plan: DELIVERED,
    place: undefined,
  };
}

function connectWebhook(state: State, place: WebhookPlace): void {
  state.place = place;
  for (const number of state.account.numbers) {
    number.smsUrl = place.publicUrl;
    number.smsFallbackUrl = place.fallbackUrl ?? "";
  }
}

async function idle({ running }: State): Promise<void> {
  while (running.size > 0) await Promise.all(running);
}

/** Starts a fake Twilio on free ports of loopback. */
export function startFakeTwilio(options: FakeTwilioOptions = {}): FakeTwilio {
  const state = createState(options);
  const { account, keywordReplies } = state;
  const mediaHost = startMediaHost(account);
  const api = startApi(state, {
    account,
    mediaOrigin: () => mediaHost.origin,
    onSend: (message) => onSend(state, message),
  });
  const url = `http://127.0.0.1:${api.port}`;
  const onKeywordReply = (to: string, text: string) => void keywordReplies.push({ to, text });
  return {
    url,
    account,
    accountSid: account.accountSid,
    authToken: account.authToken,
    messages: account.messages,
    requests: state.requests,
    webhookAttempts: state.attempts.all,
    keywordReplies,
    mediaLeaks: mediaHost.leaks,
    faults: state.faults,
    connectWebhook: (place) => connectWebhook(state, place),
    inbound: (text) =>
      textIn(text, { account, caller: caller(state), apiOrigin: url, onKeywordReply }),
    nextMessage: (fits, timeoutMs) => account.outbound.next(fits, timeoutMs),
    nextAttempt: (fits, timeoutMs) => state.attempts.next(fits, timeoutMs),
    planReports(plan, to) {
      if (to === undefined) state.plan = { ...state.plan, ...plan };
      else state.plans.set(to, { ...state.plan, ...plan });
    },
    async report(sid, status) {
      const message = account.messages.find((one) => one.sid === sid);
      if (message !== undefined) await reportOnce(account, message, status, caller(state));
    },
    idle: () => idle(state),
    async close() {
      await idle(state);
      await Promise.all([api.close(), mediaHost.close()]);
    },
  };
}
