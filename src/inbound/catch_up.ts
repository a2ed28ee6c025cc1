/**
 * Catch-up: after an outage of ours, the texts whose webhooks never reached us are fetched from Twilio's
 * list and taken in as if they had come.
 *
 * It looks for what Twilio could not deliver: a text that was delivered has left a trace, whatever became
 * of it. Nor does it reach behind the first start, a restored backup, or the admission of a sender.
 *
 * The bridge writes down every minute that it is alive. When that note is old (at start, or because the
 * machine slept), texts since then are looked for. So they are when Twilio's alerts tell that a webhook
 * failed while the bridge was alive, as when the way to it was cut.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { parseSender } from "../policy/phone.ts";
import { readAllowed } from "../people/pairing_book.ts";
import { ALIVE_KEY, BEGINNING_KEY, COPIED_KEY, MISSED_KEY, seenKey } from "../store/keys.ts";
import { sleep } from "../system/clock.ts";
import {
  ALIVE_INTERVAL_MS,
  CATCH_UP_ALERTS_MS,
  CATCH_UP_LATE_MS,
  CATCH_UP_OVERLAP_MS,
  CATCH_UP_RETRY_MS,
  INBOUND_MEDIA_MAX,
  RATE_WINDOW_MS,
} from "../system/limits.ts";
import { isAboutWebhook } from "../twilio/alerts.ts";
import type { InboundMedia, InboundMessage } from "../twilio/inbound.ts";
import type { MessageRecord } from "../twilio/records.ts";
import type { TwilioClient } from "../twilio/rest.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { type IntakeParts, takeText } from "./intake.ts";
import { orderOptOuts } from "./opt_out_order.ts";
import { errorText } from "../system/failure.ts";

/** Twilio's list tells times in whole seconds: what came within the same one may have come later. */
function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1_000) * 1_000;
}

/**
 * The files of a text; null when Twilio cannot say now. Where it refuses to, the agent is told that they
 * are missing.
 */
async function mediaOf(
  twilio: TwilioClient,
  record: MessageRecord,
): Promise<InboundMedia[] | null> {
  if (record.numMedia === 0) return [];
  const listed = await twilio.listMedia(record.sid);
  if (listed.kind !== "ok") return listed.reason === "refused" ? [] : null;
  return listed.value.slice(0, INBOUND_MEDIA_MAX).map(({ sid, contentType }) => ({
    url: twilio.mediaUrl(record.sid, sid),
    contentType,
  }));
}

async function asText(
  twilio: TwilioClient,
  account: AccountSettings,
  record: MessageRecord,
): Promise<InboundMessage | null> {
  const media = await mediaOf(twilio, record);
  return media === null ? null : {
    kind: "message",
    messageSid: record.sid,
    accountSid: account.accountSid,
    from: record.from,
    sender: parseSender(record.from),
    to: record.to,
    text: record.body,
    numMedia: record.numMedia,
    media,
    segments: record.segments,
    createdAtMs: record.createdAtMs ?? undefined,
    group: record.numMedia === 0 && /^MM/i.test(record.sid),
  };
}

/** Whether a text came before its sender was last let in: then it was no text for the agent. */
async function isBehindAdmission(
  { store }: BridgeContext,
  account: AccountSettings,
  { from, createdAtMs }: MessageRecord,
): Promise<boolean> {
  const sender = parseSender(from);
  if (sender.kind !== "phone") return false;
  const allowed = await readAllowed(store, account.id, sender.phone);
  return allowed !== null && (createdAtMs ?? 0) < wholeSecond(allowed.atMs);
}

/**
 * The texts to this account among those listed. Twilio names the Messaging Service of some texts only: the
 * numbers of the service are asked for where a text needs them. Null when Twilio cannot say now.
 */
async function thoseForUs(
  twilio: TwilioClient,
  { fromNumber, messagingServiceSid }: AccountSettings,
  records: readonly MessageRecord[],
): Promise<MessageRecord[] | null> {
  const isKnown = (record: MessageRecord) =>
    record.to === fromNumber ||
    (record.messagingServiceSid !== null && record.messagingServiceSid === messagingServiceSid);
  const isOpen = (record: MessageRecord) => record.messagingServiceSid === null && !isKnown(record);
  if (messagingServiceSid === undefined || !records.some(isOpen)) return records.filter(isKnown);
  const numbers = await twilio.listServiceNumbers(messagingServiceSid);
  if (numbers.kind !== "ok" && numbers.reason !== "refused") return null;
  const ours = numbers.kind === "ok" ? numbers.value : [];
  return records.filter((record) =>
    isKnown(record) || (isOpen(record) && ours.includes(record.to))
  );
}

/** Texts of an account since a time, oldest first; null when Twilio's list cannot be read to its end. */
async function listTexts(
  context: BridgeContext,
  account: AccountSettings,
  sinceMs: number,
): Promise<MessageRecord[] | null> {
  const found: MessageRecord[] = [];
  const to = account.messagingServiceSid === undefined ? account.fromNumber : undefined;
  const filter = { to, sentFromMs: sinceMs, pageSize: 1_000 };
  for await (const page of context.twilio(account).listMessages(filter, context.stopping)) {
    if (page.kind !== "ok") {
      context.log.warn("catch-up.failed", { account: account.id, reason: page.message });
      return null;
    }
    found.push(
      ...page.value.messages.filter(({ direction, createdAtMs }) =>
        direction === "inbound" && (createdAtMs ?? 0) >= sinceMs
      ),
    );
  }
  return await thoseForUs(context.twilio(account), account, found.reverse());
}

