/**
 * Delivery: takes messages from the outbox and sends their chunks, in order, each once.
 *
 * A chunk is marked as begun before its request leaves. When the answer is not known (a timeout, a
 * dropped connection, a crash), Twilio's own list is looked at before anything is sent again.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { deadKey, deliveryKey, outboxKey } from "../store/keys.ts";
import { HISTORY_TTL_MS, historySet } from "../store/inbox.ts";
import type { Change, Entry } from "../store/kv.ts";
import { type DeadLetter, type OutboxRow, outboxRows } from "../store/outbox.ts";
import { sleep } from "../system/clock.ts";
import {
  OUTBOX_AGE_MS_MAX,
  SEND_ABSENCE_GRACE_MS,
  SEND_BACKOFF_MS_MAX,
  SEND_BACKOFF_MS_MIN,
} from "../system/limits.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import { statusCallbackUrl } from "../twilio/delivery.ts";
import { findSent } from "../twilio/lookup.ts";
import type { SendOutcome } from "../twilio/rest.ts";
import { accountOf, type BridgeContext } from "./context.ts";
import { createLanes } from "./lanes.ts";
import { createPace } from "./pace.ts";
import { type DeliveryRow, mergeDelivery } from "./reports.ts";

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

/** What has to happen next with a row: nothing, or another look at it. */
type Step = "finished" | "again";

