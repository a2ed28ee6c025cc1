/**
 * Words by which an owner lets somebody in by SMS, or answers what the agent asks: each stands in one SMS to
 * one owner, and nowhere else.
 *
 * A caller ID can be forged, and whoever asks to be let in knows their own pairing code. So neither counts
 * here: only a word does, for a while, once, from the number that it was sent to. Three wrong ones end all
 * words of that number. Words are kept as digests.
 *
 * @module
 */
import { nodePart } from "../system/node_part.ts";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { encodeHex } from "@std/encoding/hex";
import type { Phone } from "../policy/phone.ts";
import { newPairingCode, readLeadingCode } from "../policy/pairing_code.ts";
import { allowedKey, type AllowedSender } from "../store/allowed_row.ts";
import { keyOf, pendingKey } from "../store/keys.ts";
import type { Change, Entry } from "../store/kv.ts";
import {
  OWNER_QUESTION_TTL_MS,
  OWNER_WORDS_KEPT_MAX,
  OWNER_WORDS_WRONG_MAX,
} from "../system/limits.ts";
import { type BookParts, listPending, usedSets } from "./pairing_book.ts";

const DAY_MS = 24 * 3_600_000;

/** What a word is for. */
export type WordPurpose =
  /** It lets somebody in, by the request of that time: a later one has a word of its own. */
  | { readonly kind: "pairing"; readonly phone: Phone; readonly askedAtMs: number }
  /** It answers what the agent asks, by the Gateway's id. */
  | { readonly kind: "question"; readonly id: string };

interface Word {
  readonly owner: Phone;
  readonly purpose: WordPurpose;
  readonly salt: string;
  readonly digest: string;
  readonly expiresAtMs: number;
  /** Wrong words that came from the owner's number while this one served. */
  readonly wrong: number;
  /** Whether it has served, or another owner's for the same purpose has. */
  readonly spent: boolean;
}

interface OwnerWords {
  /** When owners were asked something, and what. */
  readonly asked: readonly { readonly kind: WordPurpose["kind"]; readonly atMs: number }[];
  readonly words: readonly Word[];
}

const NONE: OwnerWords = { asked: [], words: [] };
const wordsKey = (account: string) => keyOf<OwnerWords>("account", account, "words");

function digestOf(salt: string, word: string): string {
  return nodePart("node:crypto").createHash("sha256").update(`${salt} ${word}`).digest("hex");
}

function isDigestOf({ salt, digest }: Word, word: string): boolean {
  const bytes = (hex: string) => new TextEncoder().encode(hex);
  return timingSafeEqual(bytes(digestOf(salt, word)), bytes(digest));
}

/** A word always has a digit, so that hardly any text of an owner's looks like one. */
function newWord(random: BookParts["random"]): string {
  for (;;) {
    const word = newPairingCode(random);
    if (/\d/.test(word)) return word;
  }
}

function isSame(a: WordPurpose, b: WordPurpose): boolean {
  return a.kind === "pairing"
    ? b.kind === "pairing" && a.phone === b.phone
    : b.kind === "question" && a.id === b.id;
}

/** The change that replaces the words of an account. */
function rewriting(account: string, kept: Entry<OwnerWords> | null, value: OwnerWords) {
  const key = wordsKey(account);
  return {
    check: [{ key, versionstamp: kept?.versionstamp ?? null }],
    set: [{ key, value, expireInMs: DAY_MS }],
  };
}

/** How words are made. */
export interface Issue {
  readonly purpose: WordPurpose;
  readonly owners: readonly Phone[];
  readonly ttlMs: number;
  readonly perDayMax: number;
}

/** Makes a word for each owner; none when owners were asked such things `perDayMax` times today. */
export async function issueWords(
  { store, clock, random }: BookParts,
  account: string,
  { purpose, owners, ttlMs, perDayMax }: Issue,
): Promise<{ readonly owner: Phone; readonly word: string }[]> {
  for (;;) {
    const nowMs = clock.now();
    const kept = await store.get(wordsKey(account));
    const { asked, words } = kept?.value ?? NONE;
    const today = asked.filter(({ atMs }) => atMs > nowMs - DAY_MS);
    const sameToday = today.filter(({ kind }) => kind === purpose.kind);
    if (owners.length === 0 || sameToday.length >= perDayMax) return [];
    const issued = owners.map((owner) => ({ owner, word: newWord(random) }));
    const made = issued.map(({ owner, word }): Word => {
      const salt = encodeHex(random.bytes(16));
      const digest = digestOf(salt, word);
      const expiresAtMs = nowMs + Math.min(ttlMs, OWNER_QUESTION_TTL_MS);
      return { owner, purpose, salt, digest, expiresAtMs, wrong: 0, spent: false };
    });
    const recent = words.filter(({ expiresAtMs }) => expiresAtMs > nowMs - DAY_MS);
    const value = {
      asked: [...today, { kind: purpose.kind, atMs: nowMs }],
      words: [...recent, ...made].slice(-OWNER_WORDS_KEPT_MAX),
    };
    if (await store.commit(rewriting(account, kept, value))) return issued;
  }
}

