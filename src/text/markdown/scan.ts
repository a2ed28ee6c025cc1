/**
 * Readers for the parts of links: labels, destinations, titles (CommonMark, sections "Links" and
 * "Link reference definitions"). Each returns the index behind what it read, or -1.
 *
 * @module
 */

/** CommonMark's limit on labels. */
export const LABEL_CHARS_MAX = 999;
/** Parentheses nested deeper in a destination are not read: cmark's limit. */
const PARENTHESES_MAX = 32;

const ESCAPABLE = /[!-/:-@[-`{-~]/;

/** Whether a backslash may escape `char`: ASCII punctuation. */
export function isEscapable(char: string | undefined): boolean {
  return char !== undefined && ESCAPABLE.test(char);
}

/** Moves over spaces and tabs. */
export function skipBlanks(text: string, at: number): number {
  while (text[at] === " " || text[at] === "\t") at++;
  return at;
}

/** Moves over white space with at most one line break. */
export function skipSpacesAndBreak(text: string, at: number): number {
  at = skipBlanks(text, at);
  return text[at] === "\n" ? skipBlanks(text, at + 1) : at;
}

/** Reads `[label]` at `at`. */
export function labelEnd(text: string, at: number): number {
  if (text[at] !== "[") return -1;
  const most = Math.min(text.length, at + LABEL_CHARS_MAX + 2);
  for (let i = at + 1; i < most; i++) {
    const char = text[i];
    if (char === "]") return i + 1;
    if (char === "[") return -1;
    if (char === "\\") i++;
  }
  return -1;
}

/** Reads a destination at `at`: `<...>`, or balanced without white space (possibly empty). */
export function destinationEnd(text: string, at: number): number {
  if (text[at] === "<") return angleEnd(text, at);
  let depth = 0;
  let i = at;
  for (; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x20 || unit === 0x7f) break;
    const char = text[i];
    if (char === "\\" && isEscapable(text[i + 1])) i++;
    else if (char === "(") {
      if (++depth > PARENTHESES_MAX) return -1;
    } else if (char === ")" && --depth < 0) break;
  }
  return depth > 0 ? -1 : i;
}

function angleEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i];
    if (char === ">") return i + 1;
    if (char === "<" || char === "\n") return -1;
    if (char === "\\") i++;
  }
  return -1;
}

/** Reads a title at `at`: in `"`, `'` or parentheses. */
export function titleEnd(text: string, at: number): number {
  const open = text[at];
  if (open !== '"' && open !== "'" && open !== "(") return -1;
  const close = open === "(" ? ")" : open;
  for (let i = at + 1; i < text.length; i++) {
    const char = text[i];
    if (char === close) return i + 1;
    if (char === "(" && open === "(") return -1;
    if (char === "\\") i++;
  }
  return -1;
}

/** A label as it is compared: white space runs are one space, case is folded. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase();
}
