/**
 * Heartbeats: whom the Gateway's configuration wants to hear of them.
 *
 * @module
 */
import { asObject, asString, type JsonObject } from "./frames.ts";

/** Where an agent's heartbeats go. */
export interface HeartbeatTarget {
  /** A channel, `none`, `last` or `owner`; null when nothing is said. */
  readonly target: string | null;
  readonly to: string | null;
}

/** The targets of all agents: their own, and those of whoever has none. */
export interface HeartbeatTargets {
  readonly defaults: HeartbeatTarget;
  readonly agents: Readonly<Record<string, HeartbeatTarget>>;
}

function targetOf(heartbeat: unknown, fallback: HeartbeatTarget): HeartbeatTarget {
  const { target, to } = asObject(heartbeat);
  return { target: asString(target) ?? fallback.target, to: asString(to) ?? fallback.to };
}

/** Reads them from the Gateway's configuration. */
export function readHeartbeats({ agents }: JsonObject): HeartbeatTargets {
  const { defaults, entries, list } = asObject(agents);
  const none = { target: null, to: null };
  const shared = targetOf(asObject(defaults).heartbeat, none);
  const rows = Array.isArray(list)
    ? list.map(asObject).map((agent) => [asString(agent.id) ?? "", agent] as const)
    : Object.entries(asObject(entries)).map(([id, agent]) => [id, asObject(agent)] as const);
  return {
    defaults: shared,
    agents: Object.fromEntries(
      rows.map(([id, { heartbeat }]) => [id.toLowerCase(), targetOf(heartbeat, shared)]),
    ),
  };
}

/** Where the heartbeats of a session's agent go. */
export function heartbeatOf(targets: HeartbeatTargets, sessionKey: string): HeartbeatTarget {
  const agentId = sessionKey.match(/^agent:([^:]+):/)?.[1] ?? "";
  return targets.agents[agentId] ?? targets.defaults;
}
