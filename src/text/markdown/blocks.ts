/**
 * Block structure (CommonMark 0.31.2 with GFM tables and footnotes), line by line: a line is first
 * matched against the open containers, then new blocks may start, and what is left goes to the open
 * leaf.
 *
 * @module
 */
import {
  footnoteStart,
  isSetextUnderline,
  isThematicBreak,
  listMarker,
  type Marker,
} from "./block_starts.ts";
import type { Block, Document } from "./block_tree.ts";
import { type Definitions, takeDefinitions } from "./definitions.ts";
import { addRow, closeLeaf, type Leaf, leafStart, takeLine } from "./leaves.ts";
import {
  type Ahead,
  type Cursor,
  lookAhead,
  restOf,
  skipChars,
  skipColumns,
  skipIndent,
  startOf,
} from "./lines.ts";
import { normalizeLabel } from "./scan.ts";
import { splitRow, startsTable } from "./tables.ts";

/** Containers open at once: more are no text that someone wrote, and would make parsing slow. */
const DEPTH_MAX = 64;
/** Code is indented by this many columns, and so are the further lines of a footnote. */
const CODE_INDENT = 4;

interface Container {
  readonly kind: "document" | "quote" | "item" | "footnote";
  readonly children: Block[];
  /** Columns of indentation that its further lines need. */
  readonly indent: number;
}

interface Parser {
  /** Open containers, the document first. */
  readonly containers: Container[];
  readonly definitions: Definitions;
  readonly footnotes: Set<string>;
  /** The open leaf of the innermost container. */
  leaf: Leaf | null;
}

/** Parses the blocks of a clean text (see `cleanText`), in linear time. */
export function parseBlocks(markdown: string): Document {
  const root: Container = { kind: "document", children: [], indent: 0 };
  const parser: Parser = {
    containers: [root],
    definitions: new Map(),
    footnotes: new Set(),
    leaf: null,
  };
  for (const line of markdown.split("\n")) parseLine(parser, startOf(line));
  finishLeaf(parser);
  const { definitions, footnotes } = parser;
  return { children: root.children, definitions, footnotes };
}

function parseLine(parser: Parser, cursor: Cursor): void {
  let matched = 1;
  while (matched < parser.containers.length && continues(parser, matched, cursor)) matched++;
  const isWhole = matched === parser.containers.length;
  if (isWhole && offerLine(parser, cursor)) return;
  // Only a paragraph may go on in a line that leaves its containers (CommonMark, "laziness").
  if (!isWhole && parser.leaf?.kind !== "paragraph") closeContainers(parser, matched);
  if (startContainers(parser, cursor, matched)) matched = parser.containers.length;
  const ahead = lookAhead(cursor);
  const isLazy = matched < parser.containers.length;
  if (isLazy && ahead.isBlank) closeContainers(parser, matched);
  else if (!startLeafBlock(parser, cursor, ahead, matched)) addText(parser, cursor, ahead);
}

/** Whether the container of this depth goes on in this line; moves over its marker or indentation. */
function continues(parser: Parser, depth: number, cursor: Cursor): boolean {
  const container = parser.containers[depth]!;
  const ahead = lookAhead(cursor);
  if (container.kind === "quote") return skipQuoteMarker(cursor, ahead);
  if (ahead.isBlank) {
    // An item may start with a blank line, but not with two.
    const isEmpty = container.children.length === 0 && parser.leaf === null;
    return !(isEmpty && depth === parser.containers.length - 1);
  }
  if (ahead.indent < container.indent) return false;
  skipColumns(cursor, container.indent);
  return true;
}

function skipQuoteMarker(cursor: Cursor, ahead: Ahead): boolean {
  if (ahead.indent >= CODE_INDENT || cursor.line[ahead.at] !== ">") return false;
  skipIndent(cursor);
  skipChars(cursor, 1);
  skipColumns(cursor, 1);
  return true;
}