/** Whether a word for this purpose serves. */
export async function hasWord(
  { store, clock }: Pick<BookParts, "store" | "clock">,
  account: string,
  purpose: WordPurpose,
): Promise<boolean> {
  const words = (await store.get(wordsKey(account)))?.value.words ?? [];
  return words.some((word) => isSame(word.purpose, purpose) && serves(word, clock.now()));
}

function serves({ expiresAtMs, wrong, spent }: Word, nowMs: number): boolean {
  return !spent && wrong < OWNER_WORDS_WRONG_MAX && expiresAtMs > nowMs &&
    // A clock that was set back makes no word last longer.
    expiresAtMs <= nowMs + OWNER_QUESTION_TTL_MS;
}

/** What a text of a number is. */
export type WordGiven =
  /** No word: nothing serves for this number now, or it is a text like any other. */
  | { readonly kind: "none" }
  | { readonly kind: "wrong" }
  /** It has served, or its time is over. */
  | { readonly kind: "late" }
  /** It lets somebody in, once `change` is committed. */
  | {
    readonly kind: "right";
    readonly sender: AllowedSender;
    /** The number that the sender texted. */
    readonly home: Phone | undefined;
    readonly change: Change;
  }
  /** It answers what the agent asks; the word has served once `change` is committed. */
  | {
    readonly kind: "answer";
    readonly question: string;
    readonly answer: string;
    readonly change: Change;
  };

/** Lets in whom a word is for, with the change that spends the word; null when the request is gone. */
async function admission(
  { store, clock }: BookParts,
  account: string,
  { phone, askedAtMs }: WordPurpose & { readonly kind: "pairing" },
  spending: Required<Pick<Change, "check" | "set">>,
): Promise<WordGiven & { readonly kind: "right" } | null> {
  const request = await store.get(pendingKey(account, phone));
  if (request === null || request.value.createdAtMs !== askedAtMs) return null;
  const sender = { account, phone, atMs: clock.now(), via: "hand", owner: false } as const;
  return {
    kind: "right",
    sender,
    home: request.value.texted,
    change: {
      check: [...spending.check, { key: request.key, versionstamp: request.versionstamp }],
      set: [
        ...spending.set,
        { key: allowedKey(account, phone), value: sender },
        ...usedSets(request.value),
      ],
      delete: [request.key],
    },
  };
}

/** Reads a text as the word of an owner's. What is wrong has been counted when it resolves. */
export async function takeWord(
  parts: BookParts,
  account: string,
  from: Phone,
  text: string,
): Promise<WordGiven> {
  const { store, clock } = parts;
  const typed = readLeadingCode(text);
  if (typed === null) return { kind: "none" };
  const { code, rest } = typed;
  for (;;) {
    const nowMs = clock.now();
    const kept = await store.get(wordsKey(account));
    const { asked, words } = kept?.value ?? NONE;
    const mine = words.filter(({ owner }) => owner === from);
    const serving = mine.filter((word) => serves(word, nowMs));
    const found = mine.find((word) => isDigestOf(word, code));
    if (found !== undefined && !serving.includes(found)) return { kind: "late" };
    if (found?.purpose.kind === "pairing" && rest !== "") return { kind: "none" };
    const put = (all: readonly Word[]) => rewriting(account, kept, { asked, words: all });
    if (found === undefined) {
      const pending = await listPending(parts, account);
      const isCode = rest === "" && pending.some((one) => one.code === code);
      if (serving.length === 0 || !(/\d/.test(code) || isCode)) return { kind: "none" };
      const counted = words.map((one) =>
        serving.includes(one) ? { ...one, wrong: one.wrong + 1 } : one
      );
      if (await store.commit(put(counted))) return { kind: "wrong" };
      continue;
    }
    // What one owner has answered, no other need to.
    const { purpose } = found;
    const spending = put(
      words.map((one) => isSame(one.purpose, purpose) ? { ...one, spent: true } : one),
    );
    if (purpose.kind === "question") {
      return { kind: "answer", question: purpose.id, answer: rest, change: spending };
    }
    const right = await admission(parts, account, purpose, spending);
    if (right !== null) return right;
    if (await store.commit(spending)) return { kind: "wrong" };
  }
}
