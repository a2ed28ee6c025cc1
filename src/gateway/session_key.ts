/**
 * Session keys: in which of the Gateway's conversations a text belongs.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { type DmScope, normalId, peerNameOf, type Route, type Routing } from "./routes.ts";

/**
 * Which scope the bridge uses: the Gateway's for owners and one of their own for everyone else
 * (`auto`), the Gateway's for all (`gateway`), or a fixed one.
 */
export type SessionScope = "auto" | "gateway" | DmScope;

/** What {@linkcode sessionKeyFor} looks at. */
export interface SessionKeyInput {
  readonly routing: Routing;
  readonly route: Route & { readonly kind: "agent" };
  readonly sessionScope: SessionScope;
  readonly accountId: string;
  readonly phone: Phone;
  readonly owner: boolean;
}

function scopeFor({ route: { dmScope }, sessionScope, owner }: SessionKeyInput): DmScope {
  if (sessionScope === "gateway") return dmScope;
  if (sessionScope !== "auto") return sessionScope;
  return owner || dmScope !== "main" ? dmScope : "per-channel-peer";
}

/**
 * The session of a sender. Under OpenClaw's default `main` all senders would share one session and read
 * each other's answers, so everyone but an owner gets one of their own unless the settings say otherwise.
 */
export function sessionKeyFor(input: SessionKeyInput): string {
  const { routing, route, accountId, phone } = input;
  const agent = `agent:${route.agentId}`;
  const peer = peerNameOf(routing, phone);
  switch (scopeFor(input)) {
    case "main":
      return `${agent}:${routing.mainKey}`;
    case "per-peer":
      return `${agent}:direct:${peer}`;
    case "per-channel-peer":
      return `${agent}:sms:direct:${peer}`;
    case "per-account-channel-peer":
      return `${agent}:sms:${normalId(accountId, "default")}:direct:${peer}`;
  }
}

/** Whom a session belongs to, by its key. */
export type SessionParty =
  /** One person who texts, by number or by the name they are linked to; `accountId` where the key has it. */
  | { readonly kind: "person"; readonly peer: string; readonly accountId: string | null }
  /** One person, on every channel. */
  | { readonly kind: "anywhere"; readonly peer: string }
  /** The agent's main session, which several share. */
  | { readonly kind: "main"; readonly agentId: string; readonly mainKey: string };

/** Reads a session key back; null when nobody is texted in that session. */
export function partyOf(sessionKey: string): SessionParty | null {
  const person = sessionKey.match(/^agent:[^:]+:sms:(?:([^:]+):)?direct:([^:]+)$/);
  if (person !== null) return { kind: "person", peer: person[2]!, accountId: person[1] ?? null };
  const peer = sessionKey.match(/^agent:[^:]+:direct:([^:]+)$/)?.[1];
  if (peer !== undefined) return { kind: "anywhere", peer };
  const [, agentId, mainKey] = sessionKey.match(/^agent:([^:]+):([^:]+)$/) ?? [];
  return agentId !== undefined && mainKey !== undefined ? { kind: "main", agentId, mainKey } : null;
}
