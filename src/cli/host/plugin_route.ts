/**
 * Whether the Gateway's own SMS channel takes texts, as its webhook tells.
 *
 * @module
 */
import type { Settings } from "../../config/settings.ts";
import { publicRequest } from "../../server/public_request.ts";
import { sleep } from "../../system/clock.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import type { Context } from "../terminal/context.ts";

/** A Gateway takes its changed file up within a second or two. */
const LOOKS = 60;
const LOOK_MS = 250;
/** How the channel refuses a form without a signature. */
const REFUSALS: readonly number[] = [400, 403, 429];

type Served = "on" | "off" | "no-gateway" | "unknown";

async function look({ gateway, accounts }: Settings): Promise<Served> {
  const post = { headers: { "content-type": "application/x-www-form-urlencoded" }, body: "a=1" };
  const origin = gateway.url.replace(/^ws/, "http");
  for (const path of new Set(accounts.map(({ webhookPath }) => webhookPath))) {
    const answer = await publicRequest(`${origin}${path}`, post, PROBE_TIMEOUT_MS);
    if (answer.kind === "none") return answer.reason === "refused" ? "no-gateway" : "unknown";
    if (REFUSALS.includes(answer.status)) return "on";
  }
  return "off";
}

/** Waits until the Gateway's channel takes texts, or takes none any more; how it is then. */
export async function untilPlugin(
  { clock, signal }: Context,
  settings: Settings,
  wanted: "on" | "off",
): Promise<Served> {
  for (let looks = 1;; looks++) {
    const served = await look(settings);
    const waits = served === "on" || served === "off";
    if (served === wanted || !waits || looks === LOOKS || signal.aborted) return served;
    await sleep(clock, LOOK_MS, signal);
  }
}
