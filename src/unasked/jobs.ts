/**
 * Scheduled jobs of the Gateway that announce to sms: the Gateway itself cannot deliver there, but tells
 * what it would have sent, and to whom. What was told while the link was down is read from its list of runs.
 *
 * @module
 */
import type { GatewayEvent } from "../gateway/connection.ts";
import { asObject, asString, type JsonObject } from "../gateway/frames.ts";
import type { Link } from "../gateway/link.ts";
import { readHistory } from "../gateway/history.ts";
import { partsOf } from "../gateway/reply.ts";
import { isReply, readRow, readRows } from "../gateway/transcript.ts";
import { unaskedReplies } from "../gateway/unasked.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { CRON_MARK_KEY } from "../store/keys.ts";
import { CRON_RUNS_MAX, CRON_WAITING_MAX, PROACTIVE_AGE_MS_MAX } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { composeUnasked } from "../outbound/compose.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import { createLanes } from "../bridge/lanes.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { isKnown } from "../people/known.ts";
import { onlyOnce } from "./proactive.ts";
import { type Recipient, recipientOf } from "./session_recipient.ts";
import type { GatewayViews } from "../bridge/gateway_views.ts";
import type { OutgoingFiles } from "../outbound/outgoing_files.ts";
import { enqueue } from "../outbound/enqueue.ts";

/** What the delivery works with. */
export interface CronParts {
  readonly context: BridgeContext;
  readonly link: Pick<Link, "onEvent" | "onState" | "request" | "state">;
  readonly views: GatewayViews;
  readonly files: OutgoingFiles;
  readonly deliverer: Pick<Deliverer, "wake">;
}

/** A run that wants its words texted. */
interface Announcement {
  /** The number that the job names; null when it is for whoever its session belongs to. */
  readonly to: string | null;
  readonly account: string | undefined;
  /** The session that the job was made in, if any. */
  readonly madeIn: string | null;
  /** The session that it ran in. */
  readonly ranIn: string | null;
  /** What it is known by, in the event as in the list. */
  readonly run: string;
  /** When it began, by the Gateway's clock. */
  readonly atMs: number;
  readonly text: string;
}

/**
 * Whether a run did what it should; that the Gateway could not deliver it counts as its error there, which
 * stands in one field or the other.
 */
function hasSucceeded({ status, error, deliveryError, delivery }: JsonObject): boolean {
  if (status === "ok") return true;
  const { error: unresolved } = asObject(asObject(delivery).resolved);
  return error !== undefined && (error === deliveryError || error === unresolved);
}

/** Whether a run's words are for SMS: it says so, or is for the last channel and that was SMS. */
function isForSms(delivery: JsonObject): boolean {
  const { channel } = asObject(delivery.intended);
  return channel === "sms" || (channel === "last" && asObject(delivery.resolved).channel === "sms");
}

/** What a run that has ended wants texted; null when it wants nothing by SMS. */
function announcementOf(run: JsonObject): Announcement | null {
  const delivery = asObject(run.delivery);
  const intended = asObject(delivery.intended);
  const text = asString(run.summary)?.trim() ?? "";
  const wanted = run.action === "finished" && hasSucceeded(run) && run.delivered !== true &&
    isForSms(delivery) && text !== "";
  if (!wanted) return null;
  const parts = [asString(run.runId) ?? "", asString(run.jobId) ?? "", String(run.runAtMs ?? "")];
  const job = asObject(run.job);
  return {
    to: asString(intended.to) ?? asString(asObject(job.delivery).to) ??
      asString(asObject(delivery.resolved).to) ?? null,
    account: asString(intended.accountId),
    madeIn: asString(job.sessionKey) ?? null,
    ranIn: asString(run.sessionKey) ?? null,
    run: parts.join(" "),
    atMs: typeof run.runAtMs === "number" ? run.runAtMs : 0,
    text,
  };
}

/** Whom an announcement is for: the number it names, else the person whose session it is. */
async function whomFor(
  { context, link, views }: CronParts,
  { to, account, madeIn, ranIn }: Announcement,
): Promise<Recipient | null> {
  const state = link.state();
  const named = accountOf(context, account ?? context.settings().defaultAccount);
  const phone = parsePhone(to ?? "");
  if (phone !== null) return named === undefined ? null : { account: named, to: phone };
  if (to !== null || state.kind !== "ready") return null;
  const view = await views.read(state.session.bootId);
  for (const sessionKey of [madeIn, ranIn]) {
    if (view === null || sessionKey === null) continue;
    const route = { channel: "sms", to: "", accountId: account };
    const recipient = await recipientOf(context, view, sessionKey, route);
    if (recipient !== null) return recipient;
  }
  return null;
}

/** Whether a run spoke in the very session of the person it is for, where its row is read and texted. */
async function isReadThere(
  parts: CronParts,
  { ranIn, atMs }: Announcement,
  to: Phone,
): Promise<boolean> {
  const { context, link, views } = parts;
  const state = link.state();
  if (!context.settings().bridge.proactive || ranIn === null || state.kind !== "ready") {
    return false;
  }
  const view = await views.read(state.session.bootId);
  const route = { channel: "sms", to, accountId: undefined };
  if (view === null || (await recipientOf(context, view, ranIn, route))?.to !== to) return false;
  const spoke = await readHistory(link, ranIn, (payload) => ({
    found: unaskedReplies(readRows(payload)).some((reply) =>
      reply.answers === null && reply.row.atMs >= atMs
    ),
    reaches: true,
  }), context.stopping);
  return spoke ?? true;
}

