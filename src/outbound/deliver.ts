/**
 * Delivery: takes messages from the outbox and sends their chunks, in order, each once.
 *
 * A chunk is marked as begun before its request leaves. When the answer is not known (a timeout, a
 * dropped connection, a crash), Twilio's own list is looked at before anything is sent again.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { deliveryKey, outboxKey } from "../store/keys.ts";
import type { Entry } from "../store/kv.ts";
import { type OutboxRow, outboxRows } from "../store/outbox.ts";
import { sleep } from "../system/clock.ts";
import {
  CREDENTIALS_RETRY_MS,
  OUTBOX_AGE_MS_MAX,
  SEND_BACKOFF_MS_MAX,
  SEND_BACKOFF_MS_MIN,
} from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { statusCallbackUrl } from "../twilio/delivery.ts";
import { findSent } from "../twilio/lookup.ts";
import type { OutgoingMessage, SendOutcome } from "../twilio/rest.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import { createGrace, type Grace } from "./grace.ts";
import { createLanes } from "../bridge/lanes.ts";
import { isOptedOut, setOptOut } from "../people/opt_out.ts";
import type { OutgoingFiles } from "./outgoing_files.ts";
import { abandon, advance, postpone } from "./outbox_row.ts";
import { createPace, type Pace } from "./pace.ts";
import type { DeliveryRow } from "./reports.ts";
import { type Step, untilFinished } from "../bridge/steps.ts";

/** Sends what is in the outbox. */
export interface Deliverer {
  /** Takes up everything that waits in the store. */
  start(): Promise<void>;
  /** Takes up a message that has just been committed. */
  wake(row: Pick<OutboxRow, "id" | "account" | "to">): void;
  /** Resolves when nothing is under way: after the stop signal, or when the outbox is empty. */
  idle(): Promise<void>;
  /** Messages not sent yet. */
  readonly pending: number;
}

interface Work {
  readonly context: BridgeContext;
  readonly pace: Pace;
  readonly grace: Grace;
  readonly files: Pick<OutgoingFiles, "urlsOf">;
}

const FILE_GONE = "(A file could not be sent any more.)";
/** Twilio's error for a recipient who has opted out. */
const OPTED_OUT = 21610;

function backoffMs({ context }: Work, attempts: number): number {
  const fullMs = Math.min(SEND_BACKOFF_MS_MAX, SEND_BACKOFF_MS_MIN * 2 ** attempts);
  return fullMs * (0.5 + context.random.fraction() / 2);
}

function senderOf(account: AccountSettings): string {
  return account.fromNumber ?? account.messagingServiceSid ?? account.id;
}

function perSecond({ context }: Work, account: AccountSettings): number {
  const { messagesPerSecond, serviceMessagesPerSecond } = context.settings().bridge;
  return account.fromNumber === undefined ? serviceMessagesPerSecond : messagesPerSecond;
}

/** The request for the chunk at the cursor. */
async function outgoing(
  { context, files }: Work,
  account: AccountSettings,
  row: OutboxRow,
): Promise<OutgoingMessage> {
  const { maxPriceUsd, validityPeriodSec } = context.settings().bridge;
  const chunk = row.chunks[row.sids.length]!;
  const mediaUrls = await files.urlsOf(account, chunk.mediaUrls);
  const body = chunk.body === "" && mediaUrls.length === 0 ? FILE_GONE : chunk.body;
  const { fromNumber, messagingServiceSid, publicWebhookUrl } = account;
  return {
    to: row.to,
    ...(fromNumber === undefined
      ? { messagingServiceSid: messagingServiceSid ?? "" }
      : { from: fromNumber }),
    body,
    maxPrice: maxPriceUsd,
    validityPeriodSeconds: validityPeriodSec,
    ...(mediaUrls.length === 0 ? {} : { mediaUrls }),
    ...(publicWebhookUrl === undefined
      ? {}
      : { statusCallback: statusCallbackUrl(publicWebhookUrl) }),
  };
}

/** Decides on a chunk whose request left but whose answer is not known. */
async function lookUp(
  work: Work,
  entry: Entry<OutboxRow>,
  account: AccountSettings,
): Promise<Step> {
  const { context, grace } = work;
  const row = entry.value;
  const begunAtMs = row.begunAtMs!;
  const absenceCounts = grace.isOver(row.id);
  const found = await findSent(context.twilio(account), {
    to: row.to,
    from: account.fromNumber,
    body: row.chunks[row.sids.length]!.body,
    sinceMs: begunAtMs,
    isOurs: async (sid) => {
      const delivery = await context.store.get<DeliveryRow>(deliveryKey(sid));
      return delivery !== null && delivery.value.messageId !== null;
    },
    signal: context.stopping,
  });
  context.tally.count("lookups", found.kind);
  context.log.info("message.looked-up", { to: maskNumber(row.to), found: found.kind });
  if (found.kind === "found") return await advance(context, entry, found.sid, found.status);
  if (found.kind === "unknown") {
    return await postpone(context, entry, backoffMs(work, row.attempts), begunAtMs, "fate-unknown");
  }
  if (absenceCounts) return await postpone(context, entry, 0, null, "fate-unknown");
  await grace.over(row.id);
  return "again";
}

