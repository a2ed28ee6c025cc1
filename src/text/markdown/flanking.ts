/**
 * Whether a run of `*`, `_` or `~` may open or close emphasis (CommonMark, section "Emphasis and
 * strong emphasis"), with what people and models write beyond the rules: emphasis beside Chinese,
 * Japanese and Korean text, arithmetic, paths and patterns.
 *
 * @module
 */

/** What a run may do. */
export interface Flanking {
  readonly canOpen: boolean;
  readonly canClose: boolean;
}

const NEITHER: Flanking = { canOpen: false, canClose: false };
const WHITE_SPACE = /^[\s\u00a0]?$/u;
const PUNCTUATION = /^[\p{P}\p{S}]$/u;
const CJK = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]$/u;

type CharClass = "space" | "punctuation" | "other";

function classOf(char: string): CharClass {
  if (/^[A-Za-z0-9]$/.test(char)) return "other";
  if (WHITE_SPACE.test(char)) return "space";
  return PUNCTUATION.test(char) ? "punctuation" : "other";
}

/** The character that ends before `at`, or nothing. */
export function charBefore(text: string, at: number): string {
  const unit = text.charCodeAt(at - 1);
  const isPair = unit >= 0xdc00 && unit < 0xe000 && at > 1;
  return at === 0 ? "" : text.slice(isPair ? at - 2 : at - 1, at);
}

/** The character that starts at `at`, or nothing. */
function charAfter(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** What the run from `start` to `end` in `text` may do. */
export function flankingOf(text: string, start: number, end: number): Flanking {
  const char = text[start]!;
  const before = charBefore(text, start);
  const after = charAfter(text, end);
  if (isLiteral(text, start, end, before, after)) return NEITHER;
  const classBefore = classOf(before);
  const classAfter = classOf(after);
  const isLeft = classAfter !== "space" &&
    (classAfter === "other" || classBefore !== "other" || CJK.test(before));
  const isRight = classBefore !== "space" &&
    (classBefore === "other" || classAfter !== "other" || CJK.test(after));
  if (char !== "_") {
    // A colon inside the bold and no space behind it: `**Note:**text`.
    const isLate = end - start >= 2 && /^[:;,.!?]$/.test(before) && classAfter === "other";
    return { canOpen: isLeft, canClose: isRight || isLate };
  }
  return {
    canOpen: isLeft && (!isRight || classBefore === "punctuation"),
    canClose: isRight && (!isLeft || classAfter === "punctuation"),
  };
}

/** Arithmetic (`2*3`, `x**2`), patterns (`src/**`, `*.ts`) and paths (`/_next/`) are no emphasis. */
function isLiteral(
  text: string,
  start: number,
  end: number,
  before: string,
  after: string,
): boolean {
  switch (text[start]) {
    case "*":
      return isArithmetic(text, start, end) || isPattern(text[end + 1] ?? "", before, after);
    case "_":
      return (before === "/" && classOf(after) === "other") ||
        (after === "/" && classOf(before) === "other") || isDunder(text, start, end);
    default:
      // `~/notes`, `about ~5`, `a~b`
      return end - start === 1 &&
        (after === "/" || (classOf(before) === "other" && classOf(after) === "other"));
  }
}

function isArithmetic(text: string, start: number, end: number): boolean {
  const before = text[start - 1] ?? "";
  const after = text[end] ?? "";
  if (/[\d)]/.test(before) && /[\d(]/.test(after)) return true;
  const isNumber = /\d/.test(before);
  const isVariable = /[A-Za-z]/.test(before) && !/[A-Za-z0-9]/.test(text[start - 2] ?? "");
  if (!isNumber && !isVariable) return false;
  return /\d/.test(after) || (/[A-Za-z]/.test(after) && !/[A-Za-z0-9]/.test(text[end + 1] ?? ""));
}

function isPattern(afterNext: string, before: string, after: string): boolean {
  if (after === "/") return /^[/\w]$/.test(before) || /^[*{\s]?$/.test(afterNext);
  return before === "/" && (/^[.*]$/.test(after) || classOf(after) !== "other");
}

const DUNDER =
  /^__(?:all|call|del|dict|doc|enter|eq|exit|file|hash|init|iter|len|main|name|new|next|post_init|proto|pycache|repr|slots|str|version)__/;
const DUNDER_CALL = /^__[A-Za-z]\w{0,40}__(?:\(|\.\w)/;
const DUNDER_CHARS_MAX = 48;

/** Whether the run is one side of a name such as `__init__`, or of `__name__.py` and `__name__()`. */
function isDunder(text: string, start: number, end: number): boolean {
  if (end - start !== 2) return false;
  const ahead = text.slice(start, start + DUNDER_CHARS_MAX);
  if (DUNDER.test(ahead) || DUNDER_CALL.test(ahead)) return true;
  const word = /__\w{1,40}$/.exec(text.slice(Math.max(0, start - DUNDER_CHARS_MAX), start));
  if (word === null) return false;
  const whole = text.slice(start - word[0].length, end + 2);
  return DUNDER.test(whole) || DUNDER_CALL.test(whole);
}
