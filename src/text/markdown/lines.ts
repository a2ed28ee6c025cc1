/**
 * A place in a line of Markdown, counted in columns, since a tab reaches to the next multiple of
 * four (CommonMark, section "Tabs").
 *
 * @module
 */

/** A place in a line. Functions here move it. */
export interface Cursor {
  readonly line: string;
  /** Index of the next character. */
  at: number;
  /** Column of the next character. */
  column: number;
  /** Columns left of a tab that was used in part. */
  tabLeft: number;
}

/** What is ahead in a line. */
export interface Ahead {
  /** Columns of white space before the next other character. */
  readonly indent: number;
  /** Index of the next character that is not white space. */
  readonly at: number;
  readonly isBlank: boolean;
}

/** A cursor at the start of `line`. */
export function startOf(line: string): Cursor {
  return { line, at: 0, column: 0, tabLeft: 0 };
}

/** Looks past white space, moving nothing. */
export function lookAhead(cursor: Cursor): Ahead {
  const { line } = cursor;
  let at = cursor.at;
  let indent = 0;
  if (cursor.tabLeft > 0) {
    indent = cursor.tabLeft;
    at++;
  }
  for (; at < line.length; at++) {
    if (line[at] === " ") indent++;
    else if (line[at] === "\t") indent += 4 - (cursor.column + indent) % 4;
    else break;
  }
  return { indent, at, isBlank: at >= line.length };
}

/** Moves over at most `columns` columns of white space. */
export function skipColumns(cursor: Cursor, columns: number): void {
  while (columns > 0) {
    const char = cursor.line[cursor.at];
    if (char === "\t") {
      const width = cursor.tabLeft || 4 - cursor.column % 4;
      const used = Math.min(width, columns);
      cursor.column += used;
      columns -= used;
      cursor.tabLeft = width - used;
      if (cursor.tabLeft === 0) cursor.at++;
    } else if (char === " ") {
      cursor.at++;
      cursor.column++;
      columns--;
    } else return;
  }
}

/** Moves over white space. */
export function skipIndent(cursor: Cursor): void {
  const { indent, at } = lookAhead(cursor);
  cursor.column += indent;
  cursor.at = at;
  cursor.tabLeft = 0;
}

/** Moves over `count` characters that are not white space. */
export function skipChars(cursor: Cursor, count: number): void {
  cursor.at += count;
  cursor.column += count;
}

/** The rest of the line; a tab used in part becomes spaces. */
export function restOf(cursor: Cursor): string {
  if (cursor.tabLeft === 0) return cursor.line.slice(cursor.at);
  return " ".repeat(cursor.tabLeft) + cursor.line.slice(cursor.at + 1);
}
