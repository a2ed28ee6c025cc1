/**
 * Senders: what is remembered of each number that texts, or is texted.
 *
 * @module
 */
import { type LoopState, NO_LOOP } from "../policy/loops.ts";
import type { Phone } from "../policy/phone.ts";
import { NOTHING_SENT, type SenderSpending } from "../policy/quota.ts";
import { senderKey } from "../store/keys.ts";
import type { BridgeContext } from "../bridge/context.ts";

/** What is remembered of a sender. */
export interface SenderRow {
  /** When the sender asked not to be texted; null when not, or when it was taken back. */
  readonly optedOutAtMs: number | null;
  readonly loop: LoopState;
  readonly spending: SenderSpending;
}

/** A sender of whom nothing is remembered. */
const NEW_SENDER: SenderRow = { optedOutAtMs: null, loop: NO_LOOP, spending: NOTHING_SENT };

/** Reads what is remembered of a sender. */
export async function readSender(
  context: Pick<BridgeContext, "store">,
  account: string,
  phone: Phone,
): Promise<{ readonly row: SenderRow; readonly versionstamp: string | null }> {
  const entry = await context.store.get<SenderRow>(senderKey(account, phone));
  return { row: entry?.value ?? NEW_SENDER, versionstamp: entry?.versionstamp ?? null };
}
