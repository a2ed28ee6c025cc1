/**
 * The probe: everything outside that the bridge needs, looked at now.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import { createLink } from "../gateway/link.ts";
import { describeState, type LinkState } from "../gateway/link_state.ts";
import { sleep } from "../system/clock.ts";
import { silentLog } from "../system/log.ts";
import { VERSION } from "../system/version.ts";
import { type Check, ok, problem } from "./checks.ts";
import type { Context } from "./context.ts";
import { twilioClients } from "./daemon.ts";
import { probePublicUrl } from "./probe_public_url.ts";
import { probeTwilio } from "./probe_twilio.ts";

const GATEWAY_TIMEOUT_MS = 4_000;

/** Whether the Gateway takes the connection. */
export async function probeGateway(context: Context, { gateway }: Settings): Promise<Check> {
  const { clock, random } = context;
  const link = createLink({ ...gateway, version: VERSION, clock, random, log: silentLog });
  const settled = Promise.withResolvers<LinkState>();
  const stop = link.onState((state) => state.kind !== "connecting" && settled.resolve(state));
  const enough = new AbortController();
  const late = sleep(clock, GATEWAY_TIMEOUT_MS, enough.signal).then((): LinkState => ({
    kind: "waiting",
    reason: "no answer",
    untilMs: 0,
  }));
  const state = await Promise.race([settled.promise, late]);
  enough.abort();
  stop();
  await link.close();
  if (state.kind === "ready") return ok("gateway", describeState(state));
  return state.kind === "refused"
    ? problem("gateway", `the Gateway refuses the connection: ${state.why}`, describeState(state))
    : problem(
      "gateway",
      `the Gateway at ${gateway.url} does not answer`,
      "start it: `openclaw gateway`; `openclaw gateway status` tells whether it runs",
    );
}

/** Looks at the Gateway, at Twilio and at the public URL, all at the same time. */
export async function probe(context: Context, settings: Settings): Promise<Check[]> {
  const twilio = twilioClients(() => settings, context);
  const nowMs = context.clock.now();
  const accounts = settings.accounts.flatMap((account) => [
    probeTwilio(twilio(account), account, nowMs),
    probePublicUrl(account, settings.bridge.listen),
  ]);
  const checks = await Promise.all([
    probeGateway(context, settings).then((check) => [check]),
    ...accounts,
  ]);
  return checks.flat();
}
