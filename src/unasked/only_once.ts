/**
 * What the Gateway may say twice and must be texted once.
 *
 * @module
 */
import { bridgeKey } from "../store/keys.ts";
import type { Change } from "../store/kv.ts";
import { DEDUPE_TTL_MS } from "../system/limits.ts";

/** The part of a change that lets it happen once for each name within a week; else it is a conflict. */
export function onlyOnce(name: string): Required<Pick<Change, "check" | "set">> {
  const key = [...bridgeKey("announced"), name];
  return {
    check: [{ key, versionstamp: null }],
    set: [{ key, value: true, expireInMs: DEDUPE_TTL_MS }],
  };
}
