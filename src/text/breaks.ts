/**
 * Where a plain text may be cut, and how good a place it is.
 *
 * @module
 */

/** A stretch of a text, from `start` up to, not including, `end` (UTF-16 units). */
export interface TextRange {
  /** Index of its first unit. */
  readonly start: number;
  /** Index behind its last unit. */
  readonly end: number;
}

/** Kinds of places to cut at, the higher the better. `0` is not a place to cut. */
export const BREAK = {
  none: 0,
  keptWord: 1,
  keptLine: 2,
  word: 3,
  sentence: 4,
  line: 5,
  paragraph: 6,
};

const SPACE = /\s/;
const CLOSERS = "\"')]”’»";
const STOPS = ".!?…";
const CJK_STOPS = "。！？";
const CJK_COMMAS = "，、；：";

function isSpace(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0x80) return unit === 0x20 || (unit >= 9 && unit <= 13);
  return unit === 0xa0 || (unit >= 0x1680 && SPACE.test(text[at]!));
}

/**
 * Whether `end` comes right after a sentence: a stop, behind a word of three or more characters, so
 * that "e.g.", "Dr." and list numbers do not count.
 */
function endsSentence(text: string, end: number): boolean {
  let at = end - 1;
  while (at >= 0 && CLOSERS.includes(text[at]!)) at--;
  const stop = text[at];
  if (stop === undefined || !STOPS.includes(stop)) return false;
  if (stop !== ".") return true;
  for (let i = at - 1; i >= at - 3; i--) {
    if (i < 0 || isSpace(text, i) || text[i] === ".") return false;
  }
  return true;
}

function plainBreak(text: string, at: number): number {
  const unit = text.charCodeAt(at - 1);
  if (unit > 0x20 && unit < 0x80) return BREAK.none;
  if (!isSpace(text, at - 1)) {
    const before = text[at - 1]!;
    if (CJK_STOPS.includes(before)) return BREAK.sentence;
    return CJK_COMMAS.includes(before) ? BREAK.word : BREAK.none;
  }
  if (isSpace(text, at)) return BREAK.none;
  let end = at - 1;
  let lines = 0;
  for (; end >= 0 && isSpace(text, end); end--) if (text[end] === "\n") lines++;
  if (lines > 0) return lines > 1 ? BREAK.paragraph : BREAK.line;
  return endsSentence(text, end + 1) ? BREAK.sentence : BREAK.word;
}

/** What kind of cut one before `text[at]` would be; worse inside a stretch that should stay whole. */
export function breakAt(text: string, at: number, isKept: boolean): number {
  const found = plainBreak(text, at);
  if (!isKept || found === BREAK.none) return found;
  return found >= BREAK.line ? BREAK.keptLine : BREAK.keptWord;
}

/** The next place from `at` on that is not white space. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text, at)) at++;
  return at;
}
