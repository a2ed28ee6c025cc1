/**
 * The chapters of README in the terminal: `sms-bridge help TOPIC`. They are in `chapters.json`, which
 * `deno task docs` makes from README.
 *
 * @module
 */
import CHAPTERS from "./chapters.json" with { type: "json" };
import { parseBlocks } from "../text/markdown/blocks.ts";
import type { Block, ListItem } from "../text/markdown/block_tree.ts";
import { hanging, textColumns } from "./terminal/facts.ts";
import { type Paint, renderTable } from "./terminal/output.ts";
import { displayWidth, wrapText } from "./terminal/width.ts";

/** A chapter: what help calls it, its title, and its text in Markdown. */
export interface Chapter {
  readonly topic: string;
  readonly title: string;
  readonly text: string;
}

interface Style {
  readonly paint: Paint;
  readonly columns: number;
}

/** Every chapter, in README's order. */
export const chapters: readonly Chapter[] = CHAPTERS.map(({ topic, title, lines }) => ({
  topic,
  title,
  text: lines.join("\n"),
}));

/** The chapter of a topic that is there. */
export function chapterOf(topic: string): Chapter {
  return chapters.find((chapter) => chapter.topic === topic)!;
}

/** Text without what only a page needs: emphasis, and links that lead elsewhere in it. */
function plainInline(text: string): string {
  return text.replace(/\[([^\]]+)\]\((https?:[^)]+)\)/g, "$1 ($2)")
    .replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replace(/\*\*([^*]+)\*\*/g, "$1")
    .replace(/(?<![\w*`])\*([^*`\n]+)\*(?![\w*])/g, "$1");
}

function itemLines({ number, children }: ListItem, style: Style): string[] {
  const lead = number === null ? "- " : `${number}. `;
  const blanks = " ".repeat(lead.length);
  const columns = style.columns - lead.length;
  return blockLines(children, { ...style, columns })
    .map((line, i) => line === "" ? "" : `${i === 0 ? lead : blanks}${line}`);
}

/** A table as one where the terminal is wide enough, else each row by itself, its first cell above. */
function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, columns }: Style,
) {
  const cells = rows.map((row) => row.map(plainInline));
  const titles = head.map((title) => ({ title: plainInline(title) }));
  const drawn = renderTable(titles, cells, { paint }).trimEnd().split("\n");
  if (drawn.every((line) => displayWidth(line) <= columns)) return drawn;
  return cells.flatMap(([first = "", ...rest], at) => [
    ...(at === 0 ? [] : [""]),
    ...hanging("", first, columns).map(paint.bold),
    ...rest.flatMap((cell, i) => {
      if (cell === "") return [];
      const said = head.length === 2 ? cell : `${titles[i + 1]?.title ?? ""}: ${cell}`;
      return hanging("  ", said, columns);
    }),
  ]);
}

/** Code as it is, but for remarks behind commands: where one of them does not fit, all stand above. */
function codeLines(lines: readonly string[], columns: number): readonly string[] {
  const read = lines.map((line) => line.match(/^(\S.*?) {2,}# (.+)$/));
  const fits = lines.every((line, i) => read[i] === null || displayWidth(line) <= columns);
  if (fits) return lines;
  return lines.flatMap((line, i) => {
    const [, code = "", remark = ""] = read[i] ?? [];
    return read[i] == null
      ? [line]
      : [...wrapText(remark, columns - 2).map((one) => `# ${one}`), code];
  });
}

function linesOf(block: Block, style: Style): string[] {
  switch (block.kind) {
    case "heading":
      return [style.paint.bold(plainInline(block.text))];
    case "code":
      return codeLines(block.text.trimEnd().split("\n"), style.columns - 4)
        .map((line) => line === "" ? "" : `    ${line}`);
    case "table":
      return tableLines(block.head, block.rows, style);
    case "list":
      return block.items.flatMap((item) => itemLines(item, style));
    case "paragraph":
      return hanging("", plainInline(block.text), style.columns);
    case "quote":
    case "footnote":
      return blockLines(block.children, style);
    case "html-code":
    case "rule":
      return [];
  }
}

function blockLines(blocks: readonly Block[], style: Style): string[] {
  return blocks.map((block) => linesOf(block, style)).filter((lines) => lines.length > 0)
    .flatMap((lines, at) => at === 0 ? lines : ["", ...lines]);
}

/** A chapter as lines for a terminal of so many columns. */
export function renderChapter({ title, text }: Chapter, paint: Paint, columns: number): string {
  const lines = blockLines(parseBlocks(text).children, { paint, columns: textColumns(columns) });
  return [paint.bold(title), "", ...lines].map((line) => `${line}\n`).join("");
}
