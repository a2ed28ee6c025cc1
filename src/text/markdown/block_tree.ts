/**
 * The block structure of a Markdown text. Texts are not yet parsed for inlines.
 *
 * @module
 */
import type { Definitions } from "./definitions.ts";

/** A block with no blocks in it. */
export type LeafBlock =
  | { readonly kind: "paragraph"; readonly text: string }
  | { readonly kind: "heading"; readonly text: string }
  /** Shown as it is. */
  | { readonly kind: "code"; readonly text: string }
  /** HTML shown as it is but for its tags. */
  | { readonly kind: "html-code"; readonly text: string }
  | { readonly kind: "table"; readonly head: string[]; readonly rows: string[][] }
  | { readonly kind: "rule" };

/** An item of a list. */
export interface ListItem {
  /** The number of an ordered item. */
  readonly number: number | null;
  readonly children: Block[];
}

/** A block. */
export type Block =
  | LeafBlock
  | { readonly kind: "quote"; readonly children: Block[] }
  /** `type` is the bullet, or the delimiter behind the numbers. */
  | { readonly kind: "list"; readonly type: string; readonly items: ListItem[] }
  | { readonly kind: "footnote"; readonly label: string; readonly children: Block[] };

/** A parsed text. */
export interface Document {
  readonly children: Block[];
  readonly definitions: Definitions;
  /** Normalized labels of the footnotes that are defined. */
  readonly footnotes: Set<string>;
}
