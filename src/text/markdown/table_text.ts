/**
 * Tables as lines that a phone shows well.
 *
 * @module
 */

/** A table: cells are Markdown. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * Two columns become a line a row, `name: value`, the head among them. More columns become a block a
 * row, in which every line says what it is. Empty cells are left out.
 */
export function tableText(table: Table, render: (cell: string) => string): string {
  const renderCell = (cell: string) => render(cell).replaceAll("\n", " ");
  const head = table.head.map(renderCell);
  const rows = table.rows.map((row) => row.map(renderCell));
  if (head.length <= 2 || rows.length === 0) {
    const separator = head.length <= 2 ? ": " : ", ";
    return [head, ...rows].map((row) => joinCells(row, separator))
      .filter((line) => line !== "").join("\n");
  }
  return rows.map((row) => rowBlock(head, row)).filter((block) => block !== "").join("\n\n");
}

/** Cells in one line; those beyond the second, which a row should not have, follow with commas. */
function joinCells(row: readonly string[], separator: string): string {
  const [name = "", ...values] = row;
  const rest = values.filter((cell) => cell !== "").join(", ");
  if (name === "" || rest === "") return name + rest;
  return name.endsWith(":") ? `${name} ${rest}` : name + separator + rest;
}

function rowBlock(head: readonly string[], row: readonly string[]): string {
  return row.map((cell, i) => {
    const name = head[i] ?? "";
    return cell === "" || name === "" ? cell : `${name.replace(/:$/, "")}: ${cell}`;
  }).filter((line) => line !== "").join("\n");
}
