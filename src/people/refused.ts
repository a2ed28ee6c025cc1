/**
 * Who was refused of late, and why. Of each number one row stands in a list that does not grow.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import type { AccountSettings } from "../config/settings.ts";
import type { Phone } from "../policy/phone.ts";
import { keyOf } from "../store/keys.ts";
import { REFUSED_MAX, REFUSED_TTL_MS } from "../system/limits.ts";
import { isBlocked } from "./blocked.ts";

/** Somebody whose texts reach nobody. */
export interface Refused {
  readonly phone: Phone;
  /** When the last text came, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Texts since the first that stands here. */
  readonly texts: number;
  readonly why: RefusedWhy;
}

/** Why somebody was refused; a closed list. */
export type RefusedWhy = "blocked" | "not in allowFrom" | "this account takes no texts";

const refusedKey = (account: string) => keyOf<readonly Refused[]>("account", account, "refused");

/** Who was refused in an account, the last first. */
export async function listRefused(
  { store }: Pick<BridgeContext, "store">,
  account: string,
): Promise<readonly Refused[]> {
  return (await store.get(refusedKey(account)))?.value ?? [];
}

/** Notes that a text was refused. */
export async function noteRefused(
  { store, clock }: Pick<BridgeContext, "store" | "clock">,
  { id, dmPolicy }: AccountSettings,
  phone: Phone,
): Promise<void> {
  const key = refusedKey(id);
  const rule = dmPolicy === "disabled" ? "this account takes no texts" : "not in allowFrom";
  const why: RefusedWhy = await isBlocked({ store }, id, phone) ? "blocked" : rule;
  for (;;) {
    const entry = await store.get(key);
    const rows = entry?.value ?? [];
    const texts = (rows.find((one) => one.phone === phone)?.texts ?? 0) + 1;
    const row: Refused = { phone, atMs: clock.now(), texts, why };
    const value = [row, ...rows.filter((one) => one.phone !== phone)].slice(0, REFUSED_MAX);
    const check = [{ key, versionstamp: entry?.versionstamp ?? null }];
    const set = [{ key, value, expireInMs: REFUSED_TTL_MS }];
    if (await store.commit({ check, set })) return;
  }
}
