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
  ["START", "start"],
  ["HELP", "help"],
]);
/** Words that owners can take away, as those in {@linkcode STOP_WORDS} but `stop`. */
const OTHER_KEYWORDS: ReadonlyMap<string, Keyword> = new Map([
  ["UNSTOP", "start"],
  ["INFO", "help"],
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
  const { optOutKeywords = ["twilio"] } = context;
  if (optsOut(lower, optOutKeywords)) return "stop";
  if (!WORD.test(word)) return null;
  const upper = word.toUpperCase();
  const always = KEYWORDS.get(upper);
  if (always !== undefined || isOnly("minimal", optOutKeywords)) return always ?? null;
  if (upper === "YES") return context.optedOut ? "start" : null;
  return OTHER_KEYWORDS.get(upper) ?? null;
}

/** STOP always does: Twilio lets nobody take that away. */
function optsOut(word: string, keywords: readonly string[]): boolean {
  if (isOnly("twilio", keywords)) return STOP_WORDS.includes(word);
  if (word === "stop") return true;
  return !isOnly("minimal", keywords) && word !== "" &&
    keywords.some((keyword) => keyword.trim().toLowerCase() === word);
}

/** Whether the words are but the name of a list. */
function isOnly(list: "twilio" | "minimal", [first, ...more]: readonly string[]): boolean {
  return more.length === 0 && first?.trim().toLowerCase() === list;
}
