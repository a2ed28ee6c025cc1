/**
 * From an agent's Markdown to the bodies of the messages that answer a text.
 *
 * @module
 */
import { isBlank } from "../../policy/blank.ts";
import type { PartMarks } from "./chunk.ts";
import { type PlainText, renderPlain } from "../markdown/plain.ts";
import { TEXT_CHUNK_LIMIT_MAX, TEXT_CHUNK_LIMIT_MIN } from "./chunk_limit.ts";
import { graphemeFloor } from "./graphemes.ts";
import { countSegments, type Encoding } from "./segments.ts";
import { smartEncode, type SmartEncoding } from "./smart_encoding.ts";
import { chunkTextWithin, TRUNCATION_NOTICE } from "./truncate.ts";

const CHUNKS_MAX = 10;
/** Of a reply that gives little text for its length. */
const READ_CHARS_MAX = 256 * 1024;

/** A text that still does not fit then is sent as it was written. */
const ATTEMPTS_MAX = 6;

/** The settings of replies. */
export interface RenderOptions {
  /** Longest body in UTF-16 units, 70 to 1600; default 1500. */
  readonly textChunkLimit?: number;
  /** Default `auto`. */
  readonly smartEncoding?: SmartEncoding;
  /** Default `auto`. */
  readonly partMarks?: PartMarks;
  /** Most bodies of a reply, 1 or more; default 10. */
  readonly maxChunksPerReply?: number;
  /** Whether a URL longer than `textChunkLimit` is sent whole, as long as Twilio takes it; default true. */
  readonly longUrls?: boolean;
}

/** A body as it is sent and billed. */
export interface RenderedChunk {
  /** What is sent, part mark included. */
  readonly body: string;
  /** Chosen for this body alone. */
  readonly encoding: Encoding;
  /** Billed messages. */
  readonly segments: number;
}

/** A reply ready to send. */
export interface Rendered {
  /** Empty when the reply has no text. */
  readonly chunks: RenderedChunk[];
  /** Whether the reply was longer than `maxChunksPerReply` allows, and says so in its last chunk. */
  readonly truncated: boolean;
}

/** All bodies of a reply are kept in one row of the store, of 64 KiB, beside the URLs of its files. */
const REPLY_BYTES_MAX = 36_000;
/** What a body needs beside its text. */
const BODY_BYTES = 80;

function keptBytes(body: string): number {
  return BODY_BYTES + (/[\u0100-\uffff]/.test(body) ? 2 * body.length : body.length);
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot render a reply as ${name} must be an integer from ${least} to ${most}: ` +
      `current value is ${value}`,
  );
}

/** What a reply says, before it is cut into bodies. */
export interface ReplyText extends PlainText {
  /** Whether it says that there was more. */
  readonly truncated: boolean;
}

/**
 * Reads as much of `markdown` as gives twice the text that `maxChunksPerReply` bodies hold; what is beyond is
 * never sent. Nor is more of it read than a quarter of a million characters: megabytes of what gives little
 * text, such as tags, would hold up other texts for seconds.
 *
 * @throws {RangeError} when the limit is out of its range.
 */
export function readReply(markdown: string, maxChunksPerReply = CHUNKS_MAX): ReplyText {
  checkRange("maxChunksPerReply", maxChunksPerReply, 1, Number.MAX_SAFE_INTEGER);
  if (isBlank(markdown)) return { text: "", keepTogether: [], truncated: false };
  const charsMax = maxChunksPerReply * TEXT_CHUNK_LIMIT_MAX;
  const first = Math.min(4 * charsMax, markdown.length);
  const most = Math.max(first, Math.min(READ_CHARS_MAX, markdown.length));
  for (let length = first;; length = Math.min(4 * length, most)) {
    const isWhole = length === markdown.length;
    const read = isWhole ? markdown : markdown.slice(0, graphemeFloor(markdown, 0, length));
    const { text, keepTogether } = renderPlain(read);
    if (isWhole || text.length > 2 * charsMax) return { text, keepTogether, truncated: false };
    if (length < most) continue;
    const parts = [isBlank(text) ? "" : text, TRUNCATION_NOTICE].filter((part) => part !== "");
    return { text: parts.join("\n\n"), keepTogether, truncated: true };
  }
}

/**
 * Renders `markdown` as plain text and cuts it into bodies, each in the cheapest encoding that
 * `smartEncoding` allows.
 *
 * @throws {RangeError} when a limit is out of its range.
 */
export function renderReply(markdown: string, options: RenderOptions = {}): Rendered {
  return layOut(readReply(markdown, options.maxChunksPerReply), options);
}

/**
 * Cuts what a reply says into bodies, as {@linkcode renderReply} does.
 *
 * @throws {RangeError} when a limit is out of its range.
 */
export function layOut(reply: ReplyText, options: RenderOptions = {}): Rendered {
  const {
    textChunkLimit = 1_500,
    smartEncoding = "auto",
    partMarks = "auto",
    maxChunksPerReply = CHUNKS_MAX,
    longUrls = true,
  } = options;
  checkRange("textChunkLimit", textChunkLimit, TEXT_CHUNK_LIMIT_MIN, TEXT_CHUNK_LIMIT_MAX);
  const { text, keepTogether } = reply;
  if (isBlank(text)) return { chunks: [], truncated: false };
  let limit = textChunkLimit;
  let most = maxChunksPerReply;
  for (let attempt = 1;; attempt++) {
    const { chunks, truncated } = chunkTextWithin(text, most, {
      limit,
      partMarks,
      keepTogether,
      urlLimit: longUrls ? TEXT_CHUNK_LIMIT_MAX : limit,
    });
    const encoded = chunks.map(({ body }) => smartEncode(body, smartEncoding));
    // Only a URL that is sent whole is longer than the limit as it is.
    const isOverfull = (body: string, i: number) =>
      body.length > Math.max(textChunkLimit, chunks[i]!.body.length);
    const overfull = encoded.findIndex(isOverfull);
    if (overfull >= 0 && attempt < ATTEMPTS_MAX) {
      // Replacements such as ... for an ellipsis are longer: leave room for them.
      const growth = encoded[overfull]!.length / chunks[overfull]!.body.length;
      const least = chunks[overfull]!.body.length - 1;
      limit = Math.max(1, Math.min(least, Math.floor(textChunkLimit / growth)));
      continue;
    }
    const bodies = encoded.map((body, i) => isOverfull(body, i) ? chunks[i]!.body : body);
    const bytes = bodies.reduce((sum, body) => sum + keptBytes(body), 0);
    if (bytes > REPLY_BYTES_MAX) {
      most = Math.max(
        1,
        Math.min(chunks.length - 1, Math.floor(chunks.length * REPLY_BYTES_MAX / bytes)),
      );
      continue;
    }
    return {
      chunks: bodies.filter((body) => !isBlank(body)).map(countBody),
      truncated: truncated || reply.truncated,
    };
  }
}

function countBody(body: string): RenderedChunk {
  const { encoding, segments } = countSegments(body);
  return { body, encoding, segments };
}
