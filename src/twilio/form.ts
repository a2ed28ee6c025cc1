/**
 * `application/x-www-form-urlencoded` as ordered pairs, after the WHATWG URL Standard (§5).
 *
 * Twilio signs the pairs, so their order, repeated names and empty values all have to survive.
 *
 * @module
 */

/** One name and its value, decoded. */
export type FormPair = readonly [name: string, value: string];

const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/**
 * Decodes escapes that follow one another. What stands around them cannot be part of their characters.
 * `decodeURIComponent` would throw on bytes that are not UTF-8, which is slow enough to be abused.
 */
function decodeEscapes(escapes: string): string {
  if (escapes.length === 3) {
    const byte = parseInt(escapes.slice(1), 16);
    if (byte < 0x80) return String.fromCharCode(byte);
  }
  const bytes = new Uint8Array(escapes.length / 3);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = parseInt(escapes.slice(3 * i + 1, 3 * i + 3), 16);
  }
  return lenient.decode(bytes);
}

function decode(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  return spaced.includes("%") ? spaced.replace(ESCAPES, decodeEscapes) : spaced;
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

/**
 * A form as a body for `fetch` that is sent once at most. Deno (2.9) silently repeats a request with a
 * string body when a kept-alive connection breaks before the answer, which would send an SMS twice; a
 * blob is streamed, and what has been streamed cannot be repeated.
 */
export function onceBody(pairs: Iterable<FormPair>): Blob {
  return new Blob([encodeForm(pairs)]);
}

/** The value of the first pair called `name`. */
export function firstValue(pairs: readonly FormPair[], name: string): string | undefined {
  return pairs.find(([key]) => key === name)?.[1];
}
