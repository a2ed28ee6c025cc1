/**
 * Pauses: an operator may end one before its time.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { pausedUntilMs } from "../policy/loops.ts";
import type { Phone } from "../policy/phone.ts";
import { readSender, senderKey } from "../store/sender_row.ts";

/** Ends a conversation's pause; until when it would have lasted, or null when there was none. */
export async function endPause(
  { store, clock }: Pick<BridgeContext, "store" | "clock">,
  account: string,
  phone: Phone,
): Promise<number | null> {
  const key = senderKey(account, phone);
  for (;;) {
    const { row, versionstamp } = await readSender({ store }, account, phone);
    const untilMs = pausedUntilMs(row.loop, clock.now());
    if (untilMs === 0) return null;
    const value = { ...row, loop: { ...row.loop, pausedUntilMs: 0, pausedHash: null } };
    const check = [{ key, versionstamp }];
    if (await store.commit({ check, set: [{ key, value }] })) return untilMs;
  }
}
