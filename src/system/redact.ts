/**
 * What may be shown of numbers and texts in logs, lists and errors.
 *
 * @module
 */

/** Stands for what is not shown. */
const HIDDEN = "•••";

/**
 * A number as it may be shown: its first digit and its last four (`+1•••••4567`). Of anything with
 * fewer than eight digits only the last two remain; a channel prefix such as `whatsapp:` is kept.
 */
export function maskNumber(address: string): string {
  const [, prefix = "", rest = ""] = address.match(/^([a-z-]{1,20}:)?(.*)$/is) ?? [];
  const shown = printable(rest);
  if (/^\+\d{8,}$/.test(shown)) return `${prefix}${shown.slice(0, 2)}•••••${shown.slice(-4)}`;
  return `${prefix}${HIDDEN}${shown.slice(-2)}`;
}

/** A Twilio SID or another identifier as it may be logged: its last six characters. */
export function shortSid(sid: string): string {
  return `…${printable(sid).slice(-6)}`;
}

/** Text without control characters, line breaks and bidirectional overrides, at most `charsMax` long. */
export function printable(text: string, charsMax = 300): string {
  const plain = text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu,
    " ",
  );
  return plain.length > charsMax ? `${plain.slice(0, charsMax - 1)}…` : plain;
}

/** Text for a terminal: its lines stay, what could steer the terminal goes. */
export function printableLines(text: string): string {
  return text.split("\n").map((line) => printable(line, Infinity)).join("\n");
}

/** Where Twilio, or another, says that something is: as it stands but for what could be a key or a number. */
export function shownUrl(url: string): string {
  const [origin = ""] = url.match(/^https?:\/\/[\w.:[\]-]{1,260}(?=[/?#]|$)/i) ?? [];
  return origin + redactText(url.slice(origin.length));
}

/** Keys that begin as those of well-known services do, and what is named as one. */
const NAMED_KEY =
  /\b((?:sk|pk|rk|ghp|gho|xox[a-z])[-_]|(?:bearer|api[-_ ]?key|token|password|secret)[:= ]+["']?)([\w+/=.-]{6,})/gi;

/** Tokens, keys and identifiers: long words of letters and digits mixed. */
function hideLongWord(word: string): string {
  return /\d/.test(word) && /[a-z]/i.test(word) ? HIDDEN : word;
}

/**
 * Foreign text as it may be shown: without the `secrets` given, without long words that could be one
 * (24 characters and more, letters and digits mixed), with masked telephone numbers.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let shown = text;
  for (const secret of secrets) if (secret !== "") shown = shown.replaceAll(secret, HIDDEN);
  shown = shown.replace(
    NAMED_KEY,
    (found, name: string, key: string) => /\d/.test(key) ? `${name}${HIDDEN}` : found,
  )
    .replace(/[\w+-]{24,}/g, hideLongWord);
  return printable(shown.replace(/\+?\d[\d ().-]{6,}\d/g, (found) => {
    const digits = found.replace(/\D/g, "");
    return digits.length < 8 ? found : maskNumber(`+${digits}`);
  }));
}
