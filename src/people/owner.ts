/**
 * Whether somebody is an owner, by whichever of the places that name them.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { OWNERS_TOLD_MAX } from "../system/limits.ts";
import { isBlocked } from "./blocked.ts";
import { isOwner as isNamed, ownerNumbers } from "../policy/owner.ts";
import { everybodyAllowed } from "../store/allowed_row.ts";
import type { Store } from "../store/kv.ts";
import type { Phone } from "../policy/phone.ts";
import { listAllowed, readAllowed } from "./pairing_book.ts";

/**
 * Whether a number may give the Gateway commands.
 *
 * @param gatewayOwners The Gateway's own `commands.ownerAllowFrom`, as far as it is known.
 */
export async function isOwner(
  { settings, store }: Pick<BridgeContext, "settings"> & { readonly store: Pick<Store, "get"> },
  gatewayOwners: readonly string[],
  accountId: string,
  phone: Phone,
): Promise<boolean> {
  const { ownerAllowFrom } = settings().bridge;
  if (isNamed(phone, [...ownerAllowFrom, ...gatewayOwners])) return true;
  return (await readAllowed(store, accountId, phone))?.owner === true;
}

/** Whether anybody is an owner of an account. */
export async function hasOwners(
  { settings, store }: Pick<BridgeContext, "settings" | "store">,
  gatewayOwners: readonly string[],
  accountId: string,
): Promise<boolean> {
  if (ownerNumbers([...settings().bridge.ownerAllowFrom, ...gatewayOwners]).length > 0) return true;
  return (await everybodyAllowed({ store }, accountId)).some(({ owner }) => owner);
}

/** Whom to text as an account's owners: named by a setting or the Gateway's, or let in as one. */
export async function ownersToTell(
  context: Pick<BridgeContext, "settings" | "store" | "gatewayOwners">,
  account: string,
): Promise<Phone[]> {
  const { ownerAllowFrom } = context.settings().bridge;
  const named = ownerNumbers([...ownerAllowFrom, ...context.gatewayOwners()]);
  const letIn = (await listAllowed(context, account)).filter(({ owner }) => owner);
  const owners = new Set([...named, ...letIn.map(({ phone }) => phone)]);
  for (const phone of owners) if (await isBlocked(context, account, phone)) owners.delete(phone);
  return [...owners].slice(0, OWNERS_TOLD_MAX);
}
