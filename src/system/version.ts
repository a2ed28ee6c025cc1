/**
 * Which program this is.
 *
 * @module
 */

/** The release; the same as `version` in `deno.json`. */
export const VERSION = "0.9.0";
