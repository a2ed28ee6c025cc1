/**
 * Keeps a reply to a number of billed segments.
 *
 * @module
 */
import { TEXT_CHUNK_LIMIT_MAX, TEXT_CHUNK_LIMIT_MIN } from "./chunk_limit.ts";
import { layOut, readReply, type Rendered, type RenderOptions } from "./render.ts";
import { SEGMENT_UNITS } from "./segments.ts";

function totalOf({ chunks }: Rendered): number {
  return chunks.reduce((sum, { segments }) => sum + segments, 0);
}

/** How many bodies from the first on cost no more than `segmentsMax`. */
function affordable({ chunks }: Rendered, segmentsMax: number): number {
  let spent = 0;
  return chunks.filter(({ segments }) => (spent += segments) <= segmentsMax).length;
}

/**
 * Renders like `renderReply`, in at most `segmentsMax` segments: what is beyond is left out, and
 * the last body says so.
 *
 * @param segmentsMax 0 for no limit.
 * @throws {RangeError} when a limit is out of its range.
 */
export function renderWithin(
  segmentsMax: number,
  markdown: string,
  options: RenderOptions = {},
): Rendered {
  const reply = readReply(markdown, options.maxChunksPerReply);
  const whole = layOut(reply, options);
  if (segmentsMax === 0 || totalOf(whole) <= segmentsMax) return whole;
  for (let count = affordable(whole, segmentsMax); count >= 1; count--) {
    const cut = layOut(reply, { ...options, maxChunksPerReply: count });
    if (totalOf(cut) <= segmentsMax) return cut;
  }
  let textChunkLimit = Math.min(
    Math.max(TEXT_CHUNK_LIMIT_MIN, segmentsMax * SEGMENT_UNITS["GSM-7"].multi),
    options.textChunkLimit ?? TEXT_CHUNK_LIMIT_MAX,
  );
  for (;;) {
    const cut = layOut(reply, {
      ...options,
      textChunkLimit,
      maxChunksPerReply: 1,
      longUrls: false,
    });
    // One body of the least limit is one segment in every alphabet.
    if (totalOf(cut) <= segmentsMax || textChunkLimit === TEXT_CHUNK_LIMIT_MIN) return cut;
    textChunkLimit = Math.max(TEXT_CHUNK_LIMIT_MIN, Math.floor(textChunkLimit * 0.9));
  }
}
