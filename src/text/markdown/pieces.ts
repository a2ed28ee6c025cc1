/**
 * The pieces of a paragraph, and how they become its plain text.
 *
 * @module
 */
import type { Run } from "./delimiters.ts";
import { linkText } from "./links.ts";

/** A piece. What is between `open` and `close` is the label of a link or an image. */
export type Piece =
  | { readonly kind: "text"; readonly text: string }
  /** Text whose white space stays. */
  | { readonly kind: "verbatim"; readonly text: string }
  | { readonly kind: "run"; readonly run: Run }
  | { readonly kind: "open"; readonly text?: string }
  | { readonly kind: "close"; readonly url: string };

/**
 * Joins pieces. Of links and images within one another only the outermost shows its URL: a badge
 * leads where its link does.
 */
export function joinPieces(pieces: readonly Piece[]): string {
  let text = "";
  let label = "";
  let depth = 0;
  let isBehindSpace = true;
  for (const piece of pieces) {
    if (piece.kind === "close") {
      if (--depth > 0) continue;
      text += linkText(label, piece.url);
      label = "";
      isBehindSpace = false;
      continue;
    }
    if (piece.kind === "open") depth++;
    const added = pieceText(piece, isBehindSpace);
    if (added === "") continue;
    isBehindSpace = added.endsWith(" ") || added.endsWith("\n");
    if (depth > 0) label += added;
    else text += added;
  }
  return trimLines(text);
}

/** Of white space, one space is left. */
function pieceText(piece: Exclude<Piece, { kind: "close" }>, isBehindSpace: boolean): string {
  switch (piece.kind) {
    case "run":
      return piece.run.char.repeat(piece.run.left);
    case "open":
      return piece.text ?? "";
    case "verbatim":
      return piece.text;
    case "text": {
      const text = piece.text.replace(/[ \t]{2,}|\t/g, " ");
      return isBehindSpace && text.startsWith(" ") ? text.slice(1) : text;
    }
  }
}

/** Every line without white space at its ends, and no empty lines. */
function trimLines(text: string): string {
  if (!text.includes("\n")) return text.trim();
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").join("\n");
}
