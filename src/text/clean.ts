/**
 * What may not travel in a text message: control characters, lone surrogates and bidirectional
 * overrides. Everything else passes, right-to-left marks and emoji joiners included.
 *
 * @module
 */

// C0 but tab and line feed, DEL, C1, bidirectional embeddings, overrides and isolates (UAX #9),
// byte order mark, and the non-characters U+FFFE and U+FFFF.
const UNWANTED =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** `text` with line breaks as `\n` and without what may not travel in a message. */
export function cleanText(text: string): string {
  const clean = text.replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n").replace(UNWANTED, "");
  return clean.isWellFormed() ? clean : clean.replace(LONE_SURROGATE, "");
}