/** Offers a line to an open leaf that reads lines as they are; whether it took it. */
function offerLine(parser: Parser, cursor: Cursor): boolean {
  const { leaf } = parser;
  if (leaf === null || leaf.kind === "paragraph" || leaf.kind === "table") return false;
  const ahead = lookAhead(cursor);
  if (leaf.kind === "indented") {
    if (ahead.indent < CODE_INDENT && !ahead.isBlank) {
      finishLeaf(parser);
      return false;
    }
    skipColumns(cursor, CODE_INDENT);
    leaf.lines.push(restOf(cursor));
    return true;
  }
  const taken = takeLine(leaf, restOf(cursor), cursor.line.slice(ahead.at), ahead.indent);
  if (taken !== "taken") finishLeaf(parser);
  return taken !== "refused";
}

/** Opens the quotes, items and footnotes that start in this line; whether there were any. */
function startContainers(parser: Parser, cursor: Cursor, matched: number): boolean {
  let hasStarted = false;
  for (;;) {
    const ahead = lookAhead(cursor);
    const inParagraph = !hasStarted && matched === parser.containers.length &&
      parser.leaf?.kind === "paragraph";
    const around = parser.containers[(hasStarted ? parser.containers.length : matched) - 1];
    const start = containerStart(cursor, ahead, inParagraph, around?.children.at(-1));
    if (start === null) return hasStarted;
    if ((hasStarted ? parser.containers.length : matched) < DEPTH_MAX) {
      if (!hasStarted) closeContainers(parser, matched);
      openContainer(parser, cursor, ahead, start);
      hasStarted = true;
    } else if (start.kind !== "quote" || !skipQuoteMarker(cursor, ahead)) return hasStarted;
  }
}

type ContainerStart =
  | { readonly kind: "quote" }
  | { readonly kind: "item"; readonly marker: Marker }
  | { readonly kind: "footnote"; readonly label: string; readonly length: number };

