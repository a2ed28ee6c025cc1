/**
 * How the vectors of phones and sender policy are run.
 *
 * @module
 */
import { decideAccess } from "../../src/policy/access.ts";
import { parseAddress, parseSender, type Phone } from "../../src/policy/phone.ts";

/** The number of an address, whatever its channel. */
export function normalizePhone(input: string): Phone | null {
  return parseAddress(input)?.phone ?? null;
}

interface PolicyCase {
  readonly dmPolicy?: string | null;
  readonly allowFrom?: readonly string[];
  readonly from: string;
  readonly store?: readonly string[];
}

/** What becomes of a sender, in OpenClaw's words. */
export function senderPolicy(
  { dmPolicy, allowFrom = [], from, store = [] }: PolicyCase,
): "allow" | "pairing" | "block" | "no-sender" {
  const sender = parseSender(from);
  if (sender.kind !== "phone") return "no-sender";
  const paired = store.includes("*") || store.includes(sender.phone);
  const access = decideAccess({ dmPolicy, allowFrom, from: sender.phone, paired });
  return ({ allow: "allow", pair: "pairing", refuse: "block" } as const)[access.kind];
}
