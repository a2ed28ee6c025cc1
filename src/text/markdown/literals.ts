/**
 * Stretches of text in which no character is markup: bare URLs, Windows paths, mathematics.
 *
 * @module
 */
import { charBefore } from "./flanking.ts";

const STARTS = /https?:\/\/|ftp:\/\/|www\.|[A-Za-z]:\\/gi;
const WORD = /^[\p{L}\p{N}]$/u;

/** Indexes at which a bare URL or a Windows path may start, in order. */
export function literalStarts(text: string): number[] {
  const starts: number[] = [];
  if (!/:[/\\]|www\./i.test(text)) return starts;
  for (const found of text.matchAll(STARTS)) {
    if (!WORD.test(charBefore(text, found.index))) starts.push(found.index);
  }
  return starts;
}

/** Where the URL or path that starts at `at` ends (GFM, "Autolinks (extension)"). */
export function literalEnd(text: string, at: number, inBrackets: boolean): number {
  const stop = inBrackets ? /[\s<`"\]]|\*\*/g : /[\s<`"]|\*\*/g;
  stop.lastIndex = at;
  return trimEnd(text, at, stop.exec(text)?.index ?? text.length);
}

/** Punctuation at the end belongs to the sentence, a bracket that was not opened does too. */
function trimEnd(text: string, at: number, end: number): number {
  let unopened = 0;
  for (let i = at; i < end; i++) {
    if (text[i] === "(") unopened--;
    else if (text[i] === ")") unopened++;
  }
  for (; end > at; end--) {
    const last = text[end - 1]!;
    if (last === ")" && unopened > 0) unopened--;
    else if (!"?!.,:;*_~'\\".includes(last)) break;
  }
  return end;
}

/** A stretch of mathematics. */
export interface Mathematics {
  /** What is shown. */
  readonly text: string;
  readonly end: number;
}

/** Longest formula within a paragraph, in characters. */
const FORMULA_CHARS_MAX = 400;

/** The formula in `$...$` or `$$...$$` at `at`, or null when the sign is a dollar. */
export function dollarMath(text: string, at: number): Mathematics | null {
  if (text[at + 1] === "$") {
    const close = text.slice(at + 2, at + 2 + FORMULA_CHARS_MAX).indexOf("$$");
    if (close <= 0) return null;
    const end = at + 4 + close;
    return { text: text.slice(at + 2, end - 2).trim(), end };
  }
  const close = text.slice(at + 1, at + 1 + FORMULA_CHARS_MAX).indexOf("$");
  if (close <= 0) return null;
  const inner = text.slice(at + 1, at + 1 + close);
  const end = at + close + 2;
  const isTight = inner.trim() === inner && !WORD.test(charBefore(text, at)) &&
    !/^[A-Za-z0-9]$/.test(text[end] ?? "");
  if (!isTight || !(isFormula(inner) || /^[A-Za-z]$/.test(inner))) return null;
  return { text: text.slice(at, end), end };
}

/** The formula in `\(...\)` or `\[...\]` at `at`, or null when the backslash is an escape. */
export function bracketMath(text: string, at: number): Mathematics | null {
  const close = text[at + 1] === "(" ? "\\)" : "\\]";
  const length = text.slice(at + 2, at + 2 + FORMULA_CHARS_MAX).indexOf(close);
  if (length <= 0) return null;
  const inner = text.slice(at + 2, at + 2 + length);
  const end = at + length + 4;
  // An escaped link is not a formula.
  if (text[end] === "(" || !isFormula(inner)) return null;
  return { text: inner.trim(), end };
}

/** Whether a text has a TeX command, a power, an index, or an equation. */
function isFormula(text: string): boolean {
  return /\\[A-Za-z]|[\w)}]\s*[\^=<>]|[A-Za-z]_(?:[{\\]|[A-Za-z\d](?![A-Za-z]))/.test(text);
}
