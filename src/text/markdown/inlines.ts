/**
 * Inline structure (CommonMark 0.31.2 with GFM strikethrough, autolinks and footnotes), read from
 * left to right into pieces of plain text.
 *
 * @module
 */
import { type BacktickRuns, backtickRuns, codeText, nextRun } from "./code_spans.ts";
import type { Definitions } from "./definitions.ts";
import { addRun, pairRuns, type Runs } from "./delimiters.ts";
import { decodeEntities, entityAt } from "./entities.ts";
import { attribute, isFilledIn, isHtml, readTag, type Tag, tagEnd, tagText } from "./html.ts";
import { charBefore } from "./flanking.ts";
import { autolinkAt, inlineTarget } from "./links.ts";
import { bracketMath, dollarMath, literalEnd, literalStarts } from "./literals.ts";
import { joinPieces, type Piece } from "./pieces.ts";
import { isEscapable, LABEL_CHARS_MAX, labelEnd, normalizeLabel } from "./scan.ts";

/** What the whole text tells its paragraphs. */
export interface InlineContext {
  readonly definitions: Definitions;
  /** Names of the tags that the text closes. */
  readonly closedTags: ReadonlySet<string>;
  /** Normalized labels of the defined footnotes. */
  readonly footnotes: ReadonlySet<string>;
  /** Normalized labels of the definitions that were used; added to. */
  readonly used: Set<string>;
}

/** A `[` or `![` that may still become a link. */
interface Bracket {
  readonly piece: number;
  readonly isImage: boolean;
  /** Index behind the bracket. */
  readonly at: number;
  /** Order of the last run in front. */
  readonly order: number;
  /** Whether another bracket opened behind it. */
  hasBracket: boolean;
}

interface State {
  readonly text: string;
  readonly context: InlineContext;
  readonly pieces: Piece[];
  readonly runs: Runs;
  readonly brackets: Bracket[];
  /** Brackets below this depth cannot become links: a link is in them. */
  inactive: number;
  /** Open `<a>` tags: where they lead. */
  readonly anchors: string[];
  backticks: BacktickRuns | null;
  readonly literals: number[];
  literal: number;
  /** End of the stretch without markup that was found last. */
  plainEnd: number;
  /** Ends that were looked for in vain: no need to look again. */
  readonly absent: Set<string>;
  at: number;
}

const PLAIN = /[^\\`*_~[\]!<&$]+/y;
/** What a citation stands right behind. */
const GLUED = /^[\p{L}\p{N}\p{Pe}\p{Pf}.,;:!?%"']$/u;

/** The plain text of `markdown`, the text of one block. Time is linear. */
export function renderInlines(markdown: string, context: InlineContext): string {
  const text = markdown.trim();
  const state: State = {
    text,
    context,
    pieces: [],
    runs: { last: null, count: 0 },
    brackets: [],
    inactive: 0,
    anchors: [],
    backticks: null,
    literals: literalStarts(text),
    literal: 0,
    plainEnd: -1,
    absent: new Set(),
    at: 0,
  };
  while (state.at < text.length) readNext(state);
  pairRuns(state.runs, 0);
  for (const url of state.anchors.reverse()) state.pieces.push({ kind: "close", url });
  return joinPieces(state.pieces);
}

function readNext(state: State): void {
  const { text, literals } = state;
  while ((literals[state.literal] ?? Infinity) < state.at) state.literal++;
  const literal = literals[state.literal] ?? Infinity;
  if (literal === state.at) {
    const end = literalEnd(text, state.at, state.brackets.length > 0);
    if (end > state.at) return addText(state, literalText(text.slice(state.at, end)), end, true);
  }
  if (state.plainEnd < state.at) {
    PLAIN.lastIndex = state.at;
    state.plainEnd = PLAIN.exec(text) === null ? state.at : PLAIN.lastIndex;
  }
  if (state.plainEnd === state.at) return readMarkup(state);
  const next = literal > state.at ? Math.min(state.plainEnd, literal) : state.plainEnd;
  addText(state, text.slice(state.at, next), next);
}

/** In a bare URL, a model may have escaped `_` and `*`, and written `&amp;`. */
function literalText(written: string): string {
  if (!/^(?:https?|ftp|www)/i.test(written)) return written;
  return decodeEntities(written.replace(/\\([_*~&])/g, "$1"));
}

function addText(state: State, text: string, end: number, isVerbatim = false): void {
  state.pieces.push({ kind: isVerbatim ? "verbatim" : "text", text });
  state.at = end;
}

function readMarkup(state: State): void {
  const { text, at } = state;
  switch (text[at]) {
    case "\\":
      return readBackslash(state);
    case "`":
      return readBackticks(state);
    case "*":
    case "_":
    case "~":
      return readRun(state);
    case "!":
      if (text[at + 1] !== "[" || footnoteAt(state, at + 1) !== null) break;
      return openBracket(state, true);
    case "[":
      if (!readFootnote(state)) openBracket(state, false);
      return;
    case "]":
      return closeBracket(state);
    case "<":
      return readAngle(state);
    case "&": {
      const entity = entityAt(text, at);
      if (entity === null) break;
      return addText(state, entity.text, entity.end);
    }
    case "$": {
      const math = dollarMath(text, at);
      if (math === null) break;
      return addText(state, math.text, math.end, true);
    }
  }
  addText(state, text[at]!, at + 1);
}

