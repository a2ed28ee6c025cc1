/**
 * How many columns of a terminal a text takes.
 *
 * @module
 */

// deno-lint-ignore no-control-regex
const COLOUR = /\x1b\[[\d;]*m/g;
const ASCII = /^[\x20-\x7e]*$/;
/** East Asian Wide and Fullwidth by block (Unicode 16, EastAsianWidth.txt), without single exceptions. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /^(\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2})/u;
const INVISIBLE = /^[\p{Mark}\p{Cc}\p{Cf}]+$/u;

let segmenter: Intl.Segmenter | undefined;

/** What a reader sees as characters. Making the segmenter takes longer than all else that `version` does. */
function graphemes(text: string): Iterable<Intl.SegmentData> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
}

function graphemeWidth(grapheme: string): 0 | 1 | 2 {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) || EMOJI.test(grapheme) ? 2 : 1;
}

/** Columns that a text takes; colours take none, ideographs and emoji two. */
export function displayWidth(text: string): number {
  const plain = text.replace(COLOUR, "");
  if (ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes(plain)) width += graphemeWidth(segment);
  return width;
}

/** The text, or what fits of it into `columns` with `…` at the end. Colours are lost when it is cut. */
export function fitWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const { segment } of graphemes(text.replace(COLOUR, ""))) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** A text in lines of at most `columns`, broken at blanks; a longer word stays whole. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    const fits = last !== undefined && displayWidth(last) + 1 + displayWidth(word) <= columns;
    if (fits) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
