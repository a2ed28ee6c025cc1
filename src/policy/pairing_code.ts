/**
 * Pairing codes: 8 characters that cannot be mistaken for one another, as OpenClaw has them.
 *
 * @module
 */
import type { Random } from "../system/random.ts";

/** 32 letters and digits without `0`, `O`, `1`, `I`: 40 bits in a code. */
export const PAIRING_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/** Characters in a code. */
const PAIRING_CODE_LENGTH = 8;

const CODE = new RegExp(`^[${PAIRING_ALPHABET}]{${PAIRING_CODE_LENGTH}}$`);

/** Makes a code; `random` must be fit for secrets. */
export function newPairingCode(random: Random): string {
  const letters = Array.from(
    { length: PAIRING_CODE_LENGTH },
    () => PAIRING_ALPHABET[random.below(PAIRING_ALPHABET.length)],
  );
  return letters.join("");
}

/** Reads a code as people type it, in any case, with spaces and dashes; `null` when it cannot be a code. */
export function readPairingCode(typed: string): string | null {
  const code = typed.replace(/[\s-]+/g, "").toUpperCase();
  return CODE.test(code) ? code : null;
}

/** A code with what is written behind it. */
export interface LeadingCode {
  readonly code: string;
  readonly rest: string;
}

/** Reads a text that is a code, or begins with one; `null` when it does not. */
export function readLeadingCode(text: string): LeadingCode | null {
  const whole = readPairingCode(text);
  if (whole !== null) return { code: whole, rest: "" };
  const [, first = "", rest = ""] = text.match(/^\s*(\w{4}[ -]?\w{4})[\s:,.]+(\S.*?)\s*$/s) ?? [];
  const code = readPairingCode(first);
  return code === null ? null : { code, rest };
}
