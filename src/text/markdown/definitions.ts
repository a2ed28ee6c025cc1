/**
 * Link reference definitions (CommonMark, section "Link reference definitions").
 *
 * @module
 */
import { unescapeTarget } from "./entities.ts";
import {
  destinationEnd,
  labelEnd,
  normalizeLabel,
  skipBlanks,
  skipSpacesAndBreak,
  titleEnd,
} from "./scan.ts";

/** Where a label leads. */
export interface Definition {
  /** The label as written. */
  readonly label: string;
  readonly url: string;
}

/** Definitions by normalized label; the first of a label counts. */
export type Definitions = Map<string, Definition>;

/** A place in a page, a path, a scheme: not what somebody says, as in `[Ann]: Hello` or `[Date]: 5/12`. */
const LEADS_SOMEWHERE =
  /^<?(?:[#?/]|\.{1,2}\/|(?:[\w-]+\.)+[a-z]{2}|[a-z][a-z0-9+.-]*:\/\/|(?:data|geo|javascript|mailto|sms|tel|urn):)[^[\]*`]*$/i;

/** Takes the definitions at the start of a paragraph, and returns what is left of it. */
export function takeDefinitions(paragraph: string, definitions: Definitions): string {
  let at = 0;
  for (;;) {
    const end = takeDefinition(paragraph, skipBlanks(paragraph, at), definitions);
    if (end < 0) break;
    at = end;
  }
  return at === 0 ? paragraph : paragraph.slice(at);
}

/** Reads one definition; the index behind its line break, or -1. */
function takeDefinition(text: string, at: number, definitions: Definitions): number {
  const behindLabel = labelEnd(text, at);
  if (behindLabel < 0 || text[behindLabel] !== ":") return -1;
  const written = text.slice(at + 1, behindLabel - 1);
  const label = normalizeLabel(written);
  if (label === "") return -1;
  const start = skipSpacesAndBreak(text, behindLabel + 1);
  const end = destinationEnd(text, start);
  if (end < 0 || end === start || !LEADS_SOMEWHERE.test(text.slice(start, end))) return -1;
  const behind = endOfDefinition(text, end);
  if (behind < 0) return -1;
  if (!definitions.has(label)) {
    definitions.set(label, { label: written.trim(), url: destination(text.slice(start, end)) });
  }
  return behind;
}

/** Behind the destination: an optional title, and nothing else on the line. */
function endOfDefinition(text: string, at: number): number {
  const behindDestination = lineEnd(text, at);
  const start = skipSpacesAndBreak(text, at);
  if (start > at) {
    const title = titleEnd(text, start);
    const behindTitle = title < 0 ? -1 : lineEnd(text, title);
    if (behindTitle >= 0) return behindTitle;
  }
  return behindDestination;
}

/** The index behind the line break when only white space is left on the line, or -1. */
function lineEnd(text: string, at: number): number {
  const end = skipBlanks(text, at);
  if (end >= text.length) return text.length;
  return text[end] === "\n" ? end + 1 : -1;
}

/** A destination as it was meant: brackets off, escapes undone. */
export function destination(written: string): string {
  const inner = written.startsWith("<") ? written.slice(1, -1) : written;
  return unescapeTarget(inner).replace(/\s+/g, " ").trim();
}
