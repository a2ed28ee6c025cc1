/**
 * What a reply would become, and cost.
 *
 * @module
 */
import { gsm7Septets } from "./gsm7.ts";
import type { RenderedChunk, RenderOptions } from "./render.ts";
import { renderWithin } from "./render_within.ts";
import type { Encoding } from "./segments.ts";

/** How {@linkcode previewReply} renders. */
export interface PreviewOptions extends RenderOptions {
  /** Price of one segment, in any currency. */
  readonly pricePerSegment?: number;
  /** Segments of one reply at most; 0, as when not given, for no limit. */
  readonly segmentsPerReplyMax?: number;
}

/** A character that puts a message into UCS-2. */
export interface CostlyCharacter {
  /** The character itself. */
  readonly character: string;
  /** Such as `U+2019`. */
  readonly codePoint: string;
  /** How often the message has it. */
  readonly count: number;
}

/** A message of the reply. */
export interface PreviewChunk extends RenderedChunk {
  /** UTF-16 units, as the limit counts them. */
  readonly characters: number;
  /** What forces UCS-2, in order of appearance; empty in GSM-7. */
  readonly costly: readonly CostlyCharacter[];
}

/** What a reply would become. */
export interface Preview {
  /** The messages, in order. */
  readonly chunks: readonly PreviewChunk[];
  /** Whether the reply is longer than allowed. */
  readonly truncated: boolean;
  /** The dearest encoding among the messages. */
  readonly encoding: Encoding;
  /** Billed messages in all. */
  readonly segments: number;
  /** UTF-16 units in all. */
  readonly characters: number;
  /** Segments times price, rounded to five decimals; null without a price. */
  readonly cost: number | null;
}

/**
 * Renders a reply and tells what each message costs, and why.
 *
 * @throws {RangeError} when a limit is out of its range, or the price is not a number from 0 on.
 */
export function previewReply(markdown: string, options: PreviewOptions = {}): Preview {
  const { pricePerSegment, segmentsPerReplyMax = 0, ...renderOptions } = options;
  if (pricePerSegment !== undefined && !(pricePerSegment >= 0 && pricePerSegment < Infinity)) {
    throw new RangeError(
      "Cannot preview a reply as pricePerSegment must be a number from 0 on: " +
        `current value is ${pricePerSegment}`,
    );
  }
  const rendered = renderWithin(segmentsPerReplyMax, markdown, renderOptions);
  const chunks = rendered.chunks.map((chunk) => ({
    ...chunk,
    characters: chunk.body.length,
    costly: costlyCharacters(chunk.body),
  }));
  const segments = sum(chunks.map((chunk) => chunk.segments));
  return {
    chunks,
    truncated: rendered.truncated,
    encoding: chunks.some((chunk) => chunk.encoding === "UCS-2") ? "UCS-2" : "GSM-7",
    segments,
    characters: sum(chunks.map((chunk) => chunk.characters)),
    cost: pricePerSegment === undefined ? null : Math.round(segments * pricePerSegment * 1e5) / 1e5,
  };
}

/** The characters of `text` that are not in GSM-7, each once. */
export function costlyCharacters(text: string): CostlyCharacter[] {
  const counts = new Map<string, number>();
  for (const character of text) {
    if (character.length === 1 && gsm7Septets(character.charCodeAt(0)) > 0) continue;
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return [...counts].map(([character, count]) => {
    const hex = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return { character, codePoint: `U+${hex}`, count };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
