/**
 * Reception: what happens between Twilio's POST and our 2xx.
 *
 * Nothing unsigned is stored, nothing is answered 2xx before it is on disk, and the answer is the same
 * whoever texted.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { classifyKeyword } from "../policy/keywords.ts";
import { neverAnswered } from "../policy/loops.ts";
import { isPhone, type Phone } from "../policy/phone.ts";
import { createDoorRates } from "../policy/rate.ts";
import type { WebhookAnswer, WebhookRequest } from "../server/webhook.ts";
import { HISTORY_TTL_MS, type InboxRow, type InboxWriter } from "../store/inbox.ts";
import { deadKey } from "../store/keys.ts";
import { StoreError } from "../store/kv.ts";
import type { DeadLetter } from "../store/outbox.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import { type FormPair, parseForm } from "../twilio/form.ts";
import {
  classifyWebhook,
  type Inbound,
  type InboundMessage,
  type InboundReport,
} from "../twilio/inbound.ts";
import { verifySignature } from "../twilio/signature.ts";
import type { BridgeContext } from "./context.ts";
import type { Converser } from "./converse.ts";
import type { Door } from "./door.ts";
import { setOptOut } from "./opt_out.ts";
import { readSender } from "./post.ts";
import { keepReport } from "./reports.ts";

/** What reception works with. */
export interface ReceiverParts {
  readonly inbox: InboxWriter;
  readonly door: Door;
  readonly converser: Pick<Converser, "wake">;
}

/** Answers one webhook request of an account. */
export type Receiver = (
  account: AccountSettings,
  request: WebhookRequest,
) => Promise<WebhookAnswer>;

const ACCEPTED: WebhookAnswer = { kind: "accepted" };

/** The numbers that all accounts send from: a text from one of them is our own voice. */
function ownNumbers(context: BridgeContext): Phone[] {
  return context.settings().accounts
    .map(({ fromNumber }) => fromNumber ?? "")
    .filter(isPhone);
}

