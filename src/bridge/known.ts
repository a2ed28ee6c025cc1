/**
 * Whom the bridge knows: who may be texted without having just texted.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { decideAccess } from "../policy/access.ts";
import { isOwner } from "../policy/owner.ts";
import type { Phone } from "../policy/phone.ts";
import type { BridgeContext } from "./context.ts";
import { isPaired } from "./pairing_book.ts";

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