function readBackslash(state: State): void {
  const { text, at } = state;
  const next = text[at + 1];
  if (next === "(" || next === "[") {
    const math = bracketMath(text, at);
    if (math !== null) return addText(state, math.text, math.end, true);
  }
  if (next === "\n") return addText(state, "\n", at + 2);
  if (isEscapable(next)) return addText(state, next!, at + 2);
  addText(state, "\\", at + 1);
}

function readBackticks(state: State): void {
  const { text, at } = state;
  let end = at;
  while (text[end] === "`") end++;
  state.backticks ??= backtickRuns(text);
  const close = nextRun(state.backticks, end - at, end);
  if (close < 0) return addText(state, text.slice(at, end), end);
  addText(state, codeText(text.slice(end, close)), close + end - at, true);
}

function readRun(state: State): void {
  const { text, at } = state;
  let end = at;
  while (text[end] === text[at]) end++;
  const run = addRun(state.runs, text, at, end);
  state.pieces.push({ kind: "run", run });
  state.at = end;
}

/** The label of a defined footnote that is called at `at`, or null. */
function footnoteAt(state: State, at: number): string | null {
  if (state.text[at + 1] !== "^") return null;
  const end = labelEnd(state.text, at);
  if (end < 0) return null;
  const label = state.text.slice(at + 2, end - 1);
  return state.context.footnotes.has(normalizeLabel(label)) ? label : null;
}

function readFootnote(state: State): boolean {
  const label = footnoteAt(state, state.at);
  if (label === null) return false;
  addText(state, `[${label}]`, state.at + label.length + 3);
  return true;
}

function openBracket(state: State, isImage: boolean): void {
  const { brackets, pieces, at } = state;
  const end = at + (isImage ? 2 : 1);
  const last = brackets.at(-1);
  if (last !== undefined) last.hasBracket = true;
  brackets.push({
    piece: pieces.length,
    isImage,
    at: end,
    order: state.runs.last?.order ?? 0,
    hasBracket: false,
  });
  addText(state, isImage ? "![" : "[", end);
}

