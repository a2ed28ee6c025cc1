/**
 * Leaf blocks while their lines come in.
 *
 * @module
 */
import type { Block, LeafBlock } from "./block_tree.ts";
import {
  atxHeading,
  closesFence,
  type Fence,
  type HtmlBlockStart,
  htmlBlockStart,
  isThematicBreak,
  LONE_TAG_BLOCK,
  mathEnd,
  openingFence,
} from "./block_starts.ts";
import { type Definitions, takeDefinitions } from "./definitions.ts";
import { isLoneTag } from "./html.ts";
import { splitRow } from "./tables.ts";

/** A leaf block that is open. */
export type Leaf =
  | { readonly kind: "paragraph"; readonly lines: string[] }
  | { readonly kind: "indented"; readonly lines: string[] }
  | { readonly kind: "fenced"; readonly lines: string[]; fence: Fence; indent: number }
  | { readonly kind: "math"; readonly lines: string[]; readonly end: string }
  | { readonly kind: "html"; readonly lines: string[]; readonly block: HtmlBlockStart }
  | { readonly kind: "table"; readonly head: string[]; readonly rows: string[][] };

/** Blocks that one line makes, or a leaf that it opens. */
export interface LeafStart {
  readonly blocks: readonly LeafBlock[];
  readonly leaf: Leaf | null;
}

/**
 * What `text`, the line from its first character on, starts: `raw` has the white space in front,
 * `indent` columns wide. Null when it is the text of a paragraph.
 */
export function leafStart(
  text: string,
  raw: string,
  indent: number,
  inParagraph: boolean,
): LeafStart | null {
  const heading = atxHeading(text);
  if (heading !== null) return { blocks: [{ kind: "heading", text: heading }], leaf: null };
  if (isThematicBreak(text)) return { blocks: [{ kind: "rule" }], leaf: null };
  const fence = openingFence(text);
  if (fence !== null) {
    return { blocks: [], leaf: { kind: "fenced", lines: [], fence, indent } };
  }
  const end = mathEnd(text);
  if (end !== null) return { blocks: [], leaf: { kind: "math", lines: [], end } };
  return htmlStart(text, raw, inParagraph);
}

function htmlStart(text: string, raw: string, inParagraph: boolean): LeafStart | null {
  const block = htmlBlockStart(text) ??
    (!inParagraph && isLoneTag(text) ? LONE_TAG_BLOCK : null);
  if (block === null) return null;
  if (block.end?.test(text)) return { blocks: htmlBlocks(block, raw), leaf: null };
  return { blocks: [], leaf: { kind: "html", lines: [raw], block } };
}

/** What became of a line that was offered to an open leaf. */
export type Taken = "taken" | "closed" | "refused";

/**
 * Offers a line to a leaf that reads its lines as they are. `indent` are the columns of white space
 * in front, `text` is the line behind them, `raw` the line with them.
 */
export function takeLine(leaf: Leaf, raw: string, text: string, indent: number): Taken {
  switch (leaf.kind) {
    case "fenced":
      if (indent <= 3 && closesFence(text, leaf.fence)) return "closed";
      leaf.lines.push(withoutIndent(raw, leaf.indent));
      return "taken";
    case "math":
      if (text === "") return "refused";
      if (text.trimEnd() === leaf.end) return "closed";
      leaf.lines.push(raw);
      return "taken";
    case "html":
      if (leaf.block.end === null) {
        if (text === "") return "refused";
        leaf.lines.push(raw);
        return "taken";
      }
      leaf.lines.push(raw);
      return leaf.block.end.test(raw) ? "closed" : "taken";
    default:
      return "refused";
  }
}

/** Up to `columns` spaces less in front. */
function withoutIndent(line: string, columns: number): string {
  let at = 0;
  while (at < columns && line[at] === " ") at++;
  return line.slice(at);
}

/** Adds what a finished leaf has become to `children`. */
export function closeLeaf(leaf: Leaf, children: Block[], definitions: Definitions): void {
  if (leaf.kind === "table") {
    children.push({ kind: "table", head: leaf.head, rows: leaf.rows });
    return;
  }
  const text = leaf.lines.join("\n");
  if (leaf.kind === "paragraph") {
    const rest = text.startsWith("[") ? takeDefinitions(text, definitions) : text;
    if (rest.trim() !== "") children.push({ kind: "paragraph", text: rest });
  } else if (leaf.kind === "html") children.push(...htmlBlocks(leaf.block, text));
  else children.push({ kind: "code", text: text.replace(/^(?:[ \t]*\n)+/, "").trimEnd() });
}

/** What comes behind the end of an HTML block on its last line is text again. */
function htmlBlocks(block: HtmlBlockStart, text: string): LeafBlock[] {
  const end = block.end?.exec(text) ?? null;
  const inner = end === null ? text : text.slice(0, end.index);
  const behind = end === null ? "" : text.slice(end.index + end[0].length).trim();
  const blocks: LeafBlock[] = [];
  if (block.use === "code") blocks.push({ kind: "html-code", text: inner });
  // A comment or a thought that never ends would take the rest of the reply with it.
  else if (block.use === "text" || end === null) blocks.push({ kind: "paragraph", text: inner });
  if (behind !== "") blocks.push({ kind: "paragraph", text: behind });
  return blocks;
}

/** A row of a table; cells beyond its columns are kept. */
export function addRow(leaf: Leaf & { kind: "table" }, line: string): void {
  leaf.rows.push(splitRow(line));
}
