/**
 * Where a text may be cut without breaking what a reader sees as one character (UAX #29 extended
 * grapheme clusters), looked up in small windows, since segmenting a whole text is slow.
 *
 * @module
 */

// Made when it is first needed: that takes longer than loading all else here.
let segmenter: Intl.Segmenter | undefined;

function isPlain(unit: number): boolean {
  // Printable ASCII, Latin-1 letters, Greek and Cyrillic letters, CJK ideographs: never combine.
  return (unit >= 0x20 && unit < 0x7f) || (unit >= 0xc0 && unit < 0x250) ||
    (unit >= 0x391 && unit <= 0x481) || (unit >= 0x4e00 && unit <= 0x9fff);
}

/**
 * The last grapheme boundary at or before `limit`, at least `start + 1`. `start` must itself be a
 * boundary. A single grapheme longer than the room is cut between code points.
 */
export function graphemeFloor(text: string, start: number, limit: number): number {
  if (limit >= text.length) return text.length;
  if (isPlain(text.charCodeAt(limit - 1)) && isPlain(text.charCodeAt(limit))) return limit;
  const from = knownBoundary(text, start, limit);
  const window = text.slice(from, limit + 2);
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  const found = segmenter.segment(window).containing(limit - from)!.index + from;
  if (found > start) return found;
  return codePointFloor(text, start, limit);
}

/** The last boundary between code points at or before `limit`, and after `start`. */
function codePointFloor(text: string, start: number, limit: number): number {
  const unit = text.charCodeAt(limit);
  const before = text.charCodeAt(limit - 1);
  const splits = unit >= 0xdc00 && unit < 0xe000 && before >= 0xd800 && before < 0xdc00;
  if (!splits) return limit;
  return limit - 1 > start ? limit - 1 : limit + 1;
}

/** A boundary not far before `limit`: between two plain characters, or else `start`. */
function knownBoundary(text: string, start: number, limit: number): number {
  for (let at = limit - 1; at > start; at--) {
    if (isPlain(text.charCodeAt(at - 1)) && isPlain(text.charCodeAt(at))) return at;
  }
  return start;
}