/** Makes the deliverer of an outbox. */
export function createDeliverer(context: BridgeContext): Deliverer {
  const { store, clock, log, stopping } = context;
  const pace = createPace(clock);
  const lanes = createLanes((error) => {
    log.error("deliver.failed", { error: error instanceof Error ? error.message : String(error) });
  });

  function backoffMs(attempts: number): number {
    const fullMs = Math.min(SEND_BACKOFF_MS_MAX, SEND_BACKOFF_MS_MIN * 2 ** attempts);
    return fullMs * (0.5 + context.random.fraction() / 2);
  }

  async function advance(entry: Entry<OutboxRow>, sid: string, status: string): Promise<Step> {
    const row = entry.value;
    const nowMs = clock.now();
    const known = await store.get<DeliveryRow>(deliveryKey(sid));
    const delivery = mergeDelivery(known?.value ?? null, { status, errorCode: null }, nowMs);
    const sids = [...row.sids, sid];
    const next: OutboxRow = { ...row, sids, begunAtMs: null, attempts: 0, notBeforeMs: 0 };
    const finished = sids.length === row.chunks.length;
    const change: Change = {
      check: [
        { key: entry.key, versionstamp: entry.versionstamp },
        { key: deliveryKey(sid), versionstamp: known?.versionstamp ?? null },
      ],
      set: [
        {
          key: deliveryKey(sid),
          value: { ...delivery, messageId: row.id },
          expireInMs: HISTORY_TTL_MS,
        },
        finished ? outHistory(next, "sent", nowMs) : { key: entry.key, value: next },
      ],
      ...(finished ? { delete: [entry.key] } : {}),
    };
    if (!await store.commit(change)) return "again";
    const { segments } = row.chunks[row.sids.length]!;
    context.tally.count("messages", "sent");
    context.tally.count("segments", "", segments);
    context.tally.mark("outbound", nowMs);
    log.info("message.sent", {
      to: maskNumber(row.to),
      sid: shortSid(sid),
      chunk: `${sids.length}/${row.chunks.length}`,
      segments,
    });
    return finished ? "finished" : "again";
  }

  async function giveUp(entry: Entry<OutboxRow>, reason: string, detail: string): Promise<Step> {
    const row = entry.value;
    const nowMs = clock.now();
    const dead: DeadLetter = {
      id: row.id,
      from: "outbox",
      account: row.account,
      phone: row.to,
      messageSid: row.inReplyTo,
      reason,
      detail,
      atMs: nowMs,
      row,
    };
    await store.commit({
      check: [{ key: entry.key, versionstamp: entry.versionstamp }],
      set: [
        { key: deadKey(row.id), value: dead, expireInMs: HISTORY_TTL_MS },
        outHistory(row, reason, nowMs),
      ],
      delete: [entry.key],
    });
    context.tally.count("messages", reason);
    log.error("message.given-up", { to: maskNumber(row.to), reason, detail });
    return "finished";
  }

  async function postpone(
    entry: Entry<OutboxRow>,
    delayMs: number,
    begunAtMs: number | null,
  ): Promise<Step> {
    const row = entry.value;
    const next: OutboxRow = {
      ...row,
      begunAtMs,
      attempts: row.attempts + 1,
      notBeforeMs: clock.now() + delayMs,
    };
    await store.commit({
      check: [{ key: entry.key, versionstamp: entry.versionstamp }],
      set: [{ key: entry.key, value: next }],
    });
    return "again";
  }

  /** Decides on a chunk whose request left but whose answer is not known. */
  async function lookUp(entry: Entry<OutboxRow>, account: AccountSettings): Promise<Step> {
    const row = entry.value;
    const begunAtMs = row.begunAtMs!;
    const found = await findSent(context.twilio(account), {
      to: row.to,
      from: account.fromNumber,
      body: row.chunks[row.sids.length]!.body,
      sinceMs: begunAtMs,
      isOurs: async (sid) => {
        const delivery = await store.get<DeliveryRow>(deliveryKey(sid));
        return delivery !== null && delivery.value.messageId !== null;
      },
      signal: stopping,
    });
    context.tally.count("lookups", found.kind);
    log.info("message.looked-up", { to: maskNumber(row.to), found: found.kind });
    if (found.kind === "found") return await advance(entry, found.sid, found.status);
    const graceMs = begunAtMs + SEND_ABSENCE_GRACE_MS - clock.now();
    if (found.kind === "unknown") return await postpone(entry, backoffMs(row.attempts), begunAtMs);
    if (graceMs > 0) return await postpone(entry, graceMs, begunAtMs);
    return await postpone(entry, 0, null);
  }

  async function settle(
    entry: Entry<OutboxRow>,
    account: AccountSettings,
    outcome: SendOutcome,
  ): Promise<Step> {
    const row = entry.value;
    switch (outcome.kind) {
      case "sent":
        return await advance(entry, outcome.sid, outcome.status);
      case "refused":
        context.tally.count("twilio_errors", String(outcome.code ?? outcome.httpStatus));
        return await giveUp(entry, "refused", outcome.message);
      case "unprocessed": {
        context.tally.count(
          "twilio_errors",
          String(outcome.code ?? outcome.httpStatus ?? "connect"),
        );
        const delayMs = Math.max(outcome.retryAfterMs ?? 0, backoffMs(row.attempts));
        if (outcome.retryAfterMs !== undefined) pace.hold(senderOf(account), outcome.retryAfterMs);
        return await postpone(entry, delayMs, null);
      }
      case "unknown":
        context.tally.count("twilio_errors", String(outcome.httpStatus ?? "no-answer"));
        log.warn("message.fate-unknown", { to: maskNumber(row.to), reason: outcome.reason });
        return await postpone(entry, outcome.retryAfterMs ?? 0, row.begunAtMs);
    }
  }

  async function send(entry: Entry<OutboxRow>, account: AccountSettings): Promise<Step> {
    await pace.turn(senderOf(account), context.settings().bridge.messagesPerSecond, stopping);
    if (stopping.aborted) return "finished";
    const row: OutboxRow = { ...entry.value, begunAtMs: clock.now() };
    const begun = await store.commit({
      check: [{ key: entry.key, versionstamp: entry.versionstamp }],
      set: [{ key: entry.key, value: row }],
    });
    const marked = await store.get<OutboxRow>(entry.key);
    if (!begun || marked === null) return "again";
    const chunk = row.chunks[row.sids.length]!;
    const outcome = await context.twilio(account).sendMessage({
      to: row.to,
      ...(account.fromNumber === undefined
        ? { messagingServiceSid: account.messagingServiceSid! }
        : { from: account.fromNumber }),
      body: chunk.body,
      ...(chunk.mediaUrls.length === 0 ? {} : { mediaUrls: chunk.mediaUrls }),
      ...callback(account),
    });
    return await settle(marked, account, outcome);
  }

  async function step(id: number): Promise<Step> {
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
      return await giveUp(entry, "no-account", `account ${row.account} is not configured any more`);
    }
    if (row.begunAtMs !== null) return await lookUp(entry, account);
    if (clock.now() - row.createdAtMs > OUTBOX_AGE_MS_MAX) {
      return await giveUp(entry, "too-old", "Twilio did not take it for a day");
    }
    return await send(entry, account);
  }

  function wake({ id, account, to }: Pick<OutboxRow, "id" | "account" | "to">): void {
    lanes.push(`${account} ${to}`, async () => {
      while (await step(id) === "again");
    });
  }

  return {
    wake,
    async start() {
      for await (const { value } of outboxRows(store)) wake(value);
    },
    idle: () => lanes.idle(),
    get pending() {
      return lanes.pending;
    },
  };
}

function senderOf(account: AccountSettings): string {
  return account.fromNumber ?? account.messagingServiceSid ?? account.id;
}

function callback(account: AccountSettings): { statusCallback?: string } {
  if (account.publicWebhookUrl === undefined) return {};
  return { statusCallback: statusCallbackUrl(account.publicWebhookUrl) };
}

function outHistory(row: OutboxRow, outcome: string, atMs: number) {
  return historySet({
    id: row.id,
    direction: "out",
    account: row.account,
    phone: row.to,
    sids: row.sids,
    atMs,
    outcome,
    segments: row.chunks.reduce((sum, { segments }) => sum + segments, 0),
  });
}
