/**
 * Senders: what is remembered of each number that texts, or is texted.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { senderKey } from "../store/keys.ts";
import { NEW_SENDER, type SenderRow } from "../store/sender_row.ts";
import type { BridgeContext } from "../bridge/context.ts";

/** Reads what is remembered of a sender. */
export async function readSender(
  context: Pick<BridgeContext, "store">,
  account: string,
  phone: Phone,
): Promise<{ readonly row: SenderRow; readonly versionstamp: string | null }> {
  const entry = await context.store.get<SenderRow>(senderKey(account, phone));
  return { row: entry?.value ?? NEW_SENDER, versionstamp: entry?.versionstamp ?? null };
}