async function refused(
  work: Work,
  entry: Entry<OutboxRow>,
  outcome: SendOutcome & { kind: "refused" },
): Promise<Step> {
  const { account, to } = entry.value;
  work.context.tally.count("twilio_errors", String(outcome.code ?? outcome.httpStatus));
  if (outcome.class === "credentials") {
    work.context.log.error("twilio.credentials", {
      account,
      code: outcome.code,
      hint: "set the Auth Token or API key anew; the message waits",
    });
    return await postpone(work.context, entry, CREDENTIALS_RETRY_MS, null, "credentials");
  }
  if (outcome.code === OPTED_OUT) await setOptOut(work.context, account, to, true);
  return await abandon(work.context, entry, "refused", outcome.message, outcome.code);
}

async function settle(
  work: Work,
  entry: Entry<OutboxRow>,
  account: AccountSettings,
  outcome: SendOutcome,
): Promise<Step> {
  const { context, pace } = work;
  const { attempts, begunAtMs, to } = entry.value;
  switch (outcome.kind) {
    case "sent":
      return await advance(context, entry, outcome.sid, outcome.status);
    case "refused":
      return await refused(work, entry, outcome);
    case "unprocessed": {
      context.tally.count("twilio_errors", String(outcome.code ?? outcome.httpStatus ?? "connect"));
      const { retryAfterMs = 0 } = outcome;
      if (retryAfterMs > 0) pace.hold(senderOf(account), retryAfterMs);
      return await postpone(
        context,
        entry,
        Math.max(retryAfterMs, backoffMs(work, attempts)),
        null,
        outcome.reason,
      );
    }
    case "unknown":
      context.tally.count("twilio_errors", String(outcome.httpStatus ?? "no-answer"));
      context.log.warn("message.fate-unknown", { to: maskNumber(to), reason: outcome.reason });
      return await postpone(context, entry, outcome.retryAfterMs ?? 0, begunAtMs, "fate-unknown");
  }
}

/** Marks the chunk at the cursor as begun, then asks Twilio to send it. */
async function send(work: Work, entry: Entry<OutboxRow>, account: AccountSettings): Promise<Step> {
  const { context, pace, grace } = work;
  const { store, clock, stopping } = context;
  await pace.turn(senderOf(account), perSecond(work, account), stopping);
  if (stopping.aborted) return "finished";
  if (await isOptedOut(context, entry.value.account, entry.value.to)) {
    return await abandon(context, entry, "opted-out", "the recipient has opted out (STOP)");
  }
  const request = await outgoing(work, account, entry.value);
  const begun = await store.commit({
    check: [{ key: entry.key, versionstamp: entry.versionstamp }],
    set: [{ key: entry.key, value: { ...entry.value, begunAtMs: clock.now() } }],
  });
  const marked = begun ? await store.get<OutboxRow>(entry.key) : null;
  if (marked === null) return "again";
  grace.begin(marked.value.id);
  const outcome = await context.twilio(account).sendMessage(request);
  return await settle(work, marked, account, outcome);
}

/** Looks at a row and does the next thing with it. */
async function step(work: Work, id: number): Promise<Step> {
  const { context } = work;
  const { store, clock, stopping } = context;
  const entry = await store.get<OutboxRow>(outboxKey(id));
  if (entry === null || stopping.aborted) return "finished";
  const row = entry.value;
  const waitMs = row.notBeforeMs - clock.now();
  if (waitMs > 0) {
    await sleep(clock, waitMs, stopping);
    return "again";
  }
  const account = accountOf(context, row.account);
  if (account === undefined) {
    const detail = `account ${row.account} is not configured any more`;
    return await abandon(context, entry, "no-account", detail);
  }
  if (row.begunAtMs !== null) return await lookUp(work, entry, account);
  if (clock.now() - row.createdAtMs > OUTBOX_AGE_MS_MAX) {
    return await abandon(context, entry, "too-old", "Twilio did not take it for a day");
  }
  return await send(work, entry, account);
}

/** Makes the deliverer of an outbox. */
export function createDeliverer(
  context: BridgeContext,
  files: Pick<OutgoingFiles, "urlsOf">,
): Deliverer {
  const { clock, stopping } = context;
  const work: Work = {
    context,
    pace: createPace(clock),
    grace: createGrace(clock, stopping),
    files,
  };
  const lanes = createLanes();
  function wake({ id, account, to }: Pick<OutboxRow, "id" | "account" | "to">): void {
    lanes.push(
      `${account} ${to}`,
      async () => {
        await untilFinished(context, "deliver.failed", () => step(work, id));
        work.grace.end(id);
      },
    );
  }
  return {
    wake,
    async start() {
      for await (const { value } of outboxRows(context.store)) wake(value);
    },
    idle: () => lanes.idle(),
    get pending() {
      return lanes.pending;
    },
  };
}
