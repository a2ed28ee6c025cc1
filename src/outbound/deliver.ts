/**
 * Delivery: takes messages from the outbox and sends their chunks, in order, each once.
 *
 * A chunk is marked as begun before its request leaves. When the answer is not known (a timeout, a
 * dropped connection, a crash), Twilio's own list is looked at before anything is sent again.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { deliveryKey } from "../store/delivery_row.ts";
import { inboxKey } from "../store/inbox_row.ts";
import { outboxKey, type OutboxRow, outboxRows } from "../store/outbox_row.ts";
import { readSender } from "../store/sender_row.ts";
import type { Entry } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { RETRY_AFTER_MS_MAX } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { statusCallbackUrl } from "../twilio/delivery.ts";
import { findSent } from "../twilio/lookup.ts";
import type { OutgoingMessage, SendOutcome } from "../twilio/rest.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import { createGrace, type Grace } from "./grace.ts";
import { createLanes } from "../bridge/lanes.ts";
import { setOptOut } from "../people/opt_out.ts";
import type { OutgoingFiles } from "./outgoing_files.ts";
import { carryOut } from "./carry_out.ts";
import { countIn } from "./count_in.ts";
import { decideLookUp, decideMessage, decideSent } from "./decide.ts";
import { createPace, type Pace } from "./pace.ts";
import { type Step, untilFinished } from "../bridge/steps.ts";
import { traceOf } from "./trace.ts";

/** A message whose first chunk leaves as soon as the commit is on disk that makes it. */
export interface Claim {
  /** What that commit writes: its first chunk is begun. */
  readonly row: OutboxRow;
  /** Must be told once: the version that the commit gave the row, null when the row is not known to be there. */
  settle(versionstamp: string | null): void;
}

/** Sends what is in the outbox. */
export interface Deliverer {
  /** Takes up what waits in the store and is not taken up yet: at the start, or from another bridge. */
  look(): Promise<void>;
  /** Takes up a message that has just been committed. */
  wake(row: Pick<OutboxRow, "id" | "account" | "to">): void;
  /** Takes up a message that is about to be committed, if it may go out at once; else null. */
  claim(row: OutboxRow): Claim | null;
  /** Resolves when nothing is under way: after the stop signal, or when the outbox is empty. */
  idle(): Promise<void>;
  /** Messages not sent yet. */
  readonly pending: number;
}

interface DeliverContext {
  readonly context: BridgeContext;
  readonly pace: Pace;
  readonly grace: Grace;
  readonly files: Pick<OutgoingFiles, "urlsOf">;
}

const FILE_GONE = "(A file could not be sent any more.)";
/** Twilio's error for a recipient who has opted out. */
const OPTED_OUT = 21610;
/** Answers of one instant are begun together: each waits so long at most for its number's turn. */
const AT_ONCE_MS = 25;

/** What is paced: a number, or a service, which has a pace of its own whatever number it sends from. */
function senderOf(
  { fromNumber, messagingServiceSid, id }: AccountSettings,
  from?: string | undefined,
): string {
  return fromNumber === undefined ? messagingServiceSid ?? id : from ?? fromNumber;
}

function perSecond({ context }: DeliverContext, account: AccountSettings): number {
  const { messagesPerSecond, serviceMessagesPerSecond } = context.settings().bridge;
  return account.fromNumber === undefined ? serviceMessagesPerSecond : messagesPerSecond;
}

/** The request for the chunk at the cursor. */
async function outgoing(
  { context, files }: DeliverContext,
  account: AccountSettings,
  row: OutboxRow,
): Promise<OutgoingMessage> {
  const { maxPriceUsd, validityPeriodSec } = context.settings().bridge;
  const chunk = row.chunks[row.sids.length]!;
  const mediaUrls = await files.urlsOf(account, chunk.mediaUrls);
  const body = chunk.body === "" && mediaUrls.length === 0 ? FILE_GONE : chunk.body;
  const { messagingServiceSid, publicWebhookUrl } = account;
  const from = row.from ?? account.fromNumber;
  return {
    to: row.to,
    ...(from === undefined ? {} : { from }),
    ...(account.fromNumber === undefined ? { messagingServiceSid: messagingServiceSid ?? "" } : {}),
    body,
    maxPrice: maxPriceUsd,
    validityPeriodSeconds: validityPeriodSec,
    ...(mediaUrls.length === 0 ? {} : { mediaUrls }),
    ...(publicWebhookUrl === undefined
      ? {}
      : { statusCallback: statusCallbackUrl(publicWebhookUrl) }),
  };
}

