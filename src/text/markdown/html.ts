/**
 * HTML tags in Markdown (CommonMark, section "Raw HTML"), and what is left of them in plain text.
 *
 * @module
 */
import { decodeEntities } from "./entities.ts";

function isLetter(unit: number): boolean {
  return (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a);
}

function isNamePart(unit: number): boolean {
  return isLetter(unit) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d;
}

function isAttributePart(unit: number): boolean {
  // Letters, digits, and _ . : -
  return isNamePart(unit) || unit === 0x5f || unit === 0x2e || unit === 0x3a;
}

function skipWhile(text: string, at: number, test: (unit: number) => boolean): number {
  while (at < text.length && test(text.charCodeAt(at))) at++;
  return at;
}

function isSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a;
}

/** The index behind an opening or closing tag that starts at `at`, or -1. */
export function tagEnd(text: string, at: number): number {
  const isClosing = text[at + 1] === "/";
  const name = at + (isClosing ? 2 : 1);
  if (!isLetter(text.charCodeAt(name))) return -1;
  let end = skipWhile(text, name, isNamePart);
  for (;;) {
    const next = skipWhile(text, end, isSpace);
    if (text[next] === ">") return next + 1;
    if (isClosing) return -1;
    if (text[next] === "/") return text[next + 1] === ">" ? next + 2 : -1;
    if (next === end) return -1;
    end = attributeEnd(text, next);
    if (end < 0) return -1;
  }
}

function attributeEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (!isLetter(first) && first !== 0x5f && first !== 0x3a) return -1;
  const name = skipWhile(text, at, isAttributePart);
  const equals = skipWhile(text, name, isSpace);
  if (text[equals] !== "=") return name;
  const value = skipWhile(text, equals + 1, isSpace);
  const quote = text[value];
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, value + 1);
    return close < 0 ? -1 : close + 1;
  }
  const end = skipWhile(text, value, (unit) => unit > 0x20 && !isUnquotedEnd(unit));
  return end === value ? -1 : end;
}

function isUnquotedEnd(unit: number): boolean {
  // " ' = < > `
  return unit === 0x22 || unit === 0x27 || (unit >= 0x3c && unit <= 0x3e) || unit === 0x60;
}

/** Whether a line is one complete tag and nothing else. */
export function isLoneTag(line: string): boolean {
  if (line[0] !== "<") return false;
  const end = tagEnd(line, 0);
  return end > 0 && line.slice(end).trim() === "";
}

const KNOWN_TAGS = new Set(
  ("a abbr address area article aside audio b base bdi bdo big blockquote body br button canvas " +
    "caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt " +
    "em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head " +
    "header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu " +
    "meta meter nav nobr noscript object ol optgroup option output p param picture pre progress " +
    "q rp rt ruby s samp script search section select small source span strike strong style sub " +
    "summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul " +
    "var video wbr " +
    // What models wrap their answers in.
    "answer final message reply response think thinking thought reasoning antthinking").split(" "),
);

/** Attributes that are written without a value. */
const FLAGS = new Set(
  ("allowfullscreen async autoplay border checked compact controls default defer disabled hidden inert " +
    "loop multiple muted noshade novalidate nowrap open readonly required reversed selected").split(
      " ",
    ),
);

/**
 * Whether a tag is HTML, and not words in angle brackets such as `<your-name>`, `<your full name>` or
 * `List<Object>`.
 */
export function isHtml(tag: Tag): boolean {
  if (tag.text.includes("=")) return true;
  const [, ...attributes] = tag.text.replace(/^<\/?|\/?>$/g, "").trim().toLowerCase().split(/\s+/);
  if (!KNOWN_TAGS.has(tag.name) || !attributes.every((name) => FLAGS.has(name))) return false;
  return attributes.length > 0 || !/^<[A-Z][a-z]/.test(tag.text);
}

/** Tags that people write as words to be filled in: `at <time>`, `to <address>`. */
const FILLED_IN = new Set(
  ("address area button caption code data form input label link map menu object output source time " +
    "title var").split(" "),
);

/** Whether a tag is a word to be filled in where no tag closes it. */
export function isFilledIn(tag: Tag): boolean {
  return FILLED_IN.has(tag.name) && tag.text.length === tag.name.length + 2;
}

/** The names, in lower case, of the tags that a text closes. */
export function closedTags(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/<\/([a-z]+)\s*>/gi)].map(([, name = ""]) => name.toLowerCase()),
  );
}

/** A tag as far as it matters to plain text. */
export interface Tag {
  /** In lower case. */
  readonly name: string;
  readonly isClosing: boolean;
  /** The tag as written. */
  readonly text: string;
}

/** Reads a tag as `tagEnd` found it. */
export function readTag(text: string): Tag {
  const [, slash = "", name = ""] = /^<(\/?)([A-Za-z][A-Za-z0-9-]*)/.exec(text) ?? [];
  return { name: name.toLowerCase(), isClosing: slash !== "", text };
}

/** The value of an attribute, or nothing. */
export function attribute(tag: Tag, name: string): string {
  const pattern = new RegExp(`[\\s]${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'=<>\`]+))`, "i");
  const found = pattern.exec(tag.text);
  return decodeEntities(found?.[1] ?? found?.[2] ?? found?.[3] ?? "").trim();
}

const LINE_TAGS = new Set(
  ("address article aside blockquote br caption dd details div dl dt fieldset figcaption figure " +
    "footer form h1 h2 h3 h4 h5 h6 header hr legend main nav ol p pre section summary table tbody " +
    "tfoot thead tr ul").split(" "),
);

/** What a tag leaves in plain text: a line break, a bullet, a space between cells, or nothing. */
export function tagText(tag: Tag): string {
  if (LINE_TAGS.has(tag.name)) return "\n";
  if (tag.name === "li") return tag.isClosing ? "" : "\n- ";
  if (tag.name === "td" || tag.name === "th") return tag.isClosing ? " " : "";
  // 10<sup>6</sup> is not 106.
  if (tag.name === "sup") return tag.isClosing ? "" : "^";
  return "";
}

/** `html` without its tags, else as it is. */
export function stripTags(html: string): string {
  const parts: string[] = [];
  let start = 0;
  let at = html.startsWith("<![CDATA[") ? (start = 9) : 0;
  for (;;) {
    at = html.indexOf("<", at);
    if (at < 0) break;
    const end = tagEnd(html, at);
    if (end < 0 || !isHtml(readTag(html.slice(at, end)))) at++;
    else {
      parts.push(html.slice(start, at));
      start = at = end;
    }
  }
  parts.push(html.slice(start));
  return decodeEntities(parts.join(""));
}
