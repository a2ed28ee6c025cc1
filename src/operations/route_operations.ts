/**
 * What an operator asks about who answers whom.
 *
 * @module
 */
import { chooseAccount } from "../config/sms_accounts.ts";
import type { Settings } from "../config/settings.ts";
import { readGatewayView } from "../gateway/config_view.ts";
import { describeState } from "../gateway/link_state.ts";
import { findRoute, type RouteRule } from "../gateway/routes.ts";
import { sessionKeyFor } from "../gateway/session_key.ts";
import { isOwner } from "../people/owner.ts";
import type { Phone } from "../policy/phone.ts";
import type { Store } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import { PROBE_TIMEOUT_MS } from "../system/limits.ts";
import { redactText } from "../system/redact.ts";
import { settled } from "../checks/probe_gateway.ts";
import { numberGiven, operation } from "./operation.ts";
import { probePartsFor, type StatusOperationParts } from "./status_operations.ts";

/** Who would answer a number. */
export interface RouteAnswer {
  readonly number: string;
  readonly account: string;
  readonly owner: boolean;
  /** Null when nobody answers. */
  readonly agent: string | null;
  readonly session: string | null;
  /** The session that the Gateway's own channels would use; another one when `bridge.sessionScope` says so. */
  readonly gatewaySession: string | null;
  /** Why it is that agent. */
  readonly rule: RouteRule | null;
  /** Why nobody answers. */
  readonly problem: string | null;
}

/** What the operations on routes work on. */
export interface RouteOperationParts extends Pick<StatusOperationParts, "probe"> {
  readonly store: Store;
}

function noGateway(advice: string): Failure {
  return failure(
    "unreachable",
    "gateway-away",
    `Cannot ask the Gateway who answers: ${advice}`,
    "`sms-bridge doctor` says how to mend it",
  );
}

/** A session's key as it may be shown: the Gateway's words are in it, as names of people. */
function shownKey(key: string, phone: Phone): string {
  return key.split(":").map((part) => part === phone ? part : redactText(part)).join(":");
}

async function answer(
  { store }: RouteOperationParts,
  settings: Settings,
  view: NonNullable<Awaited<ReturnType<typeof readGatewayView>>>,
  phone: Phone,
  accountId: string,
): Promise<RouteAnswer> {
  const { routing } = view;
  const agent = settings.accounts.find(({ id }) => id === accountId)?.agent;
  const route = findRoute(routing, { phone, accountId, agent });
  const owner = await isOwner(
    { settings: () => settings, store },
    view.ownerAllowFrom,
    accountId,
    phone,
  );
  const told = { number: phone, account: accountId, owner };
  if (route.kind === "nobody") {
    const none = { agent: null, session: null, gatewaySession: null, rule: null };
    return { ...told, ...none, problem: route.why };
  }
  const { sessionScope } = settings.bridge;
  const input = { routing, route, accountId, phone, owner };
  return {
    ...told,
    agent: route.agentId,
    session: shownKey(sessionKeyFor({ ...input, sessionScope }), phone),
    gatewaySession: shownKey(sessionKeyFor({ ...input, sessionScope: "gateway" }), phone),
    rule: route.rule,
    problem: null,
  };
}

/** The operations on routes. */
export const ROUTE_OPERATIONS = {
  /** Which agent and session a text of this number would reach. */
  route: operation({
    read: (input) => ({ number: input.text("number"), account: input.optionalText("account") }),
    async run(
      parts: RouteOperationParts,
      { number, account: name },
    ): Promise<RouteAnswer | Failure> {
      const phone = numberGiven(number);
      const found = await probePartsFor(parts, name);
      if (found instanceof Failure) return found;
      const { settings, clock } = found;
      const account = chooseAccount(settings.accountChoice, name);
      if (account instanceof Failure) return account;
      return await found.withLink(async (link) => {
        const state = await settled(link, clock, PROBE_TIMEOUT_MS);
        const view = state.kind === "ready" ? await readGatewayView(link) : null;
        if (view === null) return noGateway(describeState(state));
        return await answer(parts, settings, view, phone, account);
      });
    },
  }),
};
