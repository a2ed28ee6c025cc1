/**
 * Opt-out words: what an account's texts have shown of the words that Twilio takes for an opt-out or an
 * opt-in. Owners may choose their own there, and only a webhook says which they are (`OptOutType`).
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { classifyKeyword, type OwnWords } from "../policy/keywords.ts";
import { keyOf } from "../store/keys.ts";
import type { Store } from "../store/kv.ts";
import { OPT_WORD_CHARS_MAX, OPT_WORDS_MAX } from "../system/limits.ts";

/** What is kept of an account's words. */
export interface OptWords extends OwnWords {
  /** When a text first came with an `OptOutType`; null when none did: then Twilio may never say it. */
  readonly typedAtMs: number | null;
  /** The last of our words that opted somebody out though Twilio did not say so. */
  readonly untyped: { readonly word: string; readonly atMs: number } | null;
}

const NONE: OptWords = { stop: [], start: [], typedAtMs: null, untyped: null };

const wordsKey = (account: string) => keyOf<OptWords>("account", account, "opt-words");

/** Reads what is known of an account's words. */
export async function readOptWords(store: Store, account: string): Promise<OptWords> {
  return (await store.get(wordsKey(account)))?.value ?? NONE;
}

/** The words of the owner's own, as far as they are known: Twilio's list has no `OptOutType`. */
export async function wordsOfTwilio(
  { store, settings }: Pick<BridgeContext, "store" | "settings">,
  account: string,
): Promise<OwnWords> {
  const { stop, start } = await readOptWords(store, account);
  const named = settings().bridge.optInKeywords.map((word) => word.trim().toLowerCase());
  return { stop, start: [...start, ...named] };
}

function withWord(words: readonly string[], word: string): readonly string[] {
  return words.includes(word) ? words : [...words, word].slice(-OPT_WORDS_MAX);
}

/** What is known after a text that its webhook has brought; the same object when it shows nothing new. */
function learn(
  words: OptWords,
  text: string,
  optOutType: string | undefined,
  optOutKeywords: readonly string[],
  nowMs: number,
): OptWords {
  const word = text.trim().toLowerCase();
  if (word === "" || word.length > OPT_WORD_CHARS_MAX) return words;
  const known = classifyKeyword(word, { optOutKeywords, optedOut: true });
  const said = classifyKeyword(word, { optOutType, optOutKeywords });
  if (optOutType === undefined) {
    return said !== "stop" || word === "stop"
      ? words
      : { ...words, untyped: { word, atMs: nowMs } };
  }
  const typed = words.typedAtMs === null ? { ...words, typedAtMs: nowMs } : words;
  if (said === known || said === null || said === "help" || typed[said].includes(word)) {
    return typed;
  }
  return { ...typed, [said]: withWord(typed[said], word) };
}

/** Learns from a text that its webhook has brought. */
export async function noteOptWord(
  { store, clock, settings }: Pick<BridgeContext, "store" | "clock" | "settings">,
  account: string,
  text: string,
  optOutType: string | undefined,
): Promise<void> {
  const key = wordsKey(account);
  for (;;) {
    const entry = await store.get(key);
    const before = entry?.value ?? NONE;
    const { optOutKeywords } = settings().bridge;
    const after = learn(before, text, optOutType, optOutKeywords, clock.now());
    if (after === before) return;
    const check = [{ key, versionstamp: entry?.versionstamp ?? null }];
    if (await store.commit({ check, set: [{ key, value: after }] })) return;
  }
}

/** Where the words of the settings and those of Twilio differ. */
export interface OptWordsDiffer {
  /** Words that opt out at Twilio and are not among ours. */
  readonly missing: readonly string[];
  /** One of ours that Twilio handed on as a text like any other; null when there was none. */
  readonly untyped: string | null;
}

/** Compares them. A word without `OptOutType` says something only where Twilio is known to send that. */
export function compareOptWords(
  { stop, typedAtMs, untyped }: OptWords,
  optOutKeywords: readonly string[],
): OptWordsDiffer {
  const isOurs = (word: string) => classifyKeyword(word, { optOutKeywords }) === "stop";
  return {
    missing: stop.filter((word) => !isOurs(word)),
    untyped: typedAtMs !== null && untyped !== null && isOurs(untyped.word) ? untyped.word : null,
  };
}
