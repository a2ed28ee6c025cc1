/**
 * Facts as lines: a label, then what is to be said of it, wrapped beside the label.
 *
 * @module
 */
import { displayWidth, wrapText } from "./width.ts";

/** A label and its text. */
export type Fact = readonly [label: string, text: string];

/** Lines wider than this are hard to read, however wide the terminal is. */
const COLUMNS_MAX = 100;

/** The width that text is wrapped to. */
export function textColumns(columns: number): number {
  return Math.max(40, Math.min(columns, COLUMNS_MAX));
}

/** Wraps a text behind `lead`, which may be coloured; further lines stand below its beginning. */
export function hanging(lead: string, text: string, columns: number): string[] {
  const blanks = " ".repeat(displayWidth(lead));
  const lines = wrapText(text, Math.max(20, columns - blanks.length));
  return lines.map((line, i) => `${i === 0 ? lead : blanks}${line}`.trimEnd());
}

/** Where less is left for the texts, each begins below its label. */
const TEXT_COLUMNS_MIN = 24;

/** The facts below each other, their texts in one column. */
export function factLines(facts: readonly Fact[], columns: number, indent = 0): string[] {
  const width = Math.max(...facts.map(([label]) => displayWidth(label)));
  return facts.flatMap(([label, text]) => {
    if (columns - indent - width - 2 < TEXT_COLUMNS_MIN) {
      const below = " ".repeat(indent + 4);
      return [`${" ".repeat(indent)}${label}`.trimEnd(), ...hanging(below, text, columns)];
    }
    const blanks = " ".repeat(width - displayWidth(label) + 2);
    return hanging(`${" ".repeat(indent)}${label}${blanks}`, text, columns);
  });
}
