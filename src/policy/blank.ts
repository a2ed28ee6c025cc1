/**
 * Blank texts: decided here and nowhere else, so that what one part takes for a text is one for all.
 *
 * @module
 */

/** White space, control characters, and whatever else Unicode gives no shape of its own. */
const BLANK = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether a text shows nothing: the Gateway refuses such a turn, and a phone such an SMS. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}
