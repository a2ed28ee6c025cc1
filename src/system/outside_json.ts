/**
 * JSON from outside, judged by one look over it before it is read: a few megabytes of brackets would
 * hold everything else up, and become a hundred times their size in memory.
 *
 * @module
 */
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from "./limits.ts";

const [QUOTE, COMMA, BACKSLASH] = [0x22, 0x2c, 0x5c];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Where a string ends whose words begin at `from`; the search for a plain one is the system's, and fast. */
function endOfString(text: string, from: number): number {
  const quote = text.indexOf('"', from);
  if (quote < 0) return text.length;
  if (text.charCodeAt(quote - 1) !== BACKSLASH) return quote;
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) {
    at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  }
  return at;
}

/** Whether a text nests deeper, or has more values, than anything that we are sent in earnest. */
function isExcessive(text: string): boolean {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at + 1);
    else if (code === COMMA) values++;
    else if (code === BRACKET || code === BRACE) {
      values++;
      depth++;
    } else if (code === BRACKET_END || code === BRACE_END) depth--;
    else continue;
    if (depth > JSON_DEPTH_MAX || values > JSON_VALUES_MAX) return true;
  }
  return false;
}

/**
 * Reads JSON from outside.
 *
 * @throws {SyntaxError} When it is none.
 * @throws {RangeError} When it nests too deep or has too many values, whatever else it is.
 */
export function parseOutsideJson(text: string): unknown {
  if (isExcessive(text)) {
    throw new RangeError(
      `Cannot read JSON with more than ${JSON_DEPTH_MAX} levels or ${JSON_VALUES_MAX} values`,
    );
  }
  return JSON.parse(text);
}
