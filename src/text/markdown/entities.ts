/**
 * Character references and backslash escapes.
 *
 * @module
 */
import { cleanText } from "../clean.ts";
import { namedEntity } from "./entity_names.ts";

const REFERENCE = /&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,31}));/y;

/** What a character reference at `at` stands for and where it ends, or null when there is no reference. */
export function entityAt(text: string, at: number): { text: string; end: number } | null {
  REFERENCE.lastIndex = at;
  const found = REFERENCE.exec(text);
  if (found === null) return null;
  const [whole, hex, decimal, name] = found;
  const decoded = name !== undefined
    ? namedEntity(name)
    : fromNumber(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  return decoded === undefined ? null : { text: decoded, end: at + whole.length };
}

/** What may not travel as a character may not come in as a reference either. */
function fromNumber(codePoint: number): string {
  if (codePoint === 0 || codePoint > 0x10ffff) return "\ufffd";
  return cleanText(String.fromCodePoint(codePoint));
}

/** `text` with character references decoded. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&#?[A-Za-z0-9]{1,32};/g, (found) => entityAt(found, 0)?.text ?? found);
}

/** What a URL may not hold as it is: a phone would end the link there. */
const NOT_IN_URLS = /[^\x21-\x7e]|["<>\\^`{|}]/gu;

/** A URL with its character references decoded, each percent-encoded where a URL needs that. */
export function decodeInUrl(url: string): string {
  return url.replace(
    /&#?[A-Za-z0-9]{1,32};/g,
    (found) => decodeEntities(found).toWellFormed().replace(NOT_IN_URLS, encodeURIComponent),
  );
}

/**
 * A link's target with backslash escapes undone and character references decoded; what a reference
 * stands for is percent-encoded where a URL needs that, as CommonMark writes it. So are spaces in a URL.
 */
export function unescapeTarget(text: string): string {
  const target = text.split(/(\\[!-/:-@[-`{-~])/).map((part, i) =>
    i % 2 === 1 ? part.slice(1) : decodeInUrl(part)
  ).join("");
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target.replaceAll(" ", "%20") : target;
}
