/**
 * What the bridge needs to know of the Gateway's own configuration.
 *
 * @module
 */
import { asObject, asString, type JsonObject } from "./frames.ts";
import { type HeartbeatTargets, readHeartbeats } from "./heartbeat.ts";
import type { Link } from "./link.ts";
import { readRouting, type Routing } from "./routes.ts";

/** The parts of `openclaw.json` that concern texts. */
export interface GatewayView {
  /** Who answers whom. */
  readonly routing: Routing;
  readonly heartbeats: HeartbeatTargets;
  /** `commands.ownerAllowFrom`, entries such as `sms:+15551234567`. */
  readonly ownerAllowFrom: readonly string[];
}

function viewOf(config: JsonObject, agentsList: JsonObject): GatewayView {
  const owners = asObject(config.commands).ownerAllowFrom;
  return {
    routing: readRouting(config, agentsList),
    heartbeats: readHeartbeats(config),
    ownerAllowFrom: Array.isArray(owners)
      ? owners.map(asString).filter((one) => one !== undefined)
      : [],
  };
}

/** Asks the Gateway; null when it does not answer. */
export async function readGatewayView(link: Pick<Link, "request">): Promise<GatewayView | null> {
  const [config, agents] = await Promise.all([
    link.request("config.get", {}),
    link.request("agents.list", {}),
  ]);
  return config.kind === "ok" && agents.kind === "ok"
    ? viewOf(asObject(config.payload.config), agents.payload)
    : null;
}
