/**
 * Whether scheduled jobs that text can be made, and how.
 *
 * @module
 */
import { asObject, asString, type JsonObject } from "../gateway/frames.ts";
import type { Link } from "../gateway/link.ts";
import { isReduced } from "../gateway/link_state.ts";
import { type Check, checkOf } from "./check.ts";

const DELIVERY = '{ mode: "announce", channel: "last", to: "+1…", bestEffort: true }';

/** Whether the Gateway refuses new jobs for the channel sms: its file has channels, and sms is not on. */
function refusesSms(config: JsonObject): boolean {
  const channels = asObject(config.channels);
  const sms = channels.sms === undefined ? null : asObject(channels.sms);
  return Object.keys(channels).length > 0 && (sms === null || sms.enabled === false);
}

/** Whether each run of a job counts as failed at the Gateway, which cannot text itself. */
function countsAsFailed(job: JsonObject): boolean {
  const { mode, channel, bestEffort } = asObject(job.delivery);
  return job.enabled !== false && mode === "announce" && channel === "sms" && bestEffort !== true;
}

/** Looks at the Gateway's jobs; nothing when it cannot be asked, which is told elsewhere. */
export async function checkJobs(
  link: Pick<Link, "state" | "request">,
  cronDelivery: boolean,
): Promise<Check[]> {
  const check = checkOf("gateway.jobs", "Jobs");
  const state = link.state();
  if (state.kind !== "ready" || isReduced(state.session)) return [];
  if (!cronDelivery) return [check.skipped("not texted: bridge.cronDelivery is off")];
  const [config, listed] = await Promise.all([
    link.request("config.get", {}),
    link.request("cron.list", {}),
  ]);
  if (config.kind !== "ok") return [];
  const jobs = listed.kind === "ok" && Array.isArray(listed.payload.jobs)
    ? listed.payload.jobs.map(asObject)
    : [];
  const failing = jobs.filter(countsAsFailed);
  if (failing.length > 0) {
    const id = asString(failing[0]!.id) ?? "";
    return [check.warning(
      `${failing.length} for sms without bestEffort: they are texted, but the Gateway counts their runs as failed`,
      "set bestEffort in their delivery",
      `openclaw automations edit ${
        /^[\w-]{1,60}$/.test(id) ? id : "<job-id>"
      } --best-effort-deliver`,
    )];
  }
  const refused = refusesSms(asObject(config.payload.config))
    ? '; the Gateway refuses new ones with channel "sms"'
    : "";
  return [check.ok(`those with delivery ${DELIVERY} are texted${refused}`)];
}