function containerStart(
  cursor: Cursor,
  ahead: Ahead,
  inParagraph: boolean,
  previous: Block | undefined,
): ContainerStart | null {
  if (ahead.isBlank || ahead.indent >= CODE_INDENT) return null;
  const char = cursor.line[ahead.at]!;
  if (char === ">") return { kind: "quote" };
  if (!/[-+*\d[]/.test(char)) return null;
  const text = cursor.line.slice(ahead.at);
  if (char === "[") {
    const found = footnoteStart(text);
    return found === null ? null : { kind: "footnote", ...found };
  }
  const marker = listMarker(text);
  if (marker === null || isThematicBreak(text)) return null;
  // `+ 5 %` is a rise, unless it goes on with a list.
  const goesOn = previous?.kind === "list" && previous.type === marker.type;
  if (!goesOn && /^\+[ \t]+\p{Sc}?\d/u.test(text)) return null;
  // In a paragraph, a number at the start of a line is mostly just a number.
  const isEmpty = text.length === marker.length || text.slice(marker.length).trim() === "";
  if (inParagraph && (isEmpty || (marker.number !== null && marker.number !== 1))) return null;
  return { kind: "item", marker };
}

function openContainer(
  parser: Parser,
  cursor: Cursor,
  ahead: Ahead,
  start: ContainerStart,
): void {
  finishLeaf(parser);
  const children: Block[] = [];
  const parent = parser.containers.at(-1)!.children;
  if (start.kind === "quote") {
    skipQuoteMarker(cursor, ahead);
    parent.push({ kind: "quote", children });
    parser.containers.push({ kind: "quote", children, indent: 0 });
  } else if (start.kind === "footnote") {
    skipIndent(cursor);
    skipChars(cursor, start.length);
    parser.footnotes.add(normalizeLabel(start.label));
    parent.push({ kind: "footnote", label: start.label, children });
    parser.containers.push({ kind: "footnote", children, indent: CODE_INDENT });
  } else {
    const indent = skipMarker(cursor, ahead, start.marker);
    addItem(parent, start.marker, children);
    parser.containers.push({ kind: "item", children, indent });
  }
}

/** Moves behind a list marker; the columns of indentation that the item's further lines need. */
function skipMarker(cursor: Cursor, ahead: Ahead, marker: Marker): number {
  skipIndent(cursor);
  skipChars(cursor, marker.length);
  const behind = lookAhead(cursor);
  // Five columns or more are one, and indented code.
  const padding = behind.isBlank || behind.indent > CODE_INDENT ? 1 : behind.indent;
  skipColumns(cursor, padding);
  return ahead.indent + marker.length + padding;
}

/** Adds an item to the list that ends `blocks`, or to a new one. */
function addItem(blocks: Block[], marker: Marker, children: Block[]): void {
  const item = { number: marker.number, children };
  const last = blocks.at(-1);
  if (last?.kind === "list" && last.type === marker.type) last.items.push(item);
  else blocks.push({ kind: "list", type: marker.type, items: [item] });
}

/** Opens, goes on with or ends a leaf other than a paragraph; false when the line is its text. */
function startLeafBlock(parser: Parser, cursor: Cursor, ahead: Ahead, matched: number): boolean {
  const isLazy = matched < parser.containers.length;
  const paragraph = parser.leaf?.kind === "paragraph" ? parser.leaf : null;
  if (ahead.isBlank) {
    finishLeaf(parser);
    return true;
  }
  if (ahead.indent >= CODE_INDENT) {
    if (parser.leaf !== null) return false;
    skipColumns(cursor, CODE_INDENT);
    parser.leaf = { kind: "indented", lines: [restOf(cursor)] };
    return true;
  }
  const raw = restOf(cursor);
  const text = cursor.line.slice(ahead.at);
  if (paragraph !== null && !isLazy && growParagraph(parser, paragraph, text)) return true;
  const start = leafStart(text, raw, ahead.indent, paragraph !== null && parser.leaf !== null);
  if (start === null) return false;
  closeContainers(parser, matched);
  finishLeaf(parser);
  const { children } = parser.containers.at(-1)!;
  children.push(...start.blocks);
  parser.leaf = start.leaf;
  return true;
}

/** A paragraph may turn out to be a heading, or to end in the head of a table. */
function growParagraph(
  parser: Parser,
  paragraph: Leaf & { kind: "paragraph" },
  text: string,
): boolean {
  const { children } = parser.containers.at(-1)!;
  if (isSetextUnderline(text)) {
    const rest = takeDefinitions(paragraph.lines.join("\n"), parser.definitions);
    parser.leaf = null;
    if (rest.trim() === "") return false;
    children.push({ kind: "heading", text: rest });
    return true;
  }
  const head = paragraph.lines.at(-1)!;
  if (!startsTable(head, text)) return false;
  paragraph.lines.pop();
  finishLeaf(parser);
  parser.leaf = { kind: "table", head: splitRow(head), rows: [] };
  return true;
}

/** Gives a line to the open paragraph or table, or to a new paragraph. */
function addText(parser: Parser, cursor: Cursor, ahead: Ahead): void {
  const text = cursor.line.slice(ahead.at);
  if (parser.leaf?.kind === "paragraph") parser.leaf.lines.push(text);
  else if (parser.leaf?.kind === "table") addRow(parser.leaf, text);
  else parser.leaf = { kind: "paragraph", lines: [text] };
}

function closeContainers(parser: Parser, depth: number): void {
  if (parser.containers.length === depth) return;
  finishLeaf(parser);
  parser.containers.length = depth;
}

function finishLeaf(parser: Parser): void {
  const { leaf } = parser;
  if (leaf === null) return;
  parser.leaf = null;
  closeLeaf(leaf, parser.containers.at(-1)!.children, parser.definitions);
}
