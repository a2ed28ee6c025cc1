/**
 * Names: what an operator calls a number, so that lists and the agent can.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import type { Phone } from "../policy/phone.ts";
import { pendingKey } from "../store/keys.ts";
import { readSender, senderKey } from "../store/sender_row.ts";
import { NAME_CHARS_MAX } from "../system/limits.ts";

/** A name as it is kept: one short line that says something; null when it is none. */
export function readName(typed: string): string | null {
  const name = typed.normalize("NFC").trim();
  if (name === "" || [...name].length > NAME_CHARS_MAX || !name.isWellFormed()) return null;
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name.replaceAll("\u200d", "")) ? null : name;
}

/**
 * Keeps what a contact card calls a number that is known here, for an operator to take over; a name that
 * it has stays.
 */
export async function suggestName(
  { store }: Pick<BridgeContext, "store">,
  account: string,
  phone: Phone,
  typed: string,
): Promise<void> {
  const suggestedName = readName(typed);
  const key = senderKey(account, phone);
  const entry = await store.get(key);
  const known = entry ?? await store.get(pendingKey(account, phone));
  if (suggestedName === null || known === null) return;
  const { row, versionstamp } = await readSender({ store }, account, phone);
  if (row.name !== undefined || row.suggestedName === suggestedName) return;
  // Who changes the row meanwhile has something more important to note.
  await store.commit({
    check: [{ key, versionstamp }],
    set: [{ key, value: { ...row, suggestedName } }],
  });
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
