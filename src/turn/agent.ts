/**
 * The agent: how a text becomes a turn in the right session of the Gateway.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { Link } from "../gateway/link.ts";
import type { GatewayView } from "../gateway/config_view.ts";
import { findRoute } from "../gateway/routes.ts";
import { sessionKeyFor } from "../gateway/session_key.ts";
import { NOT_ALLOWED, runTurn, type Turn, type TurnOutcome } from "../gateway/turn.ts";
import { asPlainText, commandKind } from "../policy/commands.ts";
import type { Phone } from "../policy/phone.ts";
import type { InboxRow, TurnStart } from "../store/inbox_row.ts";
import type { Store } from "../store/kv.ts";
import { readSender } from "../store/sender_row.ts";
import { GATEWAY_POLL_MS, TURN_TIMEOUT_MS } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { GatewayViews } from "../bridge/gateway_views.ts";
import { isOwner as isAnOwner } from "../people/owner.ts";
import { withFiles } from "./incoming_files.ts";

/** What the bridge asks of the Gateway. */
export interface Agent {
  /** Whether a turn could begin now. */
  isReady(): boolean;
  /** Resolves when a turn can begin, or when `signal` aborts. */
  ready(signal: AbortSignal): Promise<void>;
  /** Whether a sender may give the Gateway commands, as far as is known now. */
  isOwner(
    account: AccountSettings,
    phone: Phone,
    look?: Pick<Store, "get">,
  ): Promise<boolean>;
  /** Has one text answered. */
  turn(request: AgentTurn): Promise<TurnOutcome>;
}

/** One text to be answered. */
export interface AgentTurn {
  readonly account: AccountSettings;
  readonly row: InboxRow;
  /** What its sender is looked up in. */
  readonly look: Pick<Store, "get">;
  /** Awaited before the first byte leaves, so that the beginning is on disk. */
  readonly onStarting: (where: Omit<TurnStart, "atMs">) => Promise<void>;
  readonly signal: AbortSignal;
}

const ASKS_OWNERS =
  "Commands that need an approval are asked of an owner by SMS, and so are questions of ask_user: ask in your answer instead where an owner need not decide.";
const ASKS_NOBODY =
  "Tools that ask for approval or put questions (exec approvals, ask_user) do not reach them: ask in your answer instead.";

/** What the model is told about the conversation. */
function systemPrompt(
  { from }: InboxRow,
  name: string | undefined,
  ownerQuestions: boolean,
): string {
  const who = name === undefined ? from : `${name} (${from})`;
  const asks = ownerQuestions ? ASKS_OWNERS : ASKS_NOBODY;
  return `You are texting with ${who} by SMS. Each message is billed: answer briefly, in plain text, without tables. ${asks}`;
}

/** The links that an agent works with. */
export interface AgentLinks {
  readonly link: Link;
  /** Opens a link that may also begin conversations anew; it lives for one command of an owner's. */
  readonly openAdminLink: () => Link;
}

const NOBODY: TurnOutcome = {
  kind: "failed",
  detail: "no agent of the Gateway is for this number",
  sentence: "Sorry, no assistant is set up for this number.",
};

/** Runs `use` with a link of the admin scope, for as long as it takes. */
async function withAdminLink(
  { openAdminLink }: AgentLinks,
  signal: AbortSignal,
  use: (link: Link) => Promise<TurnOutcome>,
): Promise<TurnOutcome> {
  const link = openAdminLink();
  const refused = new AbortController();
  const stop = link.onState(({ kind }) => kind === "refused" && refused.abort());
  try {
    const session = await link.ready(AbortSignal.any([signal, refused.signal]));
    return session === null && refused.signal.aborted ? NOT_ALLOWED : await use(link);
  } finally {
    stop();
    await link.close();
  }
}

/** Makes the agent that a link leads to. */
export function createAgent(
  context: BridgeContext,
  links: AgentLinks,
  views: GatewayViews,
): Agent {
  const { clock, log } = context;
  const { link } = links;
  const isOwner: Agent["isOwner"] = ({ id }, phone, store = context.store) =>
    isAnOwner({ settings: context.settings, store }, context.gatewayOwners(), id, phone);

  /** The session in which a number is answered; null when the Gateway has nobody for it. */
  function newSessionKey(
    { routing }: GatewayView,
    { id: accountId, agent }: AccountSettings,
    phone: Phone,
    owner: boolean,
  ): string | null {
    const route = findRoute(routing, { phone, accountId, agent });
    if (route.kind === "agent") {
      const { sessionScope } = context.settings().bridge;
      return sessionKeyFor({ routing, route, sessionScope, accountId, phone, owner });
    }
    const hint = "`sms-bridge route <NUMBER>` shows who answers whom";
    log.error("turn.nobody", { from: maskNumber(phone), reason: route.why, hint });
    return null;
  }

  return {
    isOwner,
    isReady: () => link.state().kind === "ready",
    async ready(signal) {
      await link.ready(signal);
    },
    async turn({ account, row, look, onStarting, signal }) {
      const session = await link.ready(signal);
      if (session === null) return { kind: "later", afterMs: 0, reason: "stopping" };
      const view = await views.read(session.bootId);
      if (view === null) return { kind: "later", afterMs: GATEWAY_POLL_MS, reason: "no config" };
      const owner = await isOwner(account, row.from, look);
      const kind = owner && row.media.length === 0 ? commandKind(row.text) : null;
      const sessionKey = row.started?.sessionKey ?? newSessionKey(view, account, row.from, owner);
      if (sessionKey === null) return NOBODY;
      // Owner tools are there for connections with the admin scope alone.
      const asAdmin = kind === "reset" ||
        (owner && kind === null && context.settings().bridge.ownerTools);
      const { message, attachments } = await withFiles(context, account, row);
      const chat = kind !== null || attachments.some(({ type }) => type !== "image");
      if (signal.aborted) return { kind: "later", afterMs: 0, reason: "stopping" };
      const { row: { name } } = await readSender({ store: look }, account.id, row.from);
      const turn: Turn = {
        sessionKey,
        key: row.messageSid,
        message: kind === null ? asPlainText(message, { owner: asAdmin, chat }) : message,
        chat,
        attachments,
        to: row.from,
        accountId: account.id,
        extraSystemPrompt: systemPrompt(row, name, context.settings().bridge.ownerQuestions),
        started: row.started,
        timeoutMs: TURN_TIMEOUT_MS,
      };
      const parts = {
        onStarting: (bootId: string) => onStarting({ bootId, sessionKey }),
        clock,
        log,
        signal,
      };
      return asAdmin
        ? await withAdminLink(links, signal, (admin) => runTurn(admin, turn, parts))
        : await runTurn(link, turn, parts);
    },
  };
}
