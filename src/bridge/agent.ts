/**
 * The agent: how a text becomes a turn in the right session of the Gateway.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { GatewayView } from "../gateway/config_view.ts";
import type { Link } from "../gateway/link.ts";
import { sessionKeyFor } from "../gateway/session_key.ts";
import { runTurn, type TurnOutcome } from "../gateway/turn.ts";
import { isOwner } from "../policy/owner.ts";
import type { InboxRow } from "../store/inbox.ts";
import { TURN_TIMEOUT_MS } from "../system/limits.ts";
import type { BridgeContext } from "./context.ts";

/** What the bridge asks of the Gateway. */
export interface Agent {
  /** Whether a turn could begin now. */
  isReady(): boolean;
  /** Resolves when a turn can begin, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Has one text answered. `onStarting` is awaited before the first byte leaves. */
  turn(request: AgentTurn): Promise<TurnOutcome>;
}

/** One text to be answered. */
export interface AgentTurn {
  readonly account: AccountSettings;
  readonly row: InboxRow;
  readonly onStarting: (bootId: string) => Promise<void>;
  readonly signal: AbortSignal;
}