/**
 * Takes in an account's texts since `sinceMs` that are not known yet. Returns how many, or null when
 * Twilio's list cannot be read and it must be tried again.
 */
export async function catchUp(
  parts: IntakeParts,
  account: AccountSettings,
  sinceMs: number,
): Promise<number | null> {
  const { context } = parts;
  const listed = await listTexts(context, account, sinceMs);
  if (listed === null) return null;
  await orderOptOuts(context, account, listed);
  let recovered = 0;
  for (const record of listed) {
    if (await context.store.get(seenKey(account.accountSid, record.sid)) !== null) continue;
    if (await isBehindAdmission(context, account, record)) continue;
    const text = await asText(context.twilio(account), account, record);
    if (text === null) return null;
    if (await takeText(parts, account, text, true) === "stored") recovered++;
  }
  if (recovered > 0) {
    context.log.info("catch-up.recovered", { account: account.id, texts: recovered });
  }
  context.tally.count("recovered", account.id, recovered);
  return recovered;
}

/** Whether Twilio tells of a webhook since a time that it could not deliver; false where it tells nothing. */
async function hasAlerts({ settings, twilio, stopping }: BridgeContext, sinceMs: number) {
  for (const account of settings().accounts.filter(({ enabled }) => enabled)) {
    const alerts = await twilio(account).listAlerts(sinceMs, stopping);
    if (alerts.kind !== "ok") continue;
    const { publicWebhookUrl } = account;
    if (alerts.value.some((alert) => isAboutWebhook(alert, publicWebhookUrl))) return true;
  }
  return false;
}

async function catchUpAll(parts: IntakeParts, sinceMs: number): Promise<boolean> {
  const { context } = parts;
  let complete = true;
  const begunAtMs = context.clock.now();
  for (const account of context.settings().accounts.filter(({ enabled }) => enabled)) {
    if (await catchUp(parts, account, sinceMs) === null) complete = false;
  }
  context.tally.count("catch_ups", complete ? "complete" : "failed");
  if (complete) context.tally.mark("catch_up", begunAtMs);
  return complete;
}

/**
 * What lies before is not ours: the first start of this state directory, or of a copy of it, as other
 * texts may have been answered by whoever ran before.
 */
async function beginning(
  { store, clock }: IntakeParts["context"],
  isFirst: boolean,
): Promise<number> {
  const known = await store.get(BEGINNING_KEY);
  const copied = await store.get(COPIED_KEY);
  if (known !== null && copied === null && !isFirst) return known.value;
  if (known === null && copied === null && !isFirst) return 0;
  const nowMs = wholeSecond(clock.now());
  await store.commit({ set: [{ key: BEGINNING_KEY, value: nowMs }], delete: [COPIED_KEY] });
  return nowMs;
}

/** What is known from one look to the next. */
interface Looked {
  /** Whether the bridge was noted as alive since it started. */
  started: boolean;
  /** Whether a catch-up has begun and was not completed. */
  due: boolean;
  /** When Twilio's alerts were read last. */
  alertsAtMs: number;
}

/** Catches up where that is due, then notes that the bridge is alive. Returns how long to wait for the next look. */
async function look(parts: IntakeParts, looked: Looked): Promise<number> {
  const { store, clock, settings } = parts.context;
  const nowMs = clock.now();
  const alive = await store.get(ALIVE_KEY);
  const { catchUp: wanted, catchUpWindowHours } = settings().bridge;
  const missed = await store.get(MISSED_KEY);
  const isMissed = missed !== null && nowMs - missed.value > RATE_WINDOW_MS;
  let late: boolean = alive !== null &&
    (!looked.started || looked.due || isMissed || nowMs - alive.value > CATCH_UP_LATE_MS);
  if (wanted && !late && nowMs - looked.alertsAtMs >= CATCH_UP_ALERTS_MS) {
    // An alert may stand in the list a while after its time.
    late = await hasAlerts(parts.context, looked.alertsAtMs - CATCH_UP_ALERTS_MS);
    looked.alertsAtMs = nowMs;
  }
  const earliestMs = nowMs - catchUpWindowHours * 3_600_000;
  const floorMs = await beginning(parts.context, alive === null);
  const sinceMs = Math.max(
    earliestMs,
    floorMs,
    Math.min(alive?.value ?? nowMs, missed?.value ?? nowMs) - CATCH_UP_OVERLAP_MS,
  );
  // What is refused from here on is noted anew.
  if (isMissed) await store.commit({ delete: [MISSED_KEY] });
  looked.due = late && wanted;
  if (looked.due) looked.due = !await catchUpAll(parts, sinceMs);
  if (looked.due) return CATCH_UP_RETRY_MS;
  await store.commit({ set: [{ key: ALIVE_KEY, value: nowMs }] });
  looked.started = true;
  return ALIVE_INTERVAL_MS;
}

/** Notes that the bridge is alive, and catches up whenever that note has become old. */
export async function startCatchUp(parts: IntakeParts): Promise<void> {
  const { clock, log, stopping } = parts.context;
  const looked: Looked = { started: false, due: false, alertsAtMs: clock.now() };
  while (!stopping.aborted) {
    const waitMs = await look(parts, looked).catch((error) => {
      log.error("catch-up.failed", { error: errorText(error) });
      return ALIVE_INTERVAL_MS;
    });
    await sleep(clock, waitMs, stopping);
  }
}
