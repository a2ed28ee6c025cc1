/**
 * Cuts a plain text into the bodies of several messages.
 *
 * @module
 */
import { BREAK, breakAt, skipSpace, type TextRange } from "../breaks.ts";
import { graphemeFloor } from "./graphemes.ts";

/** Whether bodies start with their number, `(1/3) `. */
export type PartMarks = "auto" | "off";

/** How {@linkcode chunkText} cuts. */
export interface ChunkOptions {
  /** Longest body in UTF-16 units, its part mark included. */
  readonly limit: number;
  /** `auto` numbers the bodies from two on, since carriers do not keep their order. */
  readonly partMarks?: PartMarks;
  /** Stretches, in order, that are not cut when they fit in one body: code blocks, headings. */
  readonly keepTogether?: readonly TextRange[];
  /** Longest body that is one URL, when that is more than `limit`: half a URL leads nowhere. */
  readonly urlLimit?: number;
}

/** One message body. */
export interface Chunk {
  /** What is sent, part mark included. */
  readonly body: string;
  /** The part mark, such as `(1/3) `, or nothing. */
  readonly mark: string;
}

/** Below this limit a part mark would take too much of the body. */
const MARKED_LIMIT_MIN = 40;

/** Text without spaces for these scripts is not one long word. */
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7ff]/;

/** A scheme, or `www.`, and what follows it: up to white space, or a script that is written without any. */
const URL_IN_TEXT =
  /\b(?:[a-z][a-z0-9+.-]{1,15}:\/\/|www\.)[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uac00-\ud7ff\uff00-\uffef]+/gi;

/** Where the URLs of a text stand, in order. */
export function urlRanges(text: string): TextRange[] {
  if (!/:\/\/|www\./i.test(text)) return [];
  return [...text.matchAll(URL_IN_TEXT)].map(({ 0: url, index }) => ({
    start: index,
    end: index + url.length,
  }));
}

/** A text to lay out, and the room a body has for it. */
interface Layout {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly room: number;
  readonly kept: readonly TextRange[];
  readonly urls: readonly TextRange[];
}

/**
 * Cuts `text` into as few bodies as its breaks allow, of about equal length, none over the limit.
 * Cuts are made at paragraphs, else lines, sentences, words, graphemes; the white space there goes
 * away. Marks are left off when a word that fits in a body would not fit beside its mark. A URL is cut
 * only beyond `urlLimit`; one that is longer than `limit` gets a body of its own.
 *
 * @throws {RangeError} When `limit` is no positive integer.
 */
export function chunkText(text: string, options: ChunkOptions): Chunk[] {
  const { limit, partMarks = "auto", keepTogether = [], urlLimit = limit } = options;
  if (!Number.isInteger(limit) || limit < 1) {
    throw new RangeError(
      `Cannot cut a text as limit must be a positive integer: current value is ${limit}`,
    );
  }
  const end = text.trimEnd().length;
  if (end === 0) return [];
  if (end <= limit) return [{ body: text.slice(0, end), mark: "" }];
  const marked = partMarks === "auto" && limit >= MARKED_LIMIT_MIN;
  const digits = String(Math.ceil(end / limit) * 2).length;
  const markLength = partMark(10 ** digits - 1, 10 ** digits - 1).length;
  const urls = urlRanges(text.slice(0, end)).map((url) => withoutTail(text, url, urlLimit));
  const hasMarks = marked && !hasWordBetween(text, limit - markLength, limit) &&
    !urls.some((url) => lengthOf(url) > urlLimit - markLength && lengthOf(url) <= urlLimit);
  const room = hasMarks ? limit - markLength : limit;
  const whole = urls.filter((url) => lengthOf(url) > room && lengthOf(url) <= urlLimit);
  const pieces: string[] = [];
  let at = 0;
  for (const url of [...whole, { start: end, end }]) {
    // Punctuation that hangs on a URL would make a body of its own.
    const before = { start: at, end: url.start };
    if (/[^\s\p{P}]/u.test(text.slice(before.start, before.end))) {
      pieces.push(...layOut({ text, ...before, room, kept: keepTogether, urls }));
    }
    if (url.start < end) pieces.push(text.slice(url.start, url.end));
    at = url.end;
  }
  return pieces.map((piece, i) => {
    const mark = hasMarks && pieces.length > 1 ? partMark(i + 1, pieces.length) : "";
    return { body: mark + piece, mark };
  });
}

function lengthOf({ start, end }: TextRange): number {
  return end - start;
}

/** A URL without the punctuation that would make it too long: mostly the sentence's, not its own. */
function withoutTail(text: string, url: TextRange, urlLimit: number): TextRange {
  if (lengthOf(url) <= urlLimit) return url;
  const bare = text.slice(url.start, url.end).replace(/[.,;:!?)\]}'"»”’]{1,5}$/, "");
  return bare.length <= urlLimit ? { ...url, end: url.start + bare.length } : url;
}

