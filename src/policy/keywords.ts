/**
 * The opt-out, opt-in and help keywords, which Twilio answers itself.
 *
 * Words and rules: Twilio, "Support for opt-out keywords" and "Advanced Opt-Out" (`OptOutType`).
 *
 * @module
 */

/** What a keyword asks for. */
export type Keyword = "stop" | "start" | "help";

/** Words of an owner's own, in lower case. */
export interface OwnWords {
  readonly stop: readonly string[];
  readonly start: readonly string[];
}

/** What is known besides the text. */
export interface KeywordContext {
  /** The request's `OptOutType`: Twilio has decided already, also for words of the user's own. */
  readonly optOutType?: string | undefined;
  /** Whether the sender is opted out: only then is `YES` a keyword. */
  readonly optedOut?: boolean | undefined;
  /** Words that opt out when Twilio does not say; `twilio` and `minimal` stand for lists. */
  readonly optOutKeywords?: readonly string[] | undefined;
  /** Further words, where Twilio's own verdict is lost. */
  readonly ownWords?: OwnWords | undefined;
}

const KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ...["START", "UNSTOP"].map((word) => [word, "start"] as const),
  ...["HELP", "INFO"].map((word) => [word, "help"] as const),
]);
const STOP_WORDS = [
  "stop",
  "stopall",
  "unsubscribe",
  "cancel",
  "end",
  "quit",
  "revoke",
  "optout",
];
const TYPES: ReadonlyMap<string, Keyword> = new Map([
  ["STOP", "stop"],
  ["START", "start"],
  ["HELP", "help"],
]);
/** ASCII letters only: `"ſtop".toUpperCase()` would be `STOP`. */
const WORD = /^[a-z]{3,11}$/i;

/**
 * Tells a keyword from a text for the agent. A keyword is the whole text, in any case, with nothing
 * around it but white space; it is neither answered nor given to the agent.
 */
export function classifyKeyword(text: string, context: KeywordContext = {}): Keyword | null {
  const type = TYPES.get(context.optOutType?.trim().toUpperCase() ?? "");
  if (type !== undefined) return type;
  const word = text.trim();
  const lower = word.toLowerCase();
  if (context.ownWords?.start.includes(lower)) return "start";
  if (context.ownWords?.stop.includes(lower)) return "stop";
  if (optsOut(lower, context.optOutKeywords ?? ["twilio"])) return "stop";
  if (!WORD.test(word)) return null;
  const upper = word.toUpperCase();
  if (upper === "YES") return context.optedOut ? "start" : null;
  return KEYWORDS.get(upper) ?? null;
}

/** STOP always does: Twilio lets nobody take that away. */
function optsOut(word: string, keywords: readonly string[]): boolean {
  const wanted = keywords.map((keyword) => keyword.trim().toLowerCase());
  if (wanted.length === 1 && wanted[0] === "twilio") return STOP_WORDS.includes(word);
  if (word === "stop") return true;
  return !(wanted.length === 1 && wanted[0] === "minimal") && word !== "" && wanted.includes(word);
}
