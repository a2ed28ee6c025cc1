/**
 * Blocked numbers: whoever an operator has blocked is neither answered nor texted, as if nobody lived here.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { type Phone } from "../policy/phone.ts";
import type { Store } from "../store/kv.ts";
import { pendingKey } from "../store/keys.ts";
import { byNumber, listSenders, readSender, senderKey } from "../store/sender_row.ts";

/** Whether a number is blocked in an account. */
export async function isBlocked(
  context: { readonly store: Pick<Store, "get"> },
  account: string,
  phone: Phone,
): Promise<boolean> {
  return typeof (await readSender(context, account, phone)).row.blockedAtMs === "number";
}

/** Somebody who is blocked. */
export interface Blocked {
  readonly account: string;
  readonly phone: Phone;
  /** Since when, in milliseconds since the epoch. */
  readonly atMs: number;
  /** What an operator calls them; null when nothing. */
  readonly name: string | null;
}

/** Who is blocked in an account, or in any. */
export async function listBlocked(
  { store }: Pick<BridgeContext, "store">,
  account?: string,
): Promise<Blocked[]> {
  const found: Blocked[] = [];
  for (const { row, ...whose } of await listSenders({ store }, account)) {
    const { blockedAtMs: atMs, name = null } = row;
    if (typeof atMs === "number") found.push({ ...whose, atMs, name });
  }
  return found.sort(byNumber);
}

/**
 * Blocks a number, or lifts that. A block also ends its pairing request; an unblock remembers when, as
 * catch-up must not answer what came before. Returns since when it was blocked already; null when not.
 */
export async function setBlocked(
  context: Pick<BridgeContext, "store" | "clock">,
  account: string,
  phone: Phone,
  blocked: boolean,
): Promise<number | null> {
  const key = senderKey(account, phone);
  for (;;) {
    const { row, versionstamp } = await readSender(context, account, phone);
    const before = row.blockedAtMs ?? null;
    if ((before !== null) === blocked) return before;
    const nowMs = context.clock.now();
    const value = blocked
      ? { ...row, blockedAtMs: nowMs }
      : { ...row, blockedAtMs: undefined, unblockedAtMs: nowMs };
    const committed = await context.store.commit({
      check: [{ key, versionstamp }],
      set: [{ key, value }],
      delete: blocked ? [pendingKey(account, phone)] : [],
    });
    if (committed) return before;
  }
}
