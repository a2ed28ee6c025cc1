/**
 * Reception: what happens between Twilio's POST and our 2xx.
 *
 * Nothing unsigned is stored, nothing is answered 2xx before it is on disk, and the answer is the same
 * whoever texted.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { createDoorRates, type DoorRates } from "../policy/rate.ts";
import type { WebhookAnswer, WebhookRequest } from "../server/webhook.ts";
import { deadForeign } from "../store/dead_letter.ts";
import { StoreError } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { REFUSAL_DELAY_MS, REFUSALS_DELAYED_MAX } from "../system/limits.ts";
import { shortSid } from "../system/redact.ts";
import { type DeliveryRecord, isLost } from "../twilio/delivery.ts";
import { explainError } from "../twilio/errors.ts";
import { type FormPair, parseForm } from "../twilio/form.ts";
import {
  classifyWebhook,
  type Inbound,
  type InboundMessage,
  type InboundReport,
} from "../twilio/inbound.ts";
import { INSTANCE_HEADER, probeNonce, probeProof, PROOF_HEADER } from "../twilio/probe_form.ts";
import { type SignatureFault, verifySignature } from "../twilio/signature.ts";
import { type IntakeParts, leaveTrace, takeText } from "./intake.ts";
import { createMissedNote, type NoteMissed } from "./missed.ts";
import { createRefusalLog, type RefusalLog } from "./refusal_log.ts";
import { keepReport } from "../outbound/reports.ts";

/** Answers one webhook request of an account. */
export type Receiver = (
  account: AccountSettings,
  request: WebhookRequest,
  onWait?: () => void,
) => Promise<WebhookAnswer>;

const ACCEPTED: WebhookAnswer = { kind: "accepted" };

interface DoorContext extends IntakeParts {
  /** The rates of an account: one that is flooded leaves the others alone. */
  readonly rates: (account: AccountSettings) => DoorRates;
  readonly refusals: RefusalLog;
  readonly noteMissed: NoteMissed;
  /** Waits, unless too many do so already. */
  readonly slowly: (wait: () => Promise<void>) => Promise<void>;
}

function createWaitingRoom(): DoorContext["slowly"] {
  let waiting = 0;
  return async (wait) => {
    if (waiting >= REFUSALS_DELAYED_MAX) return;
    waiting++;
    await wait();
    waiting--;
  };
}

function refuse(
  { context, refusals }: DoorContext,
  status: 400 | 403 | 429 | 503,
  reason: string,
  retryAfterSeconds?: number,
): WebhookAnswer {
  context.tally.count("webhooks", reason);
  refusals.note(reason);
  const after = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return { kind: "refused", status, reason, ...after };
}

/**
 * The answer to a request that is not rightly signed: such requests have a budget of their own. Beyond
 * it they wait for their answer, so that a flood of them does not take the time of others.
 */
async function refuseUnsigned(
  work: DoorContext,
  account: AccountSettings,
  request: WebhookRequest,
  fault: SignatureFault,
  onWait: (() => void) | undefined,
): Promise<WebhookAnswer> {
  const { clock, stopping } = work.context;
  const rate = work.rates(account).invalid(account.webhookPath, request.clientAddress, clock.now());
  if (rate.kind === "ok") {
    return refuse(work, 403, fault === "shared-key" ? fault : "signature");
  }
  onWait?.();
  await work.slowly(() => sleep(clock, REFUSAL_DELAY_MS, stopping));
  return refuse(work, 429, "signature-rate", rate.retryAfterS);
}

/** The form's pairs, or why the request was not signed with a token of the account. */
function verified(
  { context }: DoorContext,
  account: AccountSettings,
  request: WebhookRequest,
): readonly FormPair[] | SignatureFault {
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
  return verdict.fault;
}

/**
 * Whether a text beyond the rates is taken in nevertheless: Twilio does not send again what is refused. Of
 * somebody who is let in, what is too much even so is left to the next catch-up.
 */
async function isHeld(
  { context, rates, door, noteMissed }: DoorContext,
  account: AccountSettings,
  { sender }: InboundMessage,
): Promise<boolean> {
  if (sender.kind !== "phone" || await door.admit(account, sender.phone) !== "allow") return false;
  if (rates(account).known(sender.phone, context.clock.now()).kind === "ok") return true;
  noteMissed();
  return false;
}

