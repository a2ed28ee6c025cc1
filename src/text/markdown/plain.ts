/**
 * Markdown to the plain text people like to read in a text message: no markup, every word, links
 * with their URLs, lists and tables as short lines.
 *
 * @module
 */
import type { Block, ListItem } from "./block_tree.ts";
import { parseBlocks } from "./blocks.ts";
import type { TextRange } from "../breaks.ts";
import { cleanText } from "../clean.ts";
import type { Definitions } from "./definitions.ts";
import { closedTags, stripTags } from "./html.ts";
import { type InlineContext, renderInlines } from "./inlines.ts";
import { tableText } from "./table_text.ts";
import { createWriter, leaveGap, writeBlock, type Writer } from "./writer.ts";

/** A plain text. */
export interface PlainText {
  /** Without white space around it. */
  readonly text: string;
  /** What should stay in one message, in order: code, and each heading with the beginning of its text. */
  readonly keepTogether: readonly TextRange[];
}

/** The plain text of `markdown` (CommonMark and GFM). Never throws; time is linear. */
export function toPlainText(markdown: string): string {
  return renderPlain(markdown).text;
}

/** Like {@linkcode toPlainText}, and tells what should not be parted. */
export function renderPlain(markdown: string): PlainText {
  const clean = cleanText(markdown);
  const { children, definitions, footnotes } = parseBlocks(clean);
  const context: InlineContext = {
    definitions,
    closedTags: closedTags(clean),
    footnotes,
    used: new Set(),
  };
  const writer = createWriter();
  writeBlocks(writer, children, context);
  writeUnused(writer, definitions, context.used);
  const whole = writer.parts.join("");
  const start = whole.length - whole.trimStart().length;
  const text = whole.trim();
  const keepTogether = writer.kept.map((range) => ({
    start: Math.max(0, range.start - start),
    end: Math.min(text.length, range.end - start),
  }));
  return { text, keepTogether };
}

function writeBlocks(writer: Writer, blocks: readonly Block[], context: InlineContext): void {
  let previous: Block | null = null;
  for (const block of blocks) {
    if (previous !== null) leaveGap(writer, gapBetween(previous, block));
    writeOne(writer, block, context);
    previous = block;
  }
}

/** Bullets of several kinds are mostly one list, and a list hangs together with its item's text. */
function gapBetween(previous: Block, block: Block): number {
  const areLists = previous.kind === "list" && block.kind === "list";
  return areLists || (previous.kind === "footnote" && block.kind === "footnote") ? 1 : 2;
}

function writeOne(writer: Writer, block: Block, context: InlineContext): void {
  switch (block.kind) {
    case "paragraph":
    case "heading": {
      const kind = isHeading(block) ? "heading" : "text";
      return writeBlock(writer, renderInlines(block.text, context), kind);
    }
    case "code":
      return writeBlock(writer, block.text, "code");
    case "html-code":
      return writeBlock(writer, squeezed(stripTags(block.text)).trim(), "code");
    case "table":
      return writeBlock(writer, tableText(block, (cell) => renderInlines(cell, context)));
    case "quote":
      return writeBlocks(writer, alertBlocks(block.children), context);
    case "footnote":
      return writeFootnote(writer, block.label, block.children, context);
    case "list":
      return writeList(writer, block.items, block.type, context);
    case "rule":
  }
}

/** Models also write a line in bold for a heading. */
function isHeading({ kind, text }: { readonly kind: string; readonly text: string }): boolean {
  return kind === "heading" || /^(\*\*|__)(?=\S)[^\n*_]+\1:?$/.test(text.trim());
}

/** Preformatted HTML is seldom code: never more than two empty lines, none of white space alone. */
function squeezed(code: string): string {
  return code.replace(/^[ \t]+$/gm, "").replace(/\n{4,}/g, "\n\n\n");
}

/** GitHub's alerts: `[!WARNING]` becomes `WARNING:` in front of the text. */
function alertBlocks(children: readonly Block[]): readonly Block[] {
  const [first, ...rest] = children;
  if (first?.kind !== "paragraph") return children;
  const found = /^\[!(note|tip|important|warning|caution)\]\s*/i.exec(first.text);
  if (found === null) return children;
  const text = `${found[1]!.toUpperCase()}: ${first.text.slice(found[0].length)}`;
  return [{ kind: "paragraph", text }, ...rest];
}

function writeFootnote(
  writer: Writer,
  label: string,
  children: readonly Block[],
  context: InlineContext,
): void {
  const [first, ...rest] = children;
  if (first?.kind === "paragraph") {
    writeBlock(writer, `[${label}] ${renderInlines(first.text, context)}`);
  } else {
    writeBlock(writer, `[${label}]`);
    leaveGap(writer, 1);
    if (first !== undefined) writeOne(writer, first, context);
  }
  for (const block of rest) {
    leaveGap(writer, 1);
    writeOne(writer, block, context);
  }
}

function writeList(
  writer: Writer,
  items: readonly ListItem[],
  type: string,
  context: InlineContext,
): void {
  const isAiry = items.some((item) => item.children.filter(isParagraph).length > 1);
  const outer = writer.marker;
  let number = -1;
  for (const [i, item] of items.entries()) {
    if (item.number !== null) number = nextNumber(item.number, number);
    const text = item.number === null ? "- " : `${number}${type} `;
    writer.marker = i === 0 && outer !== null
      ? { text: nestedMarker(outer.text, text), depth: outer.depth }
      : { text, depth: writer.depth };
    writer.depth++;
    writeItem(writer, item, context);
    writer.depth--;
    leaveGap(writer, isAiry ? 2 : 1);
  }
}

/** The markers of an item that starts with another list: a bullet in front says nothing. */
function nestedMarker(outer: string, inner: string): string {
  return outer === "- " ? inner : outer + inner;
}

function isParagraph(block: Block): boolean {
  return block.kind === "paragraph";
}

/** Markdown allows every item to be numbered 1; an author's own rising numbers stay. */
function nextNumber(written: number, previous: number): number {
  return written > previous ? written : previous + 1;
}

function writeItem(writer: Writer, item: ListItem, context: InlineContext): void {
  const { marker } = writer;
  item.children.forEach((block, i) => {
    const isPart = i > 0 && isParagraph(block) && isParagraph(item.children[i - 1]!);
    if (i > 0) leaveGap(writer, isPart ? 2 : 1);
    writeOne(writer, block, context);
  });
  if (writer.marker === null || writer.marker !== marker) return;
  // An item of nothing but a number may be all that a reply says.
  const { text, depth } = marker!;
  writer.marker = { text: "", depth };
  if (item.number !== null) writeBlock(writer, text.trimEnd());
  writer.marker = null;
}

/** Definitions that nothing refers to are mostly a list of sources. */
function writeUnused(writer: Writer, definitions: Definitions, used: ReadonlySet<string>): void {
  leaveGap(writer, 2);
  for (const [key, { label, url }] of definitions) {
    if (used.has(key) || !/^(?:https?:\/\/|(?:mailto|sms|tel):|[\w-]+\.)/i.test(url)) continue;
    writeBlock(writer, /^\d+$/.test(label) ? `[${label}] ${url}` : `${label}: ${url}`);
    leaveGap(writer, 1);
  }
}
