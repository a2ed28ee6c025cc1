/**
 * Group texts: how many have come to an account. They are not served.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { keyOf } from "../store/keys.ts";
import type { Store } from "../store/kv.ts";

/** What is kept of an account's group texts. */
export interface GroupTexts {
  readonly texts: number;
  /** When the last came, in milliseconds since the epoch; null when none did. */
  readonly lastAtMs: number | null;
}

const groupsKey = (account: string) => keyOf<GroupTexts>("account", account, "groups");

/** Reads how many there were. */
export async function readGroups(store: Store, account: string): Promise<GroupTexts> {
  const kept = await store.get(groupsKey(account));
  return kept?.value ?? { texts: 0, lastAtMs: null };
}

/** Counts one. */
export async function noteGroup(
  { store, clock }: Pick<BridgeContext, "store" | "clock">,
  account: string,
): Promise<void> {
  const key = groupsKey(account);
  for (;;) {
    const entry = await store.get(key);
    const value = { texts: (entry?.value.texts ?? 0) + 1, lastAtMs: clock.now() };
    const check = [{ key, versionstamp: entry?.versionstamp ?? null }];
    if (await store.commit({ check, set: [{ key, value }] })) return;
  }
}