/** Makes the receiver of all accounts' webhooks. */
export function createReceiver(context: BridgeContext, parts: ReceiverParts): Receiver {
  const { store, clock, log, tally } = context;

  const rates = createDoorRates();

  function refuse(
    status: 400 | 403 | 429 | 503,
    reason: string,
    retryAfterSeconds?: number,
  ): WebhookAnswer {
    tally.count("webhooks", reason);
    return {
      kind: "refused",
      status,
      reason,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }

  /** The answer to a request that is not rightly signed: it has a budget of its own. */
  function refuseUnsigned(account: AccountSettings, request: WebhookRequest): WebhookAnswer {
    const rate = rates.invalid(account.webhookPath, request.clientAddress, clock.now());
    return rate.kind === "limited"
      ? refuse(429, "signature-rate", rate.retryAfterS)
      : refuse(403, "signature");
  }

  async function takeText(account: AccountSettings, text: InboundMessage): Promise<WebhookAnswer> {
    const { sender } = text;
    const never = neverAnswered(sender, ownNumbers(context));
    if (never !== null || sender.kind !== "phone") {
      tally.count("webhooks", "unanswerable");
      log.info("text.ignored", { from: maskNumber(text.from), reason: never ?? sender.kind });
      return ACCEPTED;
    }
    const rate = rates.valid(sender.phone, clock.now());
    if (rate.kind === "limited") return refuse(429, "rate", rate.retryAfterS);
    if (await isKeyword(account, sender.phone, text)) return ACCEPTED;
    const admission = await parts.door.admit(account, sender.phone);
    if (admission !== "allow") {
      tally.count("webhooks", "stranger");
      if (admission === "pair") await parts.door.knock(account, sender.phone);
      return ACCEPTED;
    }
    const row: InboxRow = {
      id: context.sequence.next(),
      account: account.id,
      accountSid: text.accountSid,
      messageSid: text.messageSid,
      from: sender.phone,
      to: text.to,
      text: text.text,
      media: text.media,
      receivedAtMs: clock.now(),
      recovered: false,
      started: null,
      attempts: 0,
      noticed: false,
    };
    const taken = await parts.inbox.add(row);
    tally.count("webhooks", taken);
    tally.mark("inbound", row.receivedAtMs);
    log.info("text.received", {
      account: account.id,
      from: maskNumber(row.from),
      sid: shortSid(row.messageSid),
      media: row.media.length || undefined,
      duplicate: taken === "duplicate" || undefined,
    });
    if (taken === "stored") parts.converser.wake(row);
    return ACCEPTED;
  }

  /** Keeps STOP, START and HELP, and whatever someone writes who has opted out, from the agent. */
  async function isKeyword(account: AccountSettings, phone: Phone, text: InboundMessage) {
    const { row } = await readSender(context, account.id, phone);
    const optedOut = row.optedOutAtMs !== null;
    const keyword = classifyKeyword(text.text, { optOutType: text.optOut, optedOut });
    if (keyword === "stop" || keyword === "start") {
      await setOptOut(context, account.id, phone, keyword === "stop");
    }
    if (keyword === null && !optedOut) return false;
    tally.count("webhooks", keyword ?? "opted-out");
    return true;
  }

  async function takeReport(account: AccountSettings, report: InboundReport) {
    const rate = rates.report(clock.now());
    if (rate.kind === "limited") return refuse(429, "report-rate", rate.retryAfterS);
    await keepReport(context, report.messageSid, report);
    tally.count("reports", report.status);
    tally.mark("delivery", clock.now());
    log.info("message.reported", {
      account: account.id,
      sid: shortSid(report.messageSid),
      status: report.status,
      code: report.errorCode ?? undefined,
    });
    return ACCEPTED;
  }

  async function keepForeign(account: AccountSettings, foreign: Inbound & { kind: "foreign" }) {
    const id = context.sequence.next();
    const letter: DeadLetter = {
      id,
      from: "webhook",
      account: account.id,
      phone: null,
      messageSid: foreign.messageSid,
      reason: "foreign",
      detail: foreign.reason,
      atMs: clock.now(),
    };
    await store.commit({ set: [{ key: deadKey(id), value: letter, expireInMs: HISTORY_TTL_MS }] });
    tally.count("webhooks", "foreign");
    log.warn("webhook.foreign", { account: account.id, reason: foreign.reason });
    return ACCEPTED;
  }

  async function take(account: AccountSettings, inbound: Inbound): Promise<WebhookAnswer> {
    switch (inbound.kind) {
      case "message":
        return await takeText(account, inbound);
      case "report":
        return await takeReport(account, inbound);
      case "foreign":
        return await keepForeign(account, inbound);
      case "malformed":
        log.warn("webhook.malformed", { account: account.id, reason: inbound.reason });
        return refuse(400, "malformed");
    }
  }

  /** The form's pairs, or null when the request was not signed with a token of the account. */
  function verified(account: AccountSettings, request: WebhookRequest): readonly FormPair[] | null {
    const json = /^application\/json\b/i.test(request.contentType);
    const pairs = json ? [] : parseForm(new TextDecoder().decode(request.body));
    if (account.dangerouslyDisableSignatureValidation) return pairs;
    const verdict = verifySignature({
      authTokens: [account.authToken, account.authTokenNext].filter((t) => t !== undefined),
      signature: request.signature,
      publicUrl: account.publicWebhookUrl ?? "",
      requestQuery: request.query,
      content: json ? { kind: "json", body: request.body } : { kind: "form", pairs },
    });
    if (verdict.kind === "valid") return pairs;
    tally.count("signatures", verdict.fault);
    return null;
  }

  return async (account, request) => {
    const pairs = verified(account, request);
    if (pairs === null) return refuseUnsigned(account, request);
    try {
      return await take(account, classifyWebhook(pairs, account));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error("webhook.not-stored", { error: error.message });
      return refuse(503, "not-stored");
    }
  };
}