/** Looks at Twilio's list for a chunk whose request left but whose answer is not known. */
async function lookUp(
  work: DeliverContext,
  entry: Entry<OutboxRow>,
  account: AccountSettings,
  begunAtMs: number,
): Promise<Step> {
  const { context, grace } = work;
  const row = entry.value;
  const absenceCounts = grace.isOver(row.id);
  const found = await findSent(context.twilio(account), {
    to: row.to,
    // A service may tell later which number it sends from.
    from: account.fromNumber === undefined ? undefined : row.from ?? account.fromNumber,
    body: row.chunks[row.sids.length]!.body,
    sinceMs: begunAtMs,
    skewMs: context.clockSkewMs,
    isOurs: async (sid) => {
      const delivery = await context.store.get(deliveryKey(sid));
      return delivery !== null && delivery.value.messageId !== null;
    },
    signal: context.stopping,
  });
  context.tally.count("lookups", found.kind);
  const [trace, to] = [traceOf(row), maskNumber(row.to)];
  context.log.info("message.looked-up", { trace, to, found: found.kind });
  const verdict = decideLookUp(found, begunAtMs, absenceCounts);
  if (verdict !== null) return await carryOut(context, entry, verdict);
  await grace.over(row.id);
  return "again";
}

/** Counts and logs what Twilio answered, and remembers what it says of the recipient and the pace. */
async function noteOutcome(
  { context, pace }: DeliverContext,
  row: OutboxRow,
  account: AccountSettings,
  outcome: SendOutcome,
): Promise<void> {
  const { tally, log } = context;
  const { account: id, to } = row;
  if (outcome.kind === "sent") return;
  const nothing = outcome.kind === "unknown" ? "no-answer" : "connect";
  const code = outcome.kind === "unknown" ? null : outcome.code;
  tally.count("twilio_errors", String(code ?? outcome.httpStatus ?? nothing));
  if (outcome.kind === "unknown") {
    const { reason } = outcome;
    log.warn("message.fate-unknown", { trace: traceOf(row), to: maskNumber(to), reason });
  } else if (outcome.kind === "unprocessed") {
    const { retryAfterMs = 0 } = outcome;
    if (retryAfterMs > 0) pace.hold(senderOf(account), retryAfterMs);
  } else if (outcome.class === "credentials") {
    const hint = "set the Auth Token or API key anew; the message waits";
    log.error("twilio.credentials", { account: id, code: outcome.code, hint });
  } else if (outcome.code === OPTED_OUT) {
    await setOptOut(context, id, to, { optedOut: true, reason: "twilio" });
  }
}

/** Asks Twilio to send the chunk at the cursor, which was marked as begun. */
async function sendMarked(
  work: DeliverContext,
  marked: Entry<OutboxRow>,
  account: AccountSettings,
  request: OutgoingMessage,
): Promise<Step> {
  const { context, grace } = work;
  // It was paused until another bridge may have taken over, which finds the message as begun.
  if (!context.holds()) return "again";
  grace.begin(marked.value.id);
  const outcome = await context.twilio(account).sendMessage(request);
  await noteOutcome(work, marked.value, account, outcome);
  return await carryOut(context, marked, decideSent(outcome, marked.value.begunAtMs));
}

/** Marks the chunk at the cursor as begun, then asks Twilio to send it. */
async function send(
  work: DeliverContext,
  entry: Entry<OutboxRow>,
  account: AccountSettings,
): Promise<Step> {
  const { context, pace } = work;
  const { store, clock, stopping } = context;
  await pace.turn(senderOf(account, entry.value.from), perSecond(work, account), stopping);
  if (stopping.aborted) return "finished";
  const { row: recipient } = await readSender(context, entry.value.account, entry.value.to);
  if (recipient.blockedAtMs !== undefined) {
    const detail = "the recipient is blocked";
    return await carryOut(context, entry, { kind: "abandon", reason: "blocked", detail });
  }
  if (recipient.optedOutAtMs !== null) {
    const detail = "the recipient has opted out (STOP)";
    return await carryOut(context, entry, { kind: "abandon", reason: "opted-out", detail });
  }
  const request = await outgoing(work, account, entry.value);
  const value = { ...entry.value, begunAtMs: clock.now() };
  const versionstamp = await store.commit({
    check: [{ key: entry.key, versionstamp: entry.versionstamp }],
    set: [{ key: entry.key, value }],
  });
  if (versionstamp === null) return "again";
  return await sendMarked(work, { key: entry.key, value, versionstamp }, account, request);
}

