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
