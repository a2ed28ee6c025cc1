/**
 * Names: what an operator calls a number, so that lists and the agent can.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import type { Phone } from "../policy/phone.ts";
import { readSender, senderKey } from "../store/sender_row.ts";
import { NAME_CHARS_MAX } from "../system/limits.ts";

/** A name as it is kept: one short line that says something; null when it is none. */
export function readName(typed: string): string | null {
  const name = typed.normalize("NFC").trim();
  if (name === "" || [...name].length > NAME_CHARS_MAX || !name.isWellFormed()) return null;
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name.replaceAll("\u200d", "")) ? null : name;
}

/** Gives a number a name, or takes it away with null. */
export async function setName(
  context: Pick<BridgeContext, "store">,
  account: string,
  phone: Phone,
  name: string | null,
): Promise<void> {
  const key = senderKey(account, phone);
  for (;;) {
    const { row, versionstamp } = await readSender(context, account, phone);
    const check = [{ key, versionstamp }];
    const value = { ...row, name: name ?? undefined };
    if (await context.store.commit({ check, set: [{ key, value }] })) return;
  }
}