/** Takes a text in, unless its sender or all of them together text too fast. */
async function takeMessage(
  work: DoorContext,
  account: AccountSettings,
  text: InboundMessage,
): Promise<WebhookAnswer> {
  const { clock, rush, tally } = work.context;
  const from = text.sender.kind === "phone" ? text.sender.phone : text.from;
  const rate = work.rates(account).valid(from, clock.now());
  if (rate.kind === "limited" && !await isHeld(work, account, text)) {
    return refuse(work, 429, "rate", rate.retryAfterS);
  }
  tally.count("webhooks", await rush.during(() => takeText(work, account, text)));
  return ACCEPTED;
}

async function takeReport(
  work: DoorContext,
  account: AccountSettings,
  report: InboundReport,
): Promise<WebhookAnswer> {
  const { clock, log, tally } = work.context;
  const rate = work.rates(account).report(clock.now());
  if (rate.kind === "limited") return refuse(work, 429, "report-rate", rate.retryAfterS);
  const { record, trace } = await keepReport(work.context, report.messageSid, report);
  tally.count("reports", report.status);
  tally.mark("delivery", clock.now());
  log.info("message.reported", {
    account: account.id,
    trace,
    sid: shortSid(report.messageSid),
    status: report.status,
    code: report.errorCode ?? undefined,
  });
  if (isLost(record.status) || record.status === "conflicted") {
    warnOfLoss(work, account, report, record);
  }
  return ACCEPTED;
}

/** Tells the operator that a message did not arrive, why, and what mends it. */
function warnOfLoss(
  { context }: DoorContext,
  account: AccountSettings,
  { messageSid }: InboundReport,
  { status, errorCode }: DeliveryRecord,
): void {
  const info = errorCode === null ? undefined : explainError(errorCode);
  context.log.warn(status === "conflicted" ? "message.conflicted" : "message.undelivered", {
    account: account.id,
    sid: shortSid(messageSid),
    status,
    code: errorCode,
    meaning: info?.meaning,
    hint: info?.advice,
  });
}

/** Keeps what was signed with our token but meant for somebody else, without its body. */
async function keepForeign(
  { context }: DoorContext,
  account: AccountSettings,
  foreign: Inbound & { kind: "foreign" },
): Promise<WebhookAnswer> {
  const id = context.sequence.next();
  const of = { id, account: account.id, messageSid: foreign.messageSid };
  const why = {
    reason: foreign.reason,
    detail: "rightly signed, but for another Twilio account or number than this account's",
    atMs: context.clock.now(),
  };
  const set = [deadForeign(of, why)];
  await context.store.commit({ set });
  // Also once that number is this account's.
  const { reason, messageSid } = foreign;
  if (reason === "other-number" && messageSid !== null) {
    await leaveTrace(context, { accountSid: account.accountSid, messageSid });
  }
  context.tally.count("webhooks", "foreign");
  context.log.warn("webhook.foreign", { account: account.id, reason: foreign.reason });
  return ACCEPTED;
}

/** Answers a probe of an operator's: nothing of it is kept. */
function proveOurselves(
  { context }: DoorContext,
  account: AccountSettings,
  nonce: string,
): WebhookAnswer {
  context.tally.count("webhooks", "probe");
  const proof = probeProof(account.authToken, nonce);
  const headers = { [PROOF_HEADER]: proof, [INSTANCE_HEADER]: context.instanceProof(nonce) };
  return { kind: "accepted", headers };
}

async function take(
  work: DoorContext,
  account: AccountSettings,
  inbound: Inbound,
): Promise<WebhookAnswer> {
  switch (inbound.kind) {
    case "message":
      return await takeMessage(work, account, inbound);
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
export function createReceiver(parts: IntakeParts): Receiver {
  const { context } = parts;
  const byAccount = new Map<string, DoorRates>();
  const rates = ({ id }: AccountSettings) => {
    const known = byAccount.get(id) ?? createDoorRates();
    byAccount.set(id, known);
    return known;
  };
  const work: DoorContext = {
    ...parts,
    rates,
    refusals: createRefusalLog(context),
    noteMissed: createMissedNote(context),
    slowly: createWaitingRoom(),
  };
  return async (account, request, onWait) => {
    const pairs = verified(work, account, request);
    if (typeof pairs === "string") {
      return await refuseUnsigned(work, account, request, pairs, onWait);
    }
    const nonce = probeNonce(pairs);
    if (nonce !== null) return proveOurselves(work, account, nonce);
    try {
      return await take(work, account, classifyWebhook(pairs, account));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      context.log.error("webhook.not-stored", { error: error.message });
      work.noteMissed();
      return refuse(work, 503, "not-stored");
    }
  };
}
