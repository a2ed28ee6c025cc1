/**
 * What the Gateway's errors to `agent`, `chat.send` and `agent.wait` say of the text they answer: it was
 * never begun, it will not be run under this key, or this is its end. One that is in no row may have begun:
 * the transcript tells, and nobody is told an apology before.
 *
 * @module
 */
import type { GatewayFault } from "./frames.ts";

/** What an error says of a text. */
export type FaultKind =
  /** Nothing was begun, and the same key serves: try again. */
  | "not-begun"
  /** Nothing was begun, and this key is used up: what the Gateway recovers by itself goes first. */
  | "key-spent"
  /** There is no answer, and there will be none: tell. */
  | "final"
  /** Nobody knows: look it up. */
  | "unknown";

/** One row of the table. */
interface FaultRow {
  readonly kind: Exclude<FaultKind, "unknown">;
  /** In the error's code, the code of its details, or its message. */
  readonly says: RegExp;
  /** Where the Gateway raises it, as of 2026.9.6. */
  readonly source: string;
}

/** Every error whose meaning is known; the first row that fits counts. */
export const FAULT_ROWS: readonly FaultRow[] = [
  // The failed start is kept as the key's answer, so that the same key only gets it again.
  {
    kind: "key-spent",
    says:
      /SESSION_WORK_START_(CHANGED|INVALIDATED)|changed (while starting work|before expected work)/,
    source: "sessions/lifecycle: another run, mostly the recovery after a restart, has the session",
  },
  {
    kind: "key-spent",
    says: /submit a new turn/,
    source: "session-accessor: taken, and lost in a crash before it was written down",
  },
  {
    kind: "key-spent",
    says: /pending restart recovery|restart recovery (session|reservation)/,
    source: "agent-command: interrupted work of the session goes first",
  },
  {
    kind: "key-spent",
    says: /keyed user is outside the current turn/,
    source: "session transcript: the key was used before other turns",
  },
  {
    kind: "not-begun",
    says: /still initializing|was deleted while starting work|session transcript is rebuilding/,
    source: "sessions/lifecycle: the session is not ready",
  },
  {
    kind: "not-begun",
    says: /gateway-(restarting|draining)|gateway restart|gateway starting|startup-sidecars/,
    source: "gateway/server: it stops, or has not started yet",
  },
  {
    kind: "not-begun",
    says: /run admission failed|still shutting down|already admitted; wait|routing changed; review/,
    source: "agent-turn-service, chat-send-handler: no place in the session's queue yet",
  },
  {
    kind: "final",
    says: /LLM request|request failed|rate limit|HTTP \d{3}|API key|[Cc]ontext (overflow|limit)/,
    source: "agent-turn-service: the model's provider",
  },
  {
    kind: "final",
    says:
      /UnsupportedAttachment|invalid (agent|chat\.send) params|unknown (agent|channel)|no longer exists/,
    source: "agent-turn-service: the request itself",
  },
  {
    kind: "final",
    says: /MISSING_SCOPE|FORBIDDEN|blocked by session policy|is archived|paused as a precaution/,
    source: "gateway/methods, sessions/lifecycle: not allowed",
  },
  {
    kind: "final",
    says:
      /AGENT_SELECTION_REQUIRED|agent selection is required|SESSION_CANONICAL_KEY_MIGRATION_REQUIRED/,
    source: "agent-turn-service: no agent for the session",
  },
];

/** Sorts an error. What the Gateway itself flags as worth another try was not begun. */
export function kindOfFault({ code, message, retryable, details }: GatewayFault): FaultKind {
  const words = [code, String(details.code ?? ""), String(details.reason ?? ""), message].join(
    "\n",
  );
  const row = FAULT_ROWS.find(({ says }) => says.test(words));
  if (row !== undefined) return row.kind;
  return retryable ? "not-begun" : "unknown";
}
