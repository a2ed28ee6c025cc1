/**
 * Twilio in the simulator: the fake's account and API behind a network that loses, delays, doubles and
 * refuses. Nothing here opens a socket.
 */
import {
  createFakeAccount,
  type FakeAccount,
  type FakeMessage,
} from "../../src/sim/twilio_account.ts";
import { answerApi } from "../../src/sim/twilio_api.ts";
import { errorAnswer, failingAnswer } from "../../src/sim/twilio_faults.ts";
import { carryOut, DELIVERED, type InboundText, textIn } from "../../src/sim/twilio_phone.ts";
import type { WebhookCaller } from "../../src/sim/twilio_webhooks.ts";
import type { WebhookAnswer, WebhookRequest } from "../../src/server/webhook.ts";
import type { Clock } from "../../src/system/clock.ts";
import { encodeForm, type FormPair } from "../../src/twilio/form.ts";
import { signForm } from "../../src/twilio/signature.ts";
import type { Random } from "../../src/system/random.ts";

/** Where the bridge is reached. Twilio tries again after every failure. */
export const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
const PLACE = { publicUrl: `${PUBLIC_URL}#rc=2&rp=all&rt=5000`, targetUrl: PUBLIC_URL };
/** A message shows in the list so much after it was taken, at most. */
const LIST_LAG_MS_MAX = 4_000;
/** A request is on its way for so long, at most: with the lag less than `SEND_ABSENCE_GRACE_MS`. */
const SLOW_MS_MAX = 4_000;

/** What happens to one request. */
type Fate =
  | "fine"
  | "refused"
  | "reset-before"
  | "reset-after"
  | "hang-before"
  | "hang-after"
  | "busy"
  | "broken-before"
  | "broken-after"
  | "html-after"
  | "cut-after"
  | "no-sid-after";

const SEND_FATES: readonly Fate[] = [
  "refused",
  "reset-before",
  "reset-after",
  "hang-before",
  "hang-after",
  "busy",
  "broken-before",
  "broken-after",
  "html-after",
  "cut-after",
  "no-sid-after",
];
const READ_FATES: readonly Fate[] = [
  "refused",
  "reset-before",
  "hang-after",
  "busy",
  "broken-before",
];
const WEBHOOK_FATES: readonly Fate[] = ["refused", "reset-after", "hang-before", "hang-after"];

/** The bridge as Twilio sees it. */
export interface Host {
  /** Answers a webhook; null when nobody listens. */
  readonly answer: (request: WebhookRequest) => Promise<WebhookAnswer> | null;
}

/** The simulated Twilio. */
export interface SimTwilio {
  readonly account: FakeAccount;
  /** When each text was acknowledged first, by MessageSid. */
  readonly acknowledgedAtMs: ReadonlyMap<string, number>;
  /** MessageSids whose webhook a bridge took in once Twilio had given up on it. */
  readonly takenLate: ReadonlySet<string>;
  /** How often of a hundred a request fails. */
  faultPercent: number;
  /** Somebody texts. */
  inbound(text: InboundText): Promise<void>;
  /** Somebody who does not know the token posts a text to the webhook. */
  forge(from: string, text: string): Promise<void>;
  /** Deliveries and reports under way. */
  readonly pending: number;
  /** Bodies that are being read. */
  readonly reading: number;
  /** Takes the place of `fetch` for a process; what reaches a dead one is lost. */
  fetchFor(isAlive: () => boolean): typeof fetch;
}

/** What it is made from. */
export interface SimTwilioParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: Host;
  readonly trace: (event: string) => void;
}

function connectError(): TypeError {
  return new TypeError("error sending request: client error (Connect)");
}

class Twilio implements SimTwilio {
  readonly account: FakeAccount;
  readonly acknowledgedAtMs = new Map<string, number>();
  readonly takenLate = new Set<string>();
  faultPercent = 0;
  pending = 0;
  reading = 0;
  #parts: SimTwilioParts;
  #visibleAtMs = new Map<string, number>();

  constructor(parts: SimTwilioParts) {
    this.#parts = parts;
    this.account = createFakeAccount(parts);
  }

  async inbound(text: InboundText): Promise<void> {
    this.pending++;
    if (text.webhookLost) {
      const atMs = this.#parts.clock.now();
      const sid = this.account.sid("NO");
      this.account.alerts.push({ sid, errorCode: 11205, requestUrl: PUBLIC_URL, atMs });
    }
    await textIn(text, {
      account: this.account,
      caller: this.#caller(),
      apiOrigin: "https://api.twilio.com",
      onKeywordReply: () => {},
    });
    this.pending--;
  }

