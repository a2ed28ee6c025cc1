/**
 * Keeps a long text to a number of bodies.
 *
 * @module
 */
import { BREAK, breakAt } from "../breaks.ts";
import { type Chunk, type ChunkOptions, chunkText, urlRanges } from "./chunk.ts";
import { graphemeFloor } from "./graphemes.ts";

/** What ends a text that was cut short. */
export const TRUNCATION_NOTICE = "(The rest of this reply was too long for text messages.)";

/** Bodies, and whether text is missing from them. */
export interface BoundedChunks {
  /** At most as many as allowed. */
  readonly chunks: Chunk[];
  /** Whether the last body says that text is missing. */
  readonly truncated: boolean;
}

/**
 * Cuts `text` like {@linkcode chunkText}, into at most `chunksMax` bodies. What is beyond is left out
 * behind a sentence, if there is one not far, and the last body says so.
 */
export function chunkTextWithin(
  text: string,
  chunksMax: number,
  options: ChunkOptions,
): BoundedChunks {
  const capacity = chunksMax * options.limit;
  const urlLimit = Math.max(options.limit, options.urlLimit ?? 0);
  if (text.length <= chunksMax * urlLimit) {
    const chunks = chunkText(text, options);
    if (chunks.length <= chunksMax) return { chunks, truncated: false };
  }
  for (let length = capacity - TRUNCATION_NOTICE.length;; length = Math.floor(length * 0.96) - 1) {
    const kept = text.slice(0, outsideUrl(text, cutBefore(text, Math.max(0, length)))).trimEnd();
    const body = kept === "" ? TRUNCATION_NOTICE : `${kept}\n\n${TRUNCATION_NOTICE}`;
    const chunks = chunkText(body, options);
    if (chunks.length <= chunksMax || kept === "") {
      return { chunks: chunks.slice(0, chunksMax), truncated: true };
    }
  }
}

/** The last good break in the last third before `length`: a sentence or better, else a word. */
function cutBefore(text: string, length: number): number {
  if (length >= text.length) return text.length;
  let word = 0;
  for (let at = length; at > length - length / 3; at--) {
    const kind = breakAt(text, at, false);
    if (kind >= BREAK.sentence) return at;
    if (kind === BREAK.word && word === 0) word = at;
  }
  if (word > 0) return word;
  return length === 0 ? 0 : graphemeFloor(text, 0, length);
}

/** The place itself, or the start of the URL that it is inside of. */
function outsideUrl(text: string, at: number): number {
  return urlRanges(text).find(({ start, end }) => start < at && at < end)?.start ?? at;
}
