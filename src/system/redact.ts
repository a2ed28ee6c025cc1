/**
 * What may be shown of numbers and texts in logs, lists and errors.
 *
 * @module
 */

/**
 * A number as it may be shown: its first digit and its last four (`+1•••••4567`). Of anything with
 * fewer than eight digits only the last two remain; a channel prefix such as `whatsapp:` is kept.
 */
export function maskNumber(address: string): string {
  const [, prefix = "", rest = ""] = address.match(/^([a-z-]{1,20}:)?(.*)$/is) ?? [];
  const shown = printable(rest);
  if (/^\+\d{8,}$/.test(shown)) return `${prefix}${shown.slice(0, 2)}•••••${shown.slice(-4)}`;
  return `${prefix}•••${shown.slice(-2)}`;
}

/** A Twilio SID or another identifier as it may be logged: its last six characters. */
export function shortSid(sid: string): string {
  return `…${printable(sid).slice(-6)}`;
}

/** Text without control characters, line breaks and bidirectional overrides, at most `charsMax` long. */
export function printable(text: string, charsMax = 300): string {
  // deno-lint-ignore no-control-regex
  const plain = text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g,
    " ",
  );
  return plain.length > charsMax ? `${plain.slice(0, charsMax - 1)}…` : plain;
}

/** Replaces numbers that look like telephone numbers, and long secrets-like words, in foreign text. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let shown = text;
  for (const secret of secrets) if (secret !== "") shown = shown.replaceAll(secret, "•••");
  return printable(shown.replace(/\+?\d[\d ().-]{6,}\d/g, (found) => {
    const digits = found.replace(/\D/g, "");
    return digits.length < 8 ? found : maskNumber(`+${digits}`);
  }));
}
