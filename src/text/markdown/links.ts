/**
 * Links: where they lead, and how they are shown in plain text.
 *
 * @module
 */
import { destination } from "./definitions.ts";
import { decodeInUrl } from "./entities.ts";
import { destinationEnd, skipSpacesAndBreak, titleEnd } from "./scan.ts";

/** Where a link leads, and the index behind it. */
export interface LinkTarget {
  readonly url: string;
  readonly end: number;
}

/** Reads `(destination "title")` at `at`, or null. */
export function inlineTarget(text: string, at: number): LinkTarget | null {
  const start = skipSpacesAndBreak(text, at + 1);
  const end = destinationEnd(text, start);
  if (end < 0) return null;
  let next = skipSpacesAndBreak(text, end);
  if (next > end) {
    const title = titleEnd(text, next);
    if (title >= 0) next = skipSpacesAndBreak(text, title);
  }
  if (text[next] !== ")") return null;
  return { url: destination(text.slice(start, end)), end: next + 1 };
}

const AUTOLINK = /<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/y;
const EMAIL =
  /<([\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*)>/y;

/** Reads `<https://example.com>` or `<name@example.com>` at `at`, or null. */
export function autolinkAt(text: string, at: number): LinkTarget | null {
  for (const pattern of [AUTOLINK, EMAIL]) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) return { url: decodeInUrl(found[1]!), end: pattern.lastIndex };
  }
  return null;
}

/** What a link shows: `label (url)`, or one of the two when the other says no more. */
export function linkText(label: string, url: string): string {
  const shown = label.trim();
  const address = url.replace(/^(?:mailto|tel|sms):/i, "");
  if (shown === "") return isFollowable(url) ? address : "";
  if (!isFollowable(url) || url.startsWith("#")) return label;
  if (isSameAddress(shown, address)) {
    return url === address ? label.replace(shown, () => url) : label;
  }
  return `${label} (${address})`;
}

/** Not `javascript:`, and not a whole picture in a URL. */
function isFollowable(url: string): boolean {
  return url !== "" && !/^(?:data|javascript|vbscript):/i.test(url);
}

/** Whether a label is the address without its scheme, or a telephone number written with spaces. */
function isSameAddress(label: string, address: string): boolean {
  if (label.length > address.length + 20) return false;
  const bare = (text: string) => text.toLowerCase().replace(/^https?:\/\//, "").replace(/\/$/, "");
  if (bare(label) === bare(address)) return true;
  const digits = (text: string) => text.replace(/[^\d+]/g, "");
  return [label, address].every((text) => /^\+?[\d ().-]+$/.test(text)) &&
    digits(label) === digits(address);
}
