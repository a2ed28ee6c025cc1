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
import { createDoorRates, type DoorRates } from "../policy/rate.ts";
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

interface Work extends ReceiverParts {
  readonly context: BridgeContext;
  readonly rates: DoorRates;
}

function refuse(
  { context }: Work,
  status: 400 | 403 | 429 | 503,
  reason: string,
  retryAfterSeconds?: number,
): WebhookAnswer {
  context.tally.count("webhooks", reason);
  const after = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return { kind: "refused", status, reason, ...after };
}

/** The answer to a request that is not rightly signed: such requests have a budget of their own. */
function refuseUnsigned(work: Work, account: AccountSettings, request: WebhookRequest) {
  const nowMs = work.context.clock.now();
  const rate = work.rates.invalid(account.webhookPath, request.clientAddress, nowMs);
  return rate.kind === "limited"
    ? refuse(work, 429, "signature-rate", rate.retryAfterS)
    : refuse(work, 403, "signature");
}

/** The form's pairs, or null when the request was not signed with a token of the account. */
function verified(
  { context }: Work,
  account: AccountSettings,
  request: WebhookRequest,
): readonly FormPair[] | null {
  const json = /^application\/json\b/i.test(request.contentType);
  const pairs = json ? [] : parseForm(request.body);
  if (account.dangerouslyDisableSignatureValidation) return pairs;
  const verdict = verifySignature({
    authTokens: [account.authToken, account.authTokenNext].filter((t) => t !== undefined),
    signature: request.signature,
    publicUrl: account.publicWebhookUrl ?? "",
    requestQuery: request.query,
    content: json ? { kind: "json", body: request.body } : { kind: "form", pairs },
  });
  if (verdict.kind === "valid") return pairs;
  context.tally.count("signatures", verdict.fault);
  return null;
}

/** Keeps STOP, START and HELP, and whatever someone writes who has opted out, from the agent. */
async function isKeyword(
  { context }: Work,
  account: AccountSettings,
  phone: Phone,
  text: InboundMessage,
): Promise<boolean> {
  const { row } = await readSender(context, account.id, phone);
  const optedOut = row.optedOutAtMs !== null;
  const keyword = classifyKeyword(text.text, { optOutType: text.optOut, optedOut });
  if (keyword === "stop" || keyword === "start") {
    await setOptOut(context, account.id, phone, keyword === "stop");
  }
  if (keyword === null && !optedOut) return false;
  context.tally.count("webhooks", keyword ?? "opted-out");
  return true;
}

function inboxRow(
  work: Work,
  account: AccountSettings,
  from: Phone,
  text: InboundMessage,
): InboxRow {
  return {
    id: work.context.sequence.next(),
    account: account.id,
    accountSid: text.accountSid,
    messageSid: text.messageSid,
    from,
    to: text.to,
    text: text.text,
    media: text.media,
    receivedAtMs: work.context.clock.now(),
    recovered: false,
    started: null,
    attempts: 0,
    noticed: false,
  };
}

async function store(work: Work, row: InboxRow): Promise<WebhookAnswer> {
  const { log, tally } = work.context;
  const taken = await work.inbox.add(row);
  tally.count("webhooks", taken);
  tally.mark("inbound", row.receivedAtMs);
  log.info("text.received", {
    account: row.account,
    from: maskNumber(row.from),
    sid: shortSid(row.messageSid),
    media: row.media.length || undefined,
    duplicate: taken === "duplicate" || undefined,
  });
  if (taken === "stored") work.converser.wake(row);
  return ACCEPTED;
}

async function takeText(
  work: Work,
  account: AccountSettings,
  text: InboundMessage,
): Promise<WebhookAnswer> {
  const { context, door } = work;
  const { sender } = text;
  const never = neverAnswered(sender, ownNumbers(context));
  if (never !== null || sender.kind !== "phone") {
    context.tally.count("webhooks", "unanswerable");
    context.log.info("text.ignored", { from: maskNumber(text.from), reason: never ?? sender.kind });
    return ACCEPTED;
  }
  const rate = work.rates.valid(sender.phone, context.clock.now());
  if (rate.kind === "limited") return refuse(work, 429, "rate", rate.retryAfterS);
  if (await isKeyword(work, account, sender.phone, text)) return ACCEPTED;
  const admission = await door.admit(account, sender.phone);
  if (admission === "allow") return await store(work, inboxRow(work, account, sender.phone, text));
  context.tally.count("webhooks", "stranger");
  if (admission === "pair") await door.knock(account, sender.phone);
  return ACCEPTED;
}

async function takeReport(
  work: Work,
  account: AccountSettings,
  report: InboundReport,
): Promise<WebhookAnswer> {
  const { clock, log, tally } = work.context;
  const rate = work.rates.report(clock.now());
  if (rate.kind === "limited") return refuse(work, 429, "report-rate", rate.retryAfterS);
  await keepReport(work.context, report.messageSid, report);
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

/** Keeps what was signed with our token but meant for somebody else, without its body. */
async function keepForeign(
  { context }: Work,
  account: AccountSettings,
  foreign: Inbound & { kind: "foreign" },
): Promise<WebhookAnswer> {
  const id = context.sequence.next();
  const letter: DeadLetter = {
    id,
    from: "webhook",
    account: account.id,
    phone: null,
    messageSid: foreign.messageSid,
    reason: foreign.reason,
    detail: "rightly signed, but for another Twilio account or number than this account's",
    atMs: context.clock.now(),
  };
  const set = [{ key: deadKey(id), value: letter, expireInMs: HISTORY_TTL_MS }];
  await context.store.commit({ set });
  context.tally.count("webhooks", "foreign");
  context.log.warn("webhook.foreign", { account: account.id, reason: foreign.reason });
  return ACCEPTED;
}

async function take(
  work: Work,
  account: AccountSettings,
  inbound: Inbound,
): Promise<WebhookAnswer> {
  switch (inbound.kind) {
    case "message":
      return await takeText(work, account, inbound);
    case "report":
      return await takeReport(work, account, inbound);
    case "foreign":
      return await keepForeign(work, account, inbound);
    case "malformed":
      work.context.log.warn("webhook.malformed", { account: account.id, reason: inbound.reason });
      return refuse(work, 400, "malformed");
  }
}

/** Makes the receiver of all accounts' webhooks. */
export function createReceiver(context: BridgeContext, parts: ReceiverParts): Receiver {
  const work: Work = { ...parts, context, rates: createDoorRates() };
  return async (account, request) => {
    const pairs = verified(work, account, request);
    if (pairs === null) return refuseUnsigned(work, account, request);
    try {
      return await take(work, account, classifyWebhook(pairs, account));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      context.log.error("webhook.not-stored", { error: error.message });
      return refuse(work, 503, "not-stored");
    }
  };
}
