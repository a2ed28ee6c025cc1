/**
 * The states a link to the Gateway can be in, and what each asks of the operator.
 *
 * @module
 */
import type { GatewayFault } from "./frames.ts";

/** What the Gateway said when it took the connection. */
export interface Session {
  /** Changes with each start of the Gateway, also within one process; empty when it names none. */
  readonly bootId: string;
  readonly serverVersion: string;
  /** When its process began, by its own clock, where it tells; it may have started anew within since. */
  readonly beganAtMs: number | null;
  /** The Gateway says something at least so often. */
  readonly tickIntervalMs: number;
  /** Whether it lets us begin conversations anew, as far as it says. */
  readonly mayReset: boolean;
}

/** Why the Gateway will not have us before somebody changes something. */
export type Refusal = "token" | "protocol" | "release" | "pairing" | "scope";

/**
 * Whether a Gateway names neither its starts nor the runs in its transcripts, as releases before 2026.8.1:
 * it answers, and that is all that can be built on.
 */
export function isReduced({ bootId }: Pick<Session, "bootId">): boolean {
  return bootId === "";
}

/** The state of a link. */
export type LinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "ready"; readonly session: Session }
  | { readonly kind: "waiting"; readonly reason: string; readonly untilMs: number }
  | { readonly kind: "refused"; readonly why: Refusal; readonly untilMs: number }
  | { readonly kind: "closed" };

/** What an operator should do about a refusal. */
export const REFUSAL_ADVICE: Readonly<Record<Refusal, string>> = {
  token:
    "the Gateway does not know this token: set SMS_BRIDGE_GATEWAY_TOKEN to gateway.auth.token of its openclaw.json, or to gateway.auth.password",
  protocol: "the Gateway does not speak protocol 4: install OpenClaw 2026.8.1 or later",
  release: "this release of OpenClaw does not know sms: install OpenClaw 2026.8.1 or later",
  pairing:
    "the Gateway wants this device approved: run `openclaw devices list` and `openclaw devices approve <requestId>`",
  scope:
    "the Gateway gave no read and write scopes: connect over loopback with gateway.auth.token, not through a proxy",
};

/** What an operator should know of a reduced session. */
export const REDUCED =
  "in reduced mode: texts are answered, but nothing is texted unasked and the agent has no sms_send; " +
  "install OpenClaw 2026.8.1 or later for all of it";

/** What an operator should know about a state, and do about it. */
export function describeState(state: LinkState): string {
  switch (state.kind) {
    case "ready":
      return `connected to OpenClaw ${state.session.serverVersion}` +
        (isReduced(state.session) ? `; ${REDUCED}` : "");
    case "connecting":
      return "connecting";
    case "waiting":
      return `not connected (${state.reason}); trying again by itself. Is the Gateway running? \`openclaw gateway status\``;
    case "refused":
      return REFUSAL_ADVICE[state.why];
    case "closed":
      return "closed";
  }
}

const TOKEN_CODES = new Set([
  "AUTH_TOKEN_MISMATCH",
  "AUTH_TOKEN_MISSING",
  "AUTH_PASSWORD_MISMATCH",
  "AUTH_UNAUTHORIZED",
  "DEVICE_IDENTITY_REQUIRED",
]);

/** Reads a failed handshake: a refusal that only an operator can mend, or null for a passing trouble. */
export function refusalOf(fault: GatewayFault): Refusal | null {
  const code = typeof fault.details.code === "string" ? fault.details.code : fault.code;
  if (TOKEN_CODES.has(code)) return "token";
  // Releases that speak protocol 3 name the one they want, and no code.
  const named = code === "PROTOCOL_MISMATCH" || typeof fault.details.expectedProtocol === "number";
  if (named || /^protocol mismatch\b/.test(fault.message)) return "protocol";
  if (code === "PAIRING_REQUIRED") return "pairing";
  if (code === "AUTH_SCOPE_MISMATCH" || code === "MISSING_SCOPE") return "scope";
  if (fault.code === "NOT_PAIRED") return "pairing";
  return null;
}
