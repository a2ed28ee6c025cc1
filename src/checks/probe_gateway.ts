/**
 * Whether the Gateway takes us.
 *
 * @module
 */
import type { GatewaySettings } from "../config/settings.ts";
import type { Link } from "../gateway/link.ts";
import { describeState, isReduced, type LinkState, type Refusal } from "../gateway/link_state.ts";
import { type Clock, within } from "../system/clock.ts";
import { type Check, checkOf } from "./check.ts";

const FIXES: Readonly<Record<Refusal, readonly [fix: string, command?: string]>> = {
  token: [
    "set gateway.auth.token (SMS_BRIDGE_GATEWAY_TOKEN) to gateway.auth.token of openclaw.json",
  ],
  protocol: [
    "it does not speak protocol 4: install OpenClaw 2026.8.1 or later, or update sms-bridge",
    "openclaw update",
  ],
  release: ["this release does not know sms: install 2026.8.1 or later", "openclaw update"],
  pairing: [
    "approve this device; `openclaw devices list` shows its request",
    "openclaw devices approve <requestId>",
  ],
  scope: ["connect over loopback with gateway.auth.token, not through a proxy"],
};

/** Waits until a link is up, is refused, or has failed once. */
export async function settled(
  link: Pick<Link, "state" | "onState">,
  clock: Clock,
  timeoutMs: number,
): Promise<LinkState> {
  const changed = Promise.withResolvers<void>();
  const isSettled = ({ kind }: LinkState) => kind !== "connecting";
  const stop = link.onState((state) => isSettled(state) && changed.resolve());
  if (isSettled(link.state())) changed.resolve();
  await within(clock, timeoutMs, changed.promise);
  stop();
  return link.state();
}

/** Looks at the link, or waits until there is something to see. */
export async function checkGateway(
  link: Pick<Link, "state" | "onState">,
  { url }: GatewaySettings,
  clock: Clock,
  timeoutMs: number,
): Promise<Check> {
  const check = checkOf("gateway.handshake", "Gateway");
  const state = await settled(link, clock, timeoutMs);
  if (state.kind === "ready") {
    return isReduced(state.session)
      ? check.warning(describeState(state), "install OpenClaw 2026.8.1 or later", "openclaw update")
      : check.ok(describeState(state));
  }
  if (state.kind === "refused") {
    return check.problem(`it refuses the bridge (${state.why})`, ...FIXES[state.why]);
  }
  const why = state.kind === "waiting" ? state.reason : "no answer in time";
  return check.problem(
    `nothing that speaks its protocol answers at ${url} (${why})`,
    "start the Gateway, or set gateway.url (SMS_BRIDGE_GATEWAY_URL) to where it is",
    "openclaw gateway status",
  );
}
