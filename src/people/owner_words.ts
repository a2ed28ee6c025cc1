/**
 * Words by which an owner lets somebody in by SMS: each stands in one SMS to one owner, and nowhere else.
 *
 * A caller ID can be forged, and whoever asks to be let in knows their own pairing code. So neither counts
 * here: only a word does, for ten minutes, once, from the number that it was sent to. Three wrong ones end
 * all words of that number. Words are kept as digests.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { encodeHex } from "@std/encoding/hex";
import type { Phone } from "../policy/phone.ts";
import { newPairingCode, readPairingCode } from "../policy/pairing_code.ts";
import type { PendingPairing } from "../policy/pairing.ts";
import { allowedKey, type AllowedSender } from "../store/allowed_row.ts";
import { keyOf, pendingKey } from "../store/keys.ts";
import type { Change } from "../store/kv.ts";
import { OWNER_WORD_TTL_MS, OWNER_WORDS_WRONG_MAX } from "../system/limits.ts";
import { type BookParts, listPending, usedSets } from "./pairing_book.ts";

const DAY_MS = 24 * 3_600_000;

interface Word {
  readonly owner: Phone;
  /** Who is let in by it. */
  readonly phone: Phone;
  /** Of which request, by its time: a later one has a word of its own. */
  readonly askedAtMs: number;
  readonly salt: string;
  readonly digest: string;
  readonly expiresAtMs: number;
  /** Wrong words that came from the owner's number while this one served. */
  readonly wrong: number;
}

interface OwnerWords {
  /** When owners were told of a request. */
  readonly toldAtMs: readonly number[];
  readonly words: readonly Word[];
}

const NONE: OwnerWords = { toldAtMs: [], words: [] };
const wordsKey = (account: string) => keyOf<OwnerWords>("account", account, "owner-words");

function digestOf(salt: string, word: string): string {
  return encodeHex(createHash("sha256").update(`${salt} ${word}`).digest());
}

/** A word always has a digit, so that hardly any text of an owner's looks like one. */
function newWord(random: BookParts["random"]): string {
  for (;;) {
    const word = newPairingCode(random);
    if (/\d/.test(word)) return word;
  }
}

/** Makes a word for each owner, of whom to let in; none when owners were told `perDayMax` times today. */
export async function issueWords(
  { store, clock, random }: BookParts,
  { account, phone, createdAtMs }: Pick<PendingPairing, "account" | "phone" | "createdAtMs">,
  owners: readonly Phone[],
  perDayMax: number,
): Promise<{ readonly owner: Phone; readonly word: string }[]> {
  const key = wordsKey(account);
  for (;;) {
    const nowMs = clock.now();
    const kept = await store.get(key);
    const { toldAtMs, words } = kept?.value ?? NONE;
    const today = toldAtMs.filter((atMs) => atMs > nowMs - DAY_MS);
    if (owners.length === 0 || today.length >= perDayMax) return [];
    const issued = owners.map((owner) => ({ owner, word: newWord(random) }));
    const made = issued.map(({ owner, word }): Word => {
      const salt = encodeHex(random.bytes(16));
      const digest = digestOf(salt, word);
      const expiresAtMs = nowMs + OWNER_WORD_TTL_MS;
      return { owner, phone, askedAtMs: createdAtMs, salt, digest, expiresAtMs, wrong: 0 };
    });
    const value = {
      toldAtMs: [...today, nowMs],
      words: [...words.filter(({ expiresAtMs }) => expiresAtMs > nowMs), ...made],
    };
    const check = [{ key, versionstamp: kept?.versionstamp ?? null }];
    const set = [{ key, value, expireInMs: DAY_MS }];
    if (await store.commit({ check, set })) return issued;
  }
}

/** What a text of a number is. */
export type WordGiven =
  /** No word: nothing serves for this number now, or it is a text like any other. */
  | { readonly kind: "none" }
  | { readonly kind: "wrong" }
  /** It lets somebody in, once `change` is committed. */
  | { readonly kind: "right"; readonly sender: AllowedSender; readonly change: Change };

/** Reads a text as the word of an owner's. What is wrong has been counted when it resolves. */
export async function takeWord(
  parts: BookParts,
  account: string,
  from: Phone,
  text: string,
): Promise<WordGiven> {
  const { store, clock } = parts;
  const typed = readPairingCode(text);
  if (typed === null) return { kind: "none" };
  const key = wordsKey(account);
  for (;;) {
    const nowMs = clock.now();
    const kept = await store.get(key);
    const { toldAtMs, words } = kept?.value ?? NONE;
    const mine = words.filter(({ owner, expiresAtMs, wrong }) =>
      owner === from && wrong < OWNER_WORDS_WRONG_MAX &&
      expiresAtMs > nowMs && expiresAtMs <= nowMs + OWNER_WORD_TTL_MS
    );
    const pending = await listPending(parts, account);
    const looksLikeOne = /\d/.test(typed) || pending.some(({ code }) => code === typed);
    if (mine.length === 0 || !looksLikeOne) return { kind: "none" };
    const bytes = (hex: string) => new TextEncoder().encode(hex);
    const found = mine.filter(({ salt, digest }) =>
      timingSafeEqual(bytes(digestOf(salt, typed)), bytes(digest))
    )[0];
    const check = [{ key, versionstamp: kept?.versionstamp ?? null }];
    const put = (rest: readonly Word[]) => ({
      key,
      value: { toldAtMs, words: rest },
      expireInMs: DAY_MS,
    });
    if (found === undefined) {
      const counted = words.map((one) =>
        mine.includes(one) ? { ...one, wrong: one.wrong + 1 } : one
      );
      if (await store.commit({ check, set: [put(counted)] })) {
        return { kind: "wrong" };
      }
      continue;
    }
    // Whom one owner has let in, no other need to.
    const rest = words.filter(({ phone }) =>
      phone !== found.phone
    );
    const request = await store.get(pendingKey(account, found.phone));
    if (request === null || request.value.createdAtMs !== found.askedAtMs) {
      if (await store.commit({ check, set: [put(rest)] })) return { kind: "wrong" };
      continue;
    }
    const sender = { account, phone: found.phone, atMs: nowMs, via: "hand", owner: false } as const;
    return {
      kind: "right",
      sender,
      change: {
        check: [...check, { key: request.key, versionstamp: request.versionstamp }],
        set: [
          put(rest),
          { key: allowedKey(account, found.phone), value: sender },
          ...usedSets(request.value),
        ],
        delete: [request.key],
      },
    };
  }
}
