/**
 * Whom the bridge knows: who may be texted without having just texted.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { type Access, decideAccess } from "../policy/access.ts";
import { isOwner } from "../policy/owner.ts";
import type { Phone } from "../policy/phone.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Store } from "../store/kv.ts";
import { isBlocked } from "./blocked.ts";
import { isPaired } from "./pairing_book.ts";

/** What a block, or else the account's own rules say of somebody: whether to let in, to pair, or to refuse. */
export async function accessOf(
  { settings, store }: Pick<BridgeContext, "settings"> & { readonly store: Pick<Store, "get"> },
  { id, dmPolicy, allowFrom }: AccountSettings,
  from: Phone,
): Promise<Access["kind"]> {
  const { accessGroups } = settings();
  if (await isBlocked({ store }, id, from)) return "refuse";
  const paired = await isPaired(store, id, from);
  return decideAccess({ dmPolicy, allowFrom, accessGroups, from, paired }).kind;
}

/** Whether somebody is known here: let in, an owner, or the default target. */
export async function isKnown(
  context: BridgeContext,
  account: AccountSettings,
  phone: Phone,
): Promise<boolean> {
  const { bridge, accessGroups } = context.settings();
  if (phone === account.defaultTo || isOwner(phone, bridge.ownerAllowFrom)) return true;
  const { allowFrom } = account;
  const named = allowFrom.filter((entry) => entry.trim() !== "*");
  const rules = { dmPolicy: "allowlist", allowFrom: named, accessGroups };
  if (decideAccess({ ...rules, from: phone, paired: false }).kind === "allow") return true;
  return await isPaired(context.store, account.id, phone);
}
