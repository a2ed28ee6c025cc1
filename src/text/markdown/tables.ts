/**
 * Rows of GFM tables.
 *
 * @module
 */

/** Columns a table may have; more are text. */
const COLUMNS_MAX = 256;

/** The cells of a row. A pipe behind a backslash does not part cells. */
export function splitRow(line: string): string[] {
  const text = line.trim();
  const cells: string[] = [];
  let start = text.startsWith("|") ? 1 : 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "|") {
      cells.push(cellText(text.slice(start, at)));
      start = at + 1;
    }
  }
  if (start < text.length) cells.push(cellText(text.slice(start)));
  return cells;
}

function cellText(written: string): string {
  return written.replaceAll("\\|", "|").trim();
}

/** The number of columns a delimiter row such as `| --- | :-: |` announces, or 0 when it is not such a row. */
export function delimiterColumns(line: string): number {
  if (!/^[|:-][|:\s-]*$/.test(line) || !line.includes("-")) return 0;
  const cells = splitRow(line);
  if (cells.length > COLUMNS_MAX) return 0;
  return cells.every((cell) => /^:?-+:?$/.test(cell)) ? cells.length : 0;
}

/** Whether `head` and the delimiter row `line` start a table. */
export function startsTable(head: string, line: string): boolean {
  if (!head.includes("|") && !line.includes("|")) return false;
  const columns = delimiterColumns(line);
  return columns > 0 && splitRow(head).length === columns;
}
