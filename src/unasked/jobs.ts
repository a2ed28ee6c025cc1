/**
 * Scheduled jobs of the Gateway that announce to sms: the Gateway itself cannot deliver there, but tells
 * what it would have sent, and to whom. What was told while the link was down is read from its list of runs.
 *
 * @module
 */
import type { GatewayEvent } from "../gateway/connection.ts";
import { asObject, asString, type JsonObject } from "../gateway/frames.ts";
import type { Link } from "../gateway/link.ts";
import { splitMedia } from "../gateway/reply.ts";
import { parsePhone } from "../policy/phone.ts";
import { bridgeKey } from "../store/keys.ts";
import { CRON_RUNS_MAX, PROACTIVE_AGE_MS_MAX } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { composeUnasked } from "../outbound/compose.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { isKnown } from "../people/known.ts";
import { onlyOnce } from "./only_once.ts";
import type { OutgoingFiles } from "../outbound/outgoing_files.ts";
import { enqueue } from "../outbound/enqueue.ts";

/** What the delivery works with. */
export interface CronParts {
  readonly context: BridgeContext;
  readonly link: Pick<Link, "onEvent" | "onState" | "request" | "state">;
  readonly files: OutgoingFiles;
  readonly deliverer: Pick<Deliverer, "wake">;
}

/** A run that wants its words texted. */
interface Announcement {
  readonly to: string;
  readonly account: string | undefined;
  /** What it is known by, in the event as in the list. */
  readonly run: string;
  readonly text: string;
}

/** When the last run that was looked at ended, by the Gateway's clock. */
const MARK_KEY = bridgeKey("cron-mark");

/** Whether a run did what it should; that the Gateway could not deliver it counts as its error there. */
function hasSucceeded({ status, error, deliveryError }: JsonObject): boolean {
  return status === "ok" || (deliveryError !== undefined && error === deliveryError);
}

/** What a run that has ended wants texted; null when it wants nothing by SMS. */
function announcementOf(run: JsonObject): Announcement | null {
  const intended = asObject(asObject(run.delivery).intended);
  const text = asString(run.summary)?.trim() ?? "";
  const wanted = run.action === "finished" && hasSucceeded(run) && run.delivered !== true &&
    intended.channel === "sms" && text !== "";
  if (!wanted) return null;
  const parts = [asString(run.runId) ?? "", asString(run.jobId) ?? "", String(run.runAtMs ?? "")];
  return {
    to: asString(intended.to) ?? "",
    account: asString(intended.accountId),
    run: parts.join(" "),
    text,
  };
}

async function deliver(
  { context, deliverer, files }: CronParts,
  announced: Announcement,
): Promise<void> {
  const { log, settings } = context;
  if (!settings().bridge.cronDelivery) return;
  const account = accountOf(context, announced.account ?? settings().defaultAccount);
  const to = parsePhone(announced.to);
  if (account === undefined || to === null) {
    return log.warn("cron.not-texted", { hint: "the job's delivery.to must be a number in E.164" });
  }
  if (!await isKnown(context, account, to)) {
    const hint = "let the number in first: `sms-bridge pair allow <NUMBER>`";
    return log.warn("cron.not-texted", { to: maskNumber(to), hint });
  }
  const payloads = [splitMedia(announced.text)];
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
async function catchUp(parts: CronParts): Promise<void> {
  const { context: { store, clock, stopping }, link } = parts;
  const mark = await store.get<number>(MARK_KEY);
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
    if (announced !== null) await deliver(parts, announced);
  }
  const value = Math.max(mark?.value ?? 0, ...runs.map(({ atMs }) => atMs));
  if (value !== mark?.value) await store.commit({ set: [{ key: MARK_KEY, value }] });
}

/** Texts what jobs announce, once for each run; the function returned ends that. */
export function startCronDelivery(parts: CronParts): () => void {
  const { context: { log }, link } = parts;
  const failed = (error: unknown) => log.error("cron.failed", { error: String(error) });
  const onEvent = ({ event, payload }: GatewayEvent) => {
    const announced = event === "cron" ? announcementOf(payload) : null;
    if (announced !== null) deliver(parts, announced).catch(failed);
  };
  const onReady = () => void catchUp(parts).catch(failed);
  const stopEvents = link.onEvent(onEvent);
  const stopStates = link.onState(({ kind }) => kind === "ready" && onReady());
  if (link.state().kind === "ready") onReady();
  return () => {
    stopEvents();
    stopStates();
  };
}
