/**
 * The agent: how a text becomes a turn in the right session of the Gateway.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { type GatewayView, readGatewayView } from "../gateway/config_view.ts";
import type { Link } from "../gateway/link.ts";
import { sessionKeyFor } from "../gateway/session_key.ts";
import { runTurn, type TurnOutcome } from "../gateway/turn.ts";
import { isOwner } from "../policy/owner.ts";
import type { InboxRow } from "../store/inbox.ts";
import { GATEWAY_POLL_MS, TURN_TIMEOUT_MS } from "../system/limits.ts";
import type { BridgeContext } from "./context.ts";
import { withPictures } from "./pictures.ts";

/** What the bridge asks of the Gateway. */
export interface Agent {
  /** Whether a turn could begin now. */
  isReady(): boolean;
  /** Resolves when a turn can begin, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Has one text answered. */
  turn(request: AgentTurn): Promise<TurnOutcome>;
}

/** One text to be answered. */
export interface AgentTurn {
  readonly account: AccountSettings;
  readonly row: InboxRow;
  /** Awaited before the first byte leaves, so that the beginning is on disk. */
  readonly onStarting: (bootId: string) => Promise<void>;
  readonly signal: AbortSignal;
}

/** What the model is told about the conversation. */
function systemPrompt(row: InboxRow): string {
  return `You are texting with ${row.from} by SMS. Each message is billed: answer briefly, in plain text, without tables.`;
}

/** Makes the agent that a link leads to. */
export function createAgent(context: BridgeContext, link: Link): Agent {
  const { clock, log } = context;
  let seen: { readonly bootId: string; readonly view: GatewayView } | undefined;

  /** The Gateway's settings, read once for each of its starts; null when it does not answer. */
  async function gatewayView(bootId: string): Promise<GatewayView | null> {
    if (seen?.bootId === bootId) return seen.view;
    const view = await readGatewayView(link);
    if (view !== null) seen = { bootId, view };
    return view;
  }

  return {
    isReady: () => link.state().kind === "ready",
    async ready(signal) {
      await link.ready(signal);
    },
    async turn({ account, row, onStarting, signal }) {
      const session = await link.ready(signal);
      if (session === null) return { kind: "later", afterMs: 0, reason: "stopping" };
      const view = await gatewayView(session.bootId);
      if (view === null) return { kind: "later", afterMs: GATEWAY_POLL_MS, reason: "no config" };
      const { ownerAllowFrom, sessionScope } = context.settings().bridge;
      const owner = isOwner(row.from, [...ownerAllowFrom, ...view.ownerAllowFrom]);
      const sessionKey = sessionKeyFor({
        view,
        sessionScope,
        accountId: account.id,
        phone: row.from,
        owner,
      });
      const { message, attachments } = await withPictures(context, account, row);
      if (signal.aborted) return { kind: "later", afterMs: 0, reason: "stopping" };
      return await runTurn(link, {
        sessionKey,
        key: row.messageSid,
        message,
        attachments,
        to: row.from,
        accountId: account.id,
        extraSystemPrompt: systemPrompt(row),
        started: row.started,
        timeoutMs: TURN_TIMEOUT_MS,
      }, { onStarting, clock, log, signal });
    },
  };
}
