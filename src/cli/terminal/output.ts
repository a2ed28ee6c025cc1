/**
 * How results look: colours, tables, JSON.
 *
 * @module
 */
import type { Context } from "./context.ts";
import { displayWidth, fitWidth } from "./width.ts";

const SGR = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
/** Functions that colour a text, or leave it as it is. */
export type Paint = Readonly<Record<keyof typeof SGR, (text: string) => string>>;

/** Colours, or functions that do nothing when there are to be none. */
export function paint(colour: boolean): Paint {
  const entries = Object.entries(SGR).map(([name, code]) => [
    name,
    (text: string) => colour && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text,
  ]);
  return Object.fromEntries(entries);
}

/** JSON in which nothing can steer a terminal: what JSON itself lets stand is escaped too. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Prints the one object that `--json` promises. */
export function printJson(context: Context, value: unknown): void {
  context.stdout(`${jsonText(value, context.terminal.stdout ? 2 : undefined)}\n`);
}

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers are easier to compare when they end below each other. */
  readonly align?: "left" | "right";
  /** Cells wider than this are cut with `…`. */
  readonly widthMax?: number;
}

/** How a table is drawn. */
export interface TableOptions {
  /** Colours of the titles; none when left out. */
  readonly paint?: Paint;
  /** Spaces before each line. */
  readonly indent?: number;
}

/**
 * Rows below their titles, each column as wide as its widest cell. Cells may be coloured. Lines end
 * with a line break and have no blanks before it.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const { paint: { bold } = paint(false), indent = 0 } = options;
  const cells = rows.map((row) =>
    columns.map(({ widthMax = Infinity }, i) => fitWidth(row[i] ?? "", widthMax))
  );
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, i) =>
    Math.max(...[titles, ...cells].map((row) => displayWidth(row[i]!)))
  );
  const line = (row: readonly string[]) => {
    const padded = row.map((cell, i) => {
      const blanks = " ".repeat(widths[i]! - displayWidth(cell));
      return columns[i]!.align === "right" ? blanks + cell : cell + blanks;
    });
    return `${" ".repeat(indent)}${padded.join("  ")}`.trimEnd() + "\n";
  };
  return [line(titles.map(bold)), ...cells.map(line)].join("");
}
