/**
 * Where the webhook URL that Twilio has differs from ours.
 *
 * @module
 */

/** The first difference of two URLs. */
export interface UrlDifference {
  /** The place of the first character that differs, counted from 1. */
  readonly at: number;
  /** What stands there in each, a few characters; empty at the end. */
  readonly theirs: string;
  readonly ours: string;
}

const SHOWN_CHARS = 12;

/** Connection overrides are no part of the address. */
function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, "");
}

/** The first difference; null when both name the same address. Fragments are left out. */
export function urlDifference(theirUrl: string, ourUrl: string): UrlDifference | null {
  const [theirs, ours] = [withoutFragment(theirUrl), withoutFragment(ourUrl)];
  if (theirs === ours) return null;
  let at = 0;
  while (theirs[at] === ours[at]) at++;
  const shown = (text: string) => text.slice(at, at + SHOWN_CHARS);
  return { at: at + 1, theirs: shown(theirs), ours: shown(ours) };
}

/** The difference in words. */
export function describeDifference({ at, theirs, ours }: UrlDifference): string {
  const shown = (text: string) => text === "" ? "the end" : `"${text}"`;
  return `they differ at character ${at}: ${shown(theirs)} there, ${shown(ours)} here`;
}
