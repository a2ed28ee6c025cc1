/**
 * How the lines look that start a block (CommonMark 0.31.2, "Leaf blocks" and "Container blocks";
 * GFM footnotes). All take the line from its first character that is not white space.
 *
 * @module
 */

/** An opening code fence. */
export interface Fence {
  readonly char: string;
  readonly length: number;
}

/** A list marker. */
export interface Marker {
  /** `-`, `*`, `+`, or the delimiter of an ordered item, `.` or `)`. */
  readonly type: string;
  /** The number of an ordered item. */
  readonly number: number | null;
  /** Its length in characters. */
  readonly length: number;
}

/** The text of an ATX heading, or null. */
export function atxHeading(text: string): string | null {
  const found = /^#{1,6}(?:[ \t]+|$)/.exec(text);
  if (found === null) return null;
  let end = text.length;
  const trimmed = text.trimEnd().length;
  let hashes = trimmed;
  while (hashes > 0 && text[hashes - 1] === "#") hashes--;
  if (hashes < found[0].length) end = found[0].length;
  else if (hashes < trimmed && /[ \t]/.test(text[hashes - 1] ?? " ")) end = hashes;
  return text.slice(found[0].length, end).trim();
}

/** An opening fence, or null. The info string of a backtick fence has no backtick. */
export function openingFence(text: string): Fence | null {
  const found = /^(?:`{3,}(?!.*`)|~{3,})/.exec(text);
  return found === null ? null : { char: found[0][0]!, length: found[0].length };
}

/** Whether `text` closes `fence`. */
export function closesFence(text: string, fence: Fence): boolean {
  let length = 0;
  while (text[length] === fence.char) length++;
  return length >= fence.length && text.slice(length).trim() === "";
}

/** Whether `text` is a thematic break. */
export function isThematicBreak(text: string): boolean {
  const char = text[0];
  if (char !== "*" && char !== "-" && char !== "_") return false;
  let count = 0;
  for (const found of text) {
    if (found === char) count++;
    else if (found !== " " && found !== "\t") return false;
  }
  return count >= 3;
}

/** Whether `text` underlines a setext heading. */
export function isSetextUnderline(text: string): boolean {
  return /^(?:=+|-+)[ \t]*$/.test(text);
}

/** A list marker with white space or the end of the line behind it, or null. */
export function listMarker(text: string): Marker | null {
  const found = /^(?:([*+-])|(\d{1,9})([.)]))(?=[ \t]|$)/.exec(text);
  if (found === null) return null;
  const [whole, bullet, digits, delimiter] = found;
  return {
    type: bullet ?? delimiter!,
    number: digits === undefined ? null : Number(digits),
    length: whole.length,
  };
}

/** The label of a footnote definition and the length of its marker, or null. */
export function footnoteStart(text: string): { label: string; length: number } | null {
  const found = /^\[\^([^\s[\]]{1,200})\]:[ \t]*/.exec(text);
  return found === null ? null : { label: found[1]!, length: found[0].length };
}

/** The line that ends a block of mathematics that starts with `text`, or null. */
export function mathEnd(text: string): string | null {
  const trimmed = text.trimEnd();
  return trimmed === "$$" ? "$$" : trimmed === "\\[" ? "\\]" : null;
}

const BLOCK_TAGS = "address|article|aside|base|basefont|blockquote|body|caption|center|col|" +
  "colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|" +
  "h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|" +
  "option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul";

/** How an HTML block goes on, and what becomes of it. */
export interface HtmlBlockStart {
  /** What a line has that ends the block; null means a blank line ends it. */
  readonly end: RegExp | null;
  /** `code` is kept as it is but for tags, `text` is read as Markdown, `gone` is not shown. */
  readonly use: "code" | "text" | "gone";
  readonly canInterrupt: boolean;
}

const HTML_STARTS: readonly [start: RegExp, block: HtmlBlockStart][] = [
  [/^<(?:think|thinking|thought|reasoning|antthinking)>/i, {
    end: /<\/(?:think|thinking|thought|reasoning|antthinking)>/i,
    use: "gone",
    canInterrupt: true,
  }],
  [/^<(?:script|pre|style|textarea)(?:[\s>]|$)/i, {
    end: /<\/(?:script|pre|style|textarea)>/i,
    use: "code",
    canInterrupt: true,
  }],
  [/^<!--/, { end: /-->/, use: "gone", canInterrupt: true }],
  [/^<\?/, { end: /\?>/, use: "gone", canInterrupt: true }],
  [/^<!\[CDATA\[/, { end: /\]\]>/, use: "code", canInterrupt: true }],
  [/^<![A-Za-z]/, { end: />/, use: "gone", canInterrupt: true }],
  [new RegExp(`^</?(?:${BLOCK_TAGS})(?:\\s|/?>|$)`, "i"), {
    end: null,
    use: "text",
    canInterrupt: true,
  }],
];

/** A line that is one complete open or closing tag starts an HTML block, but within no paragraph. */
export const LONE_TAG_BLOCK: HtmlBlockStart = { end: null, use: "text", canInterrupt: false };

/** The HTML block of a known kind that `text` starts, or null. */
export function htmlBlockStart(text: string): HtmlBlockStart | null {
  if (text[0] !== "<") return null;
  for (const [start, block] of HTML_STARTS) if (start.test(text)) return block;
  return null;
}
