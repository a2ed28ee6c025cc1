/**
 * `application/x-www-form-urlencoded` as ordered pairs, after the WHATWG URL Standard (§5).
 *
 * Twilio signs the pairs, so their order, repeated names and empty values all have to survive.
 *
 * @module
 */

/** One name and its value, decoded. */
export type FormPair = readonly [name: string, value: string];

const utf8 = new TextEncoder();
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** Decodes what `decodeURIComponent` refuses: a `%` without two digits, bytes that are not UTF-8. */
function decodeBytes(text: string): string {
  const bytes = utf8.encode(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const high = byte === 0x25 ? hexDigit(bytes[i + 1] ?? 0) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[i + 2] ?? 0);
    bytes[length++] = low < 0 ? byte : high << 4 | low;
    if (low >= 0) i += 2;
  }
  return lenient.decode(bytes.subarray(0, length));
}

function decode(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodeBytes(spaced);
  }
}

/** Text whose escapes, once decoded, give the same bytes. */
function textOf(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = "";
    for (const byte of bytes) {
      text += byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16)}`;
    }
    return text;
  }
}

/**
 * Reads a form body. Every body is one: malformed escapes stay as they are, bytes that are not UTF-8
 * become U+FFFD. Takes time linear in the body's length.
 */
export function parseForm(body: string | Uint8Array): FormPair[] {
  const text = typeof body === "string" ? body.toWellFormed() : textOf(body);
  const pairs: FormPair[] = [];
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    pairs.push(
      equals < 0
        ? [decode(part), ""]
        : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))],
    );
  }
  return pairs;
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(
      /%20|[!'()~]/g,
      (found) => found === "%20" ? "+" : `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
    );
}

/** Writes pairs as a form body, in the order given. */
export function encodeForm(pairs: Iterable<FormPair>): string {
  let body = "";
  for (const [name, value] of pairs) {
    body += `${body === "" ? "" : "&"}${encode(name)}=${encode(value)}`;
  }
  return body;
}

/** The value of the first pair called `name`. */
export function firstValue(pairs: readonly FormPair[], name: string): string | undefined {
  return pairs.find(([key]) => key === name)?.[1];
}