/** The account that sends a message as good as at once, if nothing keeps it: then the number's turn is taken. */
function sendsAtOnce(work: DeliverContext, row: OutboxRow) {
  const { context: { clock, holds, settings, stopping }, pace } = work;
  const { uncounted = false, whileWaiting, chunks, from } = row;
  const plain = !uncounted && whileWaiting === undefined && chunks[0]?.mediaUrls.length === 0;
  if (!plain || stopping.aborted || !holds()) return null;
  const next = decideMessage(row, accountOf({ settings }, row.account), clock.now());
  if (next.kind !== "send") return null;
  const { account } = next;
  const sender = senderOf(account, from);
  const waitMs = pace.turnWithin(AT_ONCE_MS, sender, perSecond(work, account));
  return waitMs === null ? null : { account, waitMs: Math.ceil(waitMs) };
}

/** Looks at a row and does the next thing with it; `waited` is its version that has waited long enough. */
async function step(work: DeliverContext, id: number, waited?: string): Promise<Step> {
  const { context } = work;
  const { store, clock, stopping } = context;
  const entry = await store.get(outboxKey(id));
  if (entry === null || stopping.aborted) return "finished";
  const { account, whileWaiting } = entry.value;
  const isAnswered = whileWaiting !== undefined && await store.get(inboxKey(whileWaiting)) === null;
  const row = waited === entry.versionstamp ? { ...entry.value, notBeforeMs: 0 } : entry.value;
  const decided = decideMessage(row, accountOf(context, account), clock.now(), isAnswered);
  const next = decided.kind === "send" && entry.value.uncounted === true
    ? await countIn(context, entry)
    : decided;
  switch (next.kind) {
    case "again":
      return "again";
    case "wait":
      // By a timer of this process: who wrote the row may have a clock that is ahead.
      await sleep(clock, Math.min(next.forMs, row.waitMs ?? RETRY_AFTER_MS_MAX), stopping);
      return decided.kind === "wait" ? await step(work, id, entry.versionstamp) : "again";
    case "abandon":
      return await carryOut(context, entry, next);
    case "look-up":
      return await lookUp(work, entry, next.account, next.begunAtMs);
    case "send":
      return await send(work, entry, next.account);
  }
}

/** Takes a message out that no step can be made with. */
async function giveUp(context: BridgeContext, id: number, detail: string): Promise<Step> {
  const entry = await context.store.get(outboxKey(id));
  if (entry === null) return "finished";
  return await carryOut(context, entry, { kind: "abandon", reason: "failed", detail });
}

/** Makes the deliverer of an outbox. */
export function createDeliverer(
  context: BridgeContext,
  files: Pick<OutgoingFiles, "urlsOf">,
): Deliverer {
  const { clock, stopping } = context;
  const work: DeliverContext = {
    context,
    pace: createPace(clock),
    grace: createGrace(clock, stopping),
    files,
  };
  const lanes = createLanes();
  const taken = new Set<number>();
  const laneOf = ({ account, to }: Pick<OutboxRow, "account" | "to">) => `${account} ${to}`;
  async function finish(id: number, begin = () => step(work, id)): Promise<void> {
    let look = begin;
    await untilFinished(
      context,
      "deliver.failed",
      () => {
        const now = look;
        look = () => step(work, id);
        return now();
      },
      (detail) => giveUp(context, id, detail),
    );
    work.grace.end(id);
    taken.delete(id);
  }
  function wake(row: Pick<OutboxRow, "id" | "account" | "to">): void {
    taken.add(row.id);
    lanes.push(laneOf(row), () => finish(row.id));
  }
  function claim(plain: OutboxRow): Claim | null {
    if (!lanes.isFree(laneOf(plain))) return null;
    const turn = sendsAtOnce(work, plain);
    if (turn === null) return null;
    const { account, waitMs } = turn;
    const row = { ...plain, begunAtMs: clock.now() + waitMs };
    const settled = Promise.withResolvers<string | null>();
    taken.add(row.id);
    lanes.push(laneOf(row), async () => {
      const versionstamp = await settled.promise;
      if (versionstamp === null) return;
      const inMs = row.begunAtMs - clock.now();
      if (inMs > 0) await sleep(clock, inMs, stopping);
      await finish(row.id, async () => {
        const marked = { key: outboxKey(row.id), value: row, versionstamp };
        return await sendMarked(work, marked, account, await outgoing(work, account, row));
      });
    });
    return {
      row,
      settle(versionstamp) {
        if (versionstamp === null) taken.delete(row.id);
        settled.resolve(versionstamp);
      },
    };
  }
  async function look(): Promise<void> {
    for await (const { value } of outboxRows(context.store)) if (!taken.has(value.id)) wake(value);
  }
  return {
    wake,
    claim,
    look,
    idle: () => lanes.idle(),
    get pending() {
      return lanes.pending;
    },
  };
}
