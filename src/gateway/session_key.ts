/**
 * Session keys: in which of the Gateway's conversations a text belongs.
 *
 * @module
 */
import { isPhone, type Phone } from "../policy/phone.ts";

/** OpenClaw's `session.dmScope`; `main` is its default. */
export const DM_SCOPES = [
  "main",
  "per-peer",
  "per-channel-peer",
  "per-account-channel-peer",
] as const;
/** How the Gateway parts the conversations of different senders. */
export type DmScope = typeof DM_SCOPES[number];

/**
 * Which scope the bridge uses: the Gateway's for owners and one of their own for everyone else
 * (`auto`), the Gateway's for all (`gateway`), or a fixed one.
 */
export type SessionScope = "auto" | "gateway" | DmScope;

/** What {@linkcode sessionKeyFor} looks at. */
export interface SessionKeyInput {
  readonly view: {
    readonly dmScope: DmScope;
    readonly mainKey: string;
    readonly agentId: string;
  };
  readonly sessionScope: SessionScope;
  readonly accountId: string;
  readonly phone: Phone;
  readonly owner: boolean;
}

function scopeFor({ view, sessionScope, owner }: SessionKeyInput): DmScope {
  if (sessionScope === "gateway") return view.dmScope;
  if (sessionScope !== "auto") return sessionScope;
  if (owner) return view.dmScope;
  return view.dmScope === "per-account-channel-peer" ? view.dmScope : "per-channel-peer";
}

/**
 * The session of a sender. Under OpenClaw's default `main` all senders would share one session and read
 * each other's answers, so everyone but an owner gets one of their own unless the settings say otherwise.
 */
export function sessionKeyFor(input: SessionKeyInput): string {
  const { view, accountId, phone } = input;
  const agent = `agent:${view.agentId}`;
  switch (scopeFor(input)) {
    case "main":
      return `${agent}:${view.mainKey}`;
    case "per-peer":
      return `${agent}:direct:${phone}`;
    case "per-channel-peer":
      return `${agent}:sms:direct:${phone}`;
    case "per-account-channel-peer":
      return `${agent}:sms:${accountId}:direct:${phone}`;
  }
}

/** Whom a session belongs to, by its key. */
export type SessionParty =
  /** One person who texts; `accountId` where the key names it. */
  | { readonly kind: "person"; readonly phone: Phone; readonly accountId: string | null }
  /** One person, on every channel. */
  | { readonly kind: "anywhere"; readonly phone: Phone }
  /** The agent's main session, which several share. */
  | { readonly kind: "main"; readonly agentId: string; readonly mainKey: string };

/** Reads a session key back; null when nobody is texted in that session. */
export function partyOf(sessionKey: string): SessionParty | null {
  const person = sessionKey.match(/^agent:[^:]+:sms:(?:([^:]+):)?direct:(\+\d+)$/);
  if (person !== null) {
    const [, accountId, phone] = person;
    return isPhone(phone!) ? { kind: "person", phone, accountId: accountId ?? null } : null;
  }
  const phone = sessionKey.match(/^agent:[^:]+:direct:(\+\d+)$/)?.[1];
  if (phone !== undefined) return isPhone(phone) ? { kind: "anywhere", phone } : null;
  const [, agentId, mainKey] = sessionKey.match(/^agent:([^:]+):([^:]+)$/) ?? [];
  return agentId !== undefined && mainKey !== undefined ? { kind: "main", agentId, mainKey } : null;
}
