/**
 * The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, sections 6.2.1 and
 * 6.2.1.1).
 *
 * @module
 */

const BASIC = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION = "\f^{}\\[~]|€";

// The last character of the alphabet is the euro sign.
const SEPTETS = new Uint8Array(0x20ad);
for (const char of BASIC) SEPTETS[char.charCodeAt(0)] = 1;
for (const char of EXTENSION) SEPTETS[char.charCodeAt(0)] = 2;

/**
 * How many septets a UTF-16 unit takes in GSM-7: 1, 2 (escape and extension character), or 0 when it
 * is outside and forces the whole message into UCS-2.
 */
export function gsm7Septets(unit: number): 0 | 1 | 2 {
  return (SEPTETS[unit] ?? 0) as 0 | 1 | 2;
}

/** Whether every character of `text` is in GSM-7. */
export function isGsm7(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (gsm7Septets(text.charCodeAt(i)) === 0) return false;
  }
  return true;
}