function partMark(part: number, parts: number): string {
  return `(${part}/${parts}) `;
}

/** Whether a word such as a URL is longer than `room`, but not than `limit`. */
function hasWordBetween(text: string, room: number, limit: number): boolean {
  for (const [word] of text.matchAll(/\S+/g)) {
    if (word.length > room && word.length <= limit && !UNSPACED.test(word)) return true;
  }
  return false;
}

/** Tries with the least number of pieces, and with more when words or code blocks do not fit. */
function layOut(layout: Layout): string[] {
  const least = Math.ceil(lengthOf(layout) / layout.room);
  for (let parts = least; parts <= 2 * least + 2; parts += 1 + (parts >> 4)) {
    const pieces = layOutIn(layout, parts);
    if (pieces !== null) return pieces;
  }
  return layOutIn(layout, Infinity)!;
}

/** Lays out in at most `parts` pieces of equal target length; null when they do not suffice. */
function layOutIn(layout: Layout, parts: number): string[] | null {
  const { text, end, room } = layout;
  const pieces: string[] = [];
  let at = indentedStart(layout, skipSpace(text, layout.start));
  for (let left = parts; end - at > room; left--) {
    if (left <= 1) return null;
    const cut = chooseCut(layout, at, left);
    if (cut === null) return null;
    const piece = text.slice(at, cut).trimEnd();
    at = skipSpace(text, cut);
    if (piece === "") continue;
    pieces.push(piece);
    // Code that has to be cut keeps its indentation.
    if (isInside(layout.kept, at)) at = indentedStart(layout, at);
  }
  if (at < end) pieces.push(text.slice(at, end).trimEnd());
  return pieces;
}

/** Where the line of `at` starts, if there is nothing but a little white space in front of it. */
function indentedStart({ text, room }: Layout, at: number): number {
  let start = at;
  while (text[start - 1] === " " || text[start - 1] === "\t") start--;
  const isIndented = start === 0 || text[start - 1] === "\n";
  return isIndented && at - start <= room >> 1 ? start : at;
}

/** The best cut behind `at` when `left` pieces may still be made; null when none leaves enough. */
function chooseCut(layout: Layout, at: number, left: number): number | null {
  const { text, end, room } = layout;
  const rest = end - at;
  const target = left === Infinity ? room : Math.ceil(rest / left);
  // A cut through a piece's own indentation would leave nothing in front of it.
  const first = skipSpace(text, at) + 1;
  const least = left === Infinity ? first : Math.max(first, end - (left - 1) * room);
  // White space right behind a full body goes away with the cut.
  const most = skipSpace(text, at + room);
  if (least > most) return null;
  const near = {
    from: Math.max(least, at + (target >> 1)),
    to: Math.min(most, at + target + (target >> 1)),
  };
  const best = bestBreak(layout, near.from, near.to, at + target, BREAK.word) ??
    bestBreak(layout, first, most, at + target, BREAK.word) ??
    bestBreak(layout, first, most, at + target, BREAK.keptWord);
  if (best !== null) return best < least ? null : best;
  const cut = hardCut(layout, at, at + Math.min(target, room));
  return cut < least ? hardCut(layout, at, at + room) : cut;
}

/** Between two characters, and in front of a URL rather than inside it. */
function hardCut({ text, urls, room }: Layout, at: number, limit: number): number {
  const url = urls[firstEndingAfter(urls, limit)];
  if (url === undefined || url.start >= limit || lengthOf(url) > room) {
    return graphemeFloor(text, at, limit);
  }
  return url.start > at ? url.start : url.end;
}

/** The best break from `from` to `to`, of kind `least` or better; of equals the one nearest `target`. */
function bestBreak(
  layout: Layout,
  from: number,
  to: number,
  target: number,
  least: number,
): number | null {
  const { text, room, kept } = layout;
  let best: number | null = null;
  let kind = least;
  let range = firstEndingAfter(kept, from);
  for (let at = from; at <= to; at++) {
    while (range < kept.length && kept[range]!.end <= at) range++;
    const inside = kept[range];
    const isKept = inside !== undefined && inside.start < at && inside.end - inside.start <= room;
    const found = breakAt(text, at, isKept);
    if (found < kind) continue;
    const nearer = best === null || Math.abs(at - target) <= Math.abs(best - target);
    if (found > kind || nearer) best = at;
    kind = found;
  }
  return best;
}

/** Index of the first range that ends after `at`. */
function firstEndingAfter(ranges: readonly TextRange[], at: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]!.end <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isInside(ranges: readonly TextRange[], at: number): boolean {
  const range = ranges[firstEndingAfter(ranges, at)];
  return range !== undefined && range.start < at;
}
