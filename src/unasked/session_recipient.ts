/**
 * Who is texted when the agent says something in a session without being asked.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { GatewayView } from "../gateway/config_view.ts";
import { heartbeatOf } from "../gateway/heartbeat.ts";
import { asObject, asString } from "../gateway/frames.ts";
import { findRoute, phonesOf } from "../gateway/routes.ts";
import { partyOf } from "../gateway/session_key.ts";
import { ownerNumbers } from "../policy/owner.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { accountByKey, type BridgeContext } from "../bridge/context.ts";
import { accessOf, isKnown } from "../people/known.ts";
import { listAllowed } from "../people/pairing_book.ts";

/** Where the Gateway would deliver what is said in a session: how it was last written to. */
export interface SessionRoute {
  readonly channel: string;
  readonly to: string;
  readonly accountId: string | undefined;
}

/** A person, and the account that texts them. */
export interface Recipient {
  readonly account: AccountSettings;
  readonly to: Phone;
}

/** Reads the route of a session's row; null when it has none. */
export function routeOf(session: unknown): SessionRoute | null {
  const { channel, to, accountId } = asObject(asObject(session).deliveryContext);
  const name = asString(channel);
  return name === undefined
    ? null
    : { channel: name, to: asString(to) ?? "", accountId: asString(accountId) };
}

/** Whether what is said in a session may be meant for a phone. */
export function isTextSession(sessionKey: string, route: SessionRoute | null): boolean {
  const party = partyOf(sessionKey);
  return party?.kind === "person" || (party !== null && route?.channel === "sms");
}

function accountsFor(context: BridgeContext, id: string | null | undefined): AccountSettings[] {
  const { accounts, defaultAccount } = context.settings();
  const named = id ? accountByKey(context, id) : undefined;
  if (named !== undefined) return [named];
  const enabled = accounts.filter((one) => one.enabled);
  return enabled.toSorted((a, b) =>
    Number(b.id === defaultAccount) - Number(a.id === defaultAccount)
  );
}

/** Whether a person who talks, or has talked, in a session of their own may be texted. */
async function isWelcome(
  context: BridgeContext,
  account: AccountSettings,
  phone: Phone,
): Promise<boolean> {
  return await accessOf(context, account, phone) === "allow" ||
    await isKnown(context, account, phone);
}

/** Who is meant by an account's main session, the first before the others. */
async function mainNumbers(
  context: BridgeContext,
  account: AccountSettings,
  view: GatewayView,
): Promise<readonly Phone[]> {
  const { ownerAllowFrom } = context.settings().bridge;
  const owners = (await listAllowed(context, account.id)).filter(({ owner }) => owner);
  const first = parsePhone(account.defaultTo ?? "");
  return [
    ...first === null ? [] : [first],
    ...ownerNumbers([...ownerAllowFrom, ...view.ownerAllowFrom]),
    ...owners.map(({ phone }) => phone),
  ];
}

/**
 * The person of a session; for the main session of an agent, which several share, the account's
 * `defaultTo` or else an owner, whoever that agent answers. Null when there is nobody, when it is a
 * stranger, or when the account is off.
 */
export async function recipientOf(
  context: BridgeContext,
  view: GatewayView,
  sessionKey: string,
  route: SessionRoute | null,
): Promise<Recipient | null> {
  const party = partyOf(sessionKey);
  if (party === null || !isTextSession(sessionKey, route)) return null;
  const named = party.kind === "person" ? party.accountId : null;
  const accounts = accountsFor(context, named ?? route?.accountId)
    .filter(({ dmPolicy }) => dmPolicy !== "disabled");
  if (party.kind === "main") {
    const account = accounts[0];
    if (account === undefined) return null;
    const { routing } = view;
    if (party.mainKey !== routing.mainKey) return null;
    const { id: accountId, agent } = account;
    const to = (await mainNumbers(context, account, view)).find((phone) => {
      const found = findRoute(routing, { phone, accountId, agent });
      return found.kind === "agent" && found.agentId === party.agentId;
    });
    return to === undefined ? null : { account, to };
  }
  const phones = phonesOf(view.routing, party.peer);
  const last = parsePhone(route?.to ?? "");
  const to = phones.find((phone) => phone === last) ??
    (party.kind === "person" && phones.length === 1 ? phones[0]! : null);
  if (to === null) return null;
  for (const account of accounts) {
    if (await isWelcome(context, account, to)) return { account, to };
  }
  return null;
}

/** Whether what a session's heartbeats say is for SMS, whatever channel was used in it last. */
export function hasTextedHeartbeats(view: GatewayView, sessionKey: string): boolean {
  return partyOf(sessionKey)?.kind === "main" &&
    heartbeatOf(view.heartbeats, sessionKey).target === "sms";
}

/** Whom a heartbeat is for; `elsewhere` when the Gateway's configuration wants it for nobody who texts. */
export async function heartbeatRecipient(
  context: BridgeContext,
  view: GatewayView,
  sessionKey: string,
  route: SessionRoute | null,
): Promise<Recipient | "elsewhere" | null> {
  const { target, to } = heartbeatOf(view.heartbeats, sessionKey);
  if (target === "sms") {
    const account = accountByKey(context, context.settings().defaultAccount);
    const phone = parsePhone(to ?? account?.defaultTo ?? "");
    if (account === undefined || phone === null) return null;
    return await isWelcome(context, account, phone) ? { account, to: phone } : null;
  }
  if (target !== null && target !== "last" && target !== "owner") return "elsewhere";
  return await recipientOf(context, view, sessionKey, route);
}