/** A `]` makes a link or an image of what is between it and the last bracket, or is just a bracket. */
function closeBracket(state: State): void {
  const { text, brackets, runs, pieces, at } = state;
  const bracket = brackets.pop();
  const isActive = bracket !== undefined && (bracket.isImage || brackets.length >= state.inactive);
  if (state.inactive > brackets.length) state.inactive = brackets.length;
  const target = isActive ? targetBehind(state, bracket) : null;
  if (bracket === undefined || target === null) return addText(state, "]", at + 1);
  pairRuns(runs, bracket.order);
  pieces[bracket.piece] = { kind: "open" };
  // `[1]` is how people cite: its brackets stay, and so they do where the number would grow onto a word.
  const isCited = target.end === at + 1 ||
    (!bracket.isImage && GLUED.test(charBefore(text, bracket.at - 1)));
  if (isCited && /^\d+$/.test(text.slice(bracket.at, Math.min(at, bracket.at + 9)))) {
    pieces.push({ kind: "text", text: "]" });
    pieces[bracket.piece] = { kind: "open", text: "[" };
  }
  pieces.push({ kind: "close", url: target.url });
  if (!bracket.isImage) state.inactive = brackets.length;
  state.at = target.end;
}

/** Where the link leads that the `]` at the current place ends, and where its text ends. */
function targetBehind(state: State, bracket: Bracket): { url: string; end: number } | null {
  const { text, at, context } = state;
  const inline = text[at + 1] === "(" ? inlineTarget(text, at + 1) : null;
  if (inline !== null) return inline;
  let end = text[at + 1] === "[" ? labelEnd(text, at + 1) : -1;
  let label = end < 0 ? "" : text.slice(at + 2, end - 1);
  if (end < 0) end = at + 1;
  if (label === "") {
    if (bracket.hasBracket || at - bracket.at > LABEL_CHARS_MAX) return null;
    label = text.slice(bracket.at, at);
  }
  const key = normalizeLabel(label);
  const definition = context.definitions.get(key);
  if (definition === undefined) return null;
  context.used.add(key);
  return { url: definition.url, end };
}

function readAngle(state: State): void {
  const { text, at, context } = state;
  const autolink = autolinkAt(text, at);
  if (autolink !== null) return addText(state, autolink.url, autolink.end, true);
  const hidden = hiddenEnd(state);
  if (hidden > 0) {
    state.at = hidden;
    return;
  }
  const end = tagEnd(text, at);
  const tag = end < 0 ? null : readTag(text.slice(at, end));
  if (tag === null || !isHtml(tag) || (isFilledIn(tag) && !context.closedTags.has(tag.name))) {
    return addText(state, "<", at + 1);
  }
  state.at = end;
  addTag(state, tag);
}

const HIDDEN: readonly [open: string, close: string][] = [
  ["<!--", "-->"],
  ["<?", "?>"],
  ["<![CDATA[", "]]>"],
  ["<!", ">"],
  ["<think>", "</think>"],
  ["<thinking>", "</thinking>"],
];

/** Behind a comment, an instruction, a declaration or a thought at the current place, or -1. */
function hiddenEnd(state: State): number {
  const { text, at, absent } = state;
  for (const [open, close] of HIDDEN) {
    if (!text.startsWith(open, at)) continue;
    if (open === "<!" && !/[A-Za-z]/.test(text[at + 2] ?? "")) return -1;
    if (absent.has(close)) return -1;
    // `<!-->` and `<!--->` are comments too.
    const end = text.indexOf(close, at + (open === "<!--" ? 2 : open.length));
    if (end >= 0) return end + close.length;
    absent.add(close);
    return -1;
  }
  return -1;
}

function addTag(state: State, tag: Tag): void {
  const { pieces, anchors } = state;
  if (tag.name === "a" && !tag.isClosing) {
    const url = attribute(tag, "href");
    anchors.push(/^(?:https?|mailto|tel|sms):/i.test(url) ? url : "");
    pieces.push({ kind: "open" });
  } else if (tag.name === "a" && anchors.length > 0) {
    pieces.push({ kind: "close", url: anchors.pop()! });
  } else if (tag.name === "img") {
    const url = attribute(tag, "src");
    pieces.push({ kind: "open" }, { kind: "text", text: attribute(tag, "alt") });
    pieces.push({ kind: "close", url: /^https?:/i.test(url) ? url : "" });
  } else pieces.push({ kind: "text", text: tagText(tag) });
}
