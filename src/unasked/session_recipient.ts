/**
 * Who is texted when the agent says something in a session without being asked.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { GatewayView } from "../gateway/config_view.ts";
import { asObject, asString } from "../gateway/frames.ts";
import { partyOf } from "../gateway/session_key.ts";
import { firstOwner } from "../policy/owner.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
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
  const named = id === null || id === undefined ? undefined : accountOf(context, id);
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

async function ownerOf(
  context: BridgeContext,
  account: AccountSettings,
  view: GatewayView,
): Promise<Phone | null> {
  const { ownerAllowFrom } = context.settings().bridge;
  const named = firstOwner([...ownerAllowFrom, ...view.ownerAllowFrom]);
  if (named !== null) return named;
  return (await listAllowed(context, account.id)).find(({ owner }) => owner)?.phone ?? null;
}

/**
 * The person of a session; for the main session, which several share, the account's `defaultTo` or else
 * the owner. Null when there is nobody, when it is a stranger, or when the account is off.
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
    if (party.agentId !== view.agentId || party.mainKey !== view.mainKey) return null;
    const to = parsePhone(account.defaultTo ?? "") ?? await ownerOf(context, account, view);
    return to === null ? null : { account, to };
  }
  if (party.kind === "anywhere" && parsePhone(route?.to ?? "") !== party.phone) return null;
  for (const account of accounts) {
    if (await isWelcome(context, account, party.phone)) return { account, to: party.phone };
  }
  return null;
}
