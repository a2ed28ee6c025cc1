/**
 * Whether somebody answers the texts of each account.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { readGatewayView } from "../gateway/config_view.ts";
import type { Link } from "../gateway/link.ts";
import { findRoute } from "../gateway/routes.ts";
import { type Check, checkOf } from "./check.ts";

/** Looks up who answers; nothing when the Gateway cannot be asked, which is told elsewhere. */
export async function checkAgents(
  link: Pick<Link, "state" | "request">,
  accounts: readonly AccountSettings[],
): Promise<Check[]> {
  const view = link.state().kind === "ready" ? await readGatewayView(link) : null;
  if (view === null) return [];
  const { routing } = view;
  const others = routing.bindings.filter(({ peer }) => peer !== null && peer !== "*").length;
  const more = others === 0 ? "" : `; bindings name the agent of ${others} by number`;
  return accounts.map(({ id: accountId, agent }) => {
    const check = checkOf("gateway.agent", "Agent", accountId);
    const route = findRoute(routing, { phone: null, accountId, agent });
    return route.kind === "agent"
      ? check.ok(`${route.agentId} answers${more}; \`sms-bridge route NUMBER\` shows whom`)
      : check.problem(
        `nobody answers: ${route.why}`,
        "name the agent in bridge.agent, or in a binding of openclaw.json",
        `sms-bridge config set bridge.agent ${routing.agents[0] ?? "main"}`,
      );
  });
}