/** So much of a long text the Gateway tells in its event. */
const SUMMARY_CHARS = 2_000;
/** So many characters of both are compared to tell that a transcript holds the same text. */
const SAME_CHARS = 1_000;

/** The whole of what a run said: its transcript has it, with the files that it names. */
async function wholeText(
  { link, context }: CronParts,
  { ranIn, text }: Announcement,
  heard: ReadonlyMap<string, string>,
): Promise<string> {
  if (ranIn === null || partsOf(text).length === 0) return text;
  const said = await readHistory(link, ranIn, (payload) => ({
    found: readRows(payload).findLast(isReply)?.text ?? null,
    reaches: true,
  }), context.stopping);
  // Of a job that runs once the Gateway removes the transcript as it ends.
  const whole = said ?? heard.get(ranIn);
  if (whole === undefined) return text;
  const plain = (one: string) =>
    partsOf(one).map((part) => part.text).join("").replace(/\s+/g, " ").trim().slice(0, SAME_CHARS);
  const start = plain(text.slice(0, SUMMARY_CHARS - 1));
  return plain(whole).startsWith(start.slice(0, plain(whole).length)) ? whole : text;
}

async function deliver(
  parts: CronParts,
  announced: Announcement,
  heard: ReadonlyMap<string, string>,
): Promise<void> {
  const { context, deliverer, files } = parts;
  const { log, settings } = context;
  if (!settings().bridge.cronDelivery) return;
  const recipient = await whomFor(parts, announced);
  if (recipient === null) {
    const hint = "name a number in the job's delivery.to, or make the job in a texter's session";
    return log.warn("cron.not-texted", { hint });
  }
  const { account, to } = recipient;
  if (await isReadThere(parts, announced, to)) return;
  if (!await isKnown(context, account, to)) {
    const hint = "let the number in first: `sms-bridge pair allow <NUMBER>`";
    return log.warn("cron.not-texted", { to: maskNumber(to), hint });
  }
  const payloads = partsOf(await wholeText(parts, announced, heard));
  const message = await composeUnasked(context, files, { account, to, payloads });
  if (message === null) return;
  const queued = await enqueue(context, message, onlyOnce(`cron ${announced.run}`));
  if (queued.kind === "refused") {
    return log.warn("cron.not-texted", { to: maskNumber(to), reason: queued.reason });
  }
  if (queued.kind === "posted") queued.wake.forEach(deliverer.wake);
  log.info("cron.texted", { to: maskNumber(to), repeated: queued.kind === "conflict" });
}

/** Delivers what the Gateway's list has beyond the mark. At the very first look, everything is past. */
async function catchUp(parts: CronParts, heard: ReadonlyMap<string, string>): Promise<void> {
  const { context: { store, clock, stopping }, link } = parts;
  const mark = await store.get(CRON_MARK_KEY);
  const asked = { limit: CRON_RUNS_MAX };
  const answer = await link.request("cron.runs", asked, { signal: stopping });
  if (answer.kind !== "ok") return;
  const { entries } = answer.payload;
  const runs = (Array.isArray(entries) ? entries : []).map(asObject)
    .map((run) => ({ run, atMs: typeof run.ts === "number" ? run.ts : 0 }))
    .toSorted((a, b) => a.atMs - b.atMs);
  const oldestMs = Math.max(mark?.value ?? Infinity, clock.now() - PROACTIVE_AGE_MS_MAX);
  for (const { run, atMs } of runs) {
    const announced = atMs > oldestMs ? announcementOf(run) : null;
    if (announced !== null) await deliver(parts, announced, heard);
  }
  const value = Math.max(mark?.value ?? 0, ...runs.map(({ atMs }) => atMs));
  if (value !== mark?.value) await store.commit({ set: [{ key: CRON_MARK_KEY, value }] });
}

/** Notes what was said last in the session of a job. */
function hear(heard: Map<string, string>, payload: JsonObject): void {
  const sessionKey = asString(payload.sessionKey) ?? "";
  if (!/^agent:[^:]+:cron:/.test(sessionKey)) return;
  const row = readRow(payload.message);
  if (!isReply(row)) return;
  heard.delete(sessionKey);
  heard.set(sessionKey, row.text);
  if (heard.size > CRON_RUNS_MAX) heard.delete(heard.keys().next().value!);
}

/** Texts what jobs announce, once for each run; the function returned ends that. */
export function startCronDelivery(parts: CronParts): () => void {
  const { context: { log }, link } = parts;
  const failed = (error: unknown) => log.error("cron.failed", { error: String(error) });
  const heard = new Map<string, string>();
  // One after another: each may ask the Gateway for a transcript.
  const lanes = createLanes();
  let full = false;
  const onEvent = ({ event, payload }: GatewayEvent) => {
    if (event === "session.message") hear(heard, payload);
    const announced = event === "cron" ? announcementOf(payload) : null;
    if (announced === null) return;
    const wasFull = full;
    full = lanes.pending >= CRON_WAITING_MAX;
    if (!full) return lanes.push("jobs", () => deliver(parts, announced, heard).catch(failed));
    if (!wasFull) log.warn("cron.not-texted", { reason: "too many jobs end at once" });
  };
  const onReady = () => void catchUp(parts, heard).catch(failed);
  const stopEvents = link.onEvent(onEvent);
  const stopStates = link.onState(({ kind }) => kind === "ready" && onReady());
  if (link.state().kind === "ready") onReady();
  return () => {
    stopEvents();
    stopStates();
  };
}
