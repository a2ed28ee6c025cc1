import { assert, assertEquals } from "@std/assert";
import { takeWord } from "../../src/people/owner_words.ts";
import { allow, approve, isPaired, listPending, reject } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { seededRandom } from "../../src/system/random.ts";
import { newPairingCode } from "../../src/policy/pairing_code.ts";
import { createKit, type Kit } from "../bridge/kit.ts";

const OWNERS = ["+12025550177", "+12025550178"] as Phone[];
const [OWNER, SECOND] = OWNERS as [Phone, Phone];
const MALLORY = "+14155550123" as Phone;
const MINUTE_MS = 60_000;

const to = (kit: Kit, phone: Phone) =>
  kit.sent.filter((one) => one.to === phone).map(({ body }) => body ?? "");
const isIn = (kit: Kit, phone = MALLORY) => isPaired(kit.store, "default", phone);
const wordOf = (kit: Kit, owner: Phone) =>
  to(kit, owner).join("\n").match(/10 minutes: (\S{8})$/m)?.[1] ?? "";

/** Mallory has asked to be let in; two owners have a word each. */
async function asked(): Promise<Kit> {
  const kit = await createKit({ bridge: { ownerAllowFrom: OWNERS, ownerApprovalsPerDay: 5 } });
  for (const owner of OWNERS) await allow(kit.context, "default", owner, true);
  await kit.take("let me in", { from: MALLORY });
  await kit.rest(MINUTE_MS);
  return kit;
}

Deno.test("one word used many times at once, and both owners' words at once, let in once and tell the newcomer once", async () => {
  for (const senders of [[OWNER, OWNER, OWNER, OWNER], [OWNER, SECOND], [SECOND, OWNER, OWNER]]) {
    await using kit = await asked();
    await Promise.all(senders.map((from) => kit.take(wordOf(kit, from), { from })));
    await kit.rest(MINUTE_MS);
    assertEquals(await isIn(kit), true);
    assertEquals(to(kit, MALLORY).length, 2, "the code, and that they are in");
    const told = OWNERS.flatMap((one) => to(kit, one)).filter((body) => body.includes("may now"));
    assertEquals(told.length, 1);
    assertEquals(kit.turns.length, 0);
  }
});

Deno.test("a word and the command of an operator at once have one winner, and who is rejected stays out", async () => {
  for (const first of ["word", "operator"]) {
    await using kit = await asked();
    const [pending] = await listPending(kit.context, "default");
    const word = () => kit.take(wordOf(kit, OWNER), { from: OWNER });
    const turnDown = () => reject(kit.context, pending!.code, "default");
    const [, rejected] = first === "word"
      ? await Promise.all([word(), turnDown()])
      : (await Promise.all([turnDown(), word()])).reverse();
    await kit.rest(MINUTE_MS);
    const isRejected = typeof rejected === "object" && rejected !== null;
    assert(await isIn(kit) !== isRejected, `${first} first: both or neither`);
  }
  await using kit = await asked();
  const [pending] = await listPending(kit.context, "default");
  await reject(kit.context, pending!.code, "default");
  await kit.take(wordOf(kit, OWNER), { from: OWNER });
  assertEquals(await isIn(kit), false);
});

Deno.test("a word counts in the account alone whose owner was asked", async () => {
  await using kit = await asked();
  const word = wordOf(kit, OWNER);
  assertEquals((await takeWord(kit.context, "work", OWNER, word)).kind, "none");
  assertEquals((await takeWord(kit.context, "default", OWNER, word)).kind, "right");
});

Deno.test("a word within a sentence lets nobody in, and is a text like any other", async () => {
  await using kit = await asked();
  const word = wordOf(kit, OWNER);
  for (
    const text of [`${word} please`, `yes ${word}`, `${word}.`, `${word} ${word}`, `"${word}"`]
  ) {
    await kit.take(text, { from: OWNER });
    assertEquals(await isIn(kit), false, text);
  }
});

Deno.test("of a thousand guesses from a forged owner's number none lets in, and the third ends the word", async () => {
  await using kit = await asked();
  const word = wordOf(kit, OWNER);
  const random = seededRandom(5);
  const ends: string[] = [];
  for (let i = 0; i < 1_000; i++) {
    const guess = newPairingCode(random);
    if (guess !== word && /\d/.test(guess)) {
      ends.push((await takeWord(kit.context, "default", OWNER, guess)).kind);
    }
  }
  assertEquals(ends.slice(0, 4), ["wrong", "wrong", "wrong", "none"]);
  assertEquals((await takeWord(kit.context, "default", OWNER, word)).kind, "late");
  assertEquals((await takeWord(kit.context, "default", SECOND, wordOf(kit, SECOND))).kind, "right");
});

Deno.test("guesses that come at the same time are all counted", async () => {
  await using kit = await asked();
  const random = seededRandom(6);
  const guesses: string[] = [];
  while (guesses.length < 12) {
    const guess = newPairingCode(random);
    if (/\d/.test(guess)) guesses.push(guess);
  }
  const word = wordOf(kit, OWNER);
  await Promise.all(
    guesses.map((text) => kit.take(text, { from: OWNER })),
  );
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
});

Deno.test("who asked anew has a new word: the one of before lets nobody in, and no one else", async () => {
  await using kit = await asked();
  const old = wordOf(kit, OWNER);
  const [pending] = await listPending(kit.context, "default");
  await approve(kit.context, pending!.code);
  const other = "+14155550124" as Phone;
  await kit.take("let me in", { from: other });
  await kit.take(old, { from: OWNER });
  await kit.rest(MINUTE_MS);
  assertEquals(await isIn(kit, other), false);
});