  async forge(from: string, text: string): Promise<void> {
    const pairs: FormPair[] = [
      ["MessageSid", this.account.sid("SM")],
      ["AccountSid", this.account.accountSid],
      ["From", from],
      ["To", this.account.numbers[0]!.phoneNumber],
      ["Body", text],
      ["NumMedia", "0"],
    ];
    const answer = await this.#parts.host.answer({
      path: new URL(PUBLIC_URL).pathname,
      query: "",
      contentType: "application/x-www-form-urlencoded",
      signature: signForm("0".repeat(32), PUBLIC_URL, pairs),
      clientAddress: "203.0.113.66",
      body: new TextEncoder().encode(encodeForm(pairs)),
    });
    this.#parts.trace(`forged ${answer?.kind}`);
  }

  fetchFor(isAlive: () => boolean): typeof fetch {
    return (input, init) =>
      new Promise((resolve, reject) => {
        const url = new URL(String(input));
        const isSend = init?.method === "POST";
        const fate = this.#fate(isSend ? SEND_FATES : READ_FATES);
        if (!isAlive()) return;
        init?.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
        if (fate === "refused") return this.#after(20, () => isAlive() && reject(connectError()));
        this.#after(this.#delayMs(), () => {
          if (fate === "hang-before") return;
          const answer = this.#work(fate, url, init);
          this.#parts.trace(`${isSend ? "send" : "read"} ${fate}`);
          this.#after(this.#delayMs(), () => {
            if (!isAlive() || fate === "hang-after") return;
            if (fate.startsWith("reset")) reject(new TypeError("connection reset"));
            else answer.then(resolve);
          });
        });
      });
  }

  async #work(fate: Fate, url: URL, init: RequestInit | undefined): Promise<Response> {
    const never = { slam: () => {}, slamAfterPart: () => {}, closed: Promise.resolve() };
    const [method, headers, body] = [
      init?.method ?? "GET",
      new Headers(init?.headers),
      await this.#text(init?.body),
    ];
    if (fate === "busy") {
      const after = { "retry-after": String(1 + this.#parts.random.below(10)) };
      return errorAnswer(429, 20429, "Too Many Requests", after);
    }
    if (fate === "broken-before") return errorAnswer(500, 20500, "Internal Server Error");
    if (fate === "reset-before") return new Response();
    const api = {
      account: method === "GET" ? this.#listed() : this.account,
      mediaOrigin: () => "https://media.twilio.com",
      onSend: (message: FakeMessage) => this.#take(message),
    };
    const answer = answerApi(api, { method, url, headers, body });
    if (fate === "broken-after") return errorAnswer(500, 20500, "Internal Server Error");
    if (fate === "html-after") return await failingAnswer({ kind: "html", status: 502 }, never);
    if (fate === "no-sid-after") return await failingAnswer({ kind: "no-sid-after" }, never);
    if (fate === "cut-after") {
      const broken = new ReadableStream({ start: (c) => c.error(new TypeError("cut")) });
      return new Response(broken, { status: 201 });
    }
    return answer;
  }

  #take(message: FakeMessage): void {
    const { clock, random, trace } = this.#parts;
    this.#visibleAtMs.set(message.sid, clock.now() + random.below(LIST_LAG_MS_MAX));
    trace(`taken ${message.to} ${message.body}`);
    const plan = {
      ...DELIVERED,
      delayMs: 500,
      doubled: random.below(8) === 0,
      outOfOrder: random.below(8) === 0,
    };
    this.pending++;
    carryOut(this.account, message, plan, this.#caller()).then(() => this.pending--);
  }

  /** The account as its list shows it. */
  #listed(): FakeAccount {
    const nowMs = this.#parts.clock.now();
    const messages = this.account.messages.filter(({ sid }) =>
      (this.#visibleAtMs.get(sid) ?? 0) <= nowMs
    );
    return { ...this.account, messages };
  }

  #caller(): WebhookCaller {
    return {
      clock: this.#parts.clock,
      place: PLACE,
      newToken: () => this.account.sid(""),
      onAttempt: ({ kind, messageSid, status, failure }) => {
        const nowMs = this.#parts.clock.now();
        this.#parts.trace(`${kind} ${messageSid} ${status ?? failure}`);
        if (kind !== "inbound" || status !== 200) return;
        if (!this.acknowledgedAtMs.has(messageSid)) this.acknowledgedAtMs.set(messageSid, nowMs);
      },
      fetch: (input, init) => this.#post(String(input), init ?? {}),
    };
  }

  /** Posts to the bridge through a network of its own. */
  #post(input: string, init: RequestInit): Promise<Response> {
    const { host } = this.#parts;
    const { pathname: path, search: query } = new URL(input);
    const headers = new Headers(init.headers);
    const request = {
      path,
      query,
      contentType: headers.get("content-type") ?? "",
      signature: headers.get("x-twilio-signature"),
      clientAddress: "203.0.113.1",
    };
    const text = this.#text(init.body);
    return new Promise((resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      const fate = this.#fate(WEBHOOK_FATES);
      if (fate === "refused") return this.#after(20, () => reject(connectError()));
      this.#after(this.#delayMs(), async () => {
        if (fate === "hang-before") return;
        const body = await text;
        const answering = host.answer({ ...request, body: new TextEncoder().encode(body) });
        if (answering === null) return reject(connectError());
        const answer = await answering;
        if (init.signal?.aborted && answer.kind === "accepted") {
          this.takenLate.add(new URLSearchParams(body).get("MessageSid") ?? "");
        }
        this.#after(this.#delayMs(), () => {
          if (fate === "hang-after") return;
          if (fate === "reset-after") return reject(new TypeError("connection reset"));
          resolve(new Response("", { status: answer.kind === "accepted" ? 200 : answer.status }));
        });
      });
    });
  }

  /** The body of a request; reading it takes turns of the event loop that are not simulated. */
  async #text(body: BodyInit | null | undefined): Promise<string> {
    this.reading++;
    const text = await new Response(body ?? null).text();
    this.reading--;
    return text;
  }

  #after(delayMs: number, fn: () => void): void {
    this.#parts.clock.after(delayMs, fn);
  }

  #delayMs(): number {
    const { random } = this.#parts;
    const slow = random.below(100) < this.faultPercent;
    return slow ? random.below(SLOW_MS_MAX) : 10 + random.below(90);
  }

  #fate(fates: readonly Fate[]): Fate {
    const { random } = this.#parts;
    if (random.below(100) >= this.faultPercent) return "fine";
    return fates[random.below(fates.length)]!;
  }
}

/** Makes a Twilio that fails at nothing yet. */
export function createSimTwilio(parts: SimTwilioParts): SimTwilio {
  return new Twilio(parts);
}
