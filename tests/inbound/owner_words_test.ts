import { assert, assertEquals, assertMatch } from "@std/assert";
import { setBlocked } from "../../src/people/blocked.ts";
import { allow, isPaired, listPending, revoke } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { ANN, createKit, type Kit, type KitOptions } from "../bridge/kit.ts";

const OWNER = "+12025550177" as Phone;
const SECOND = "+12025550178" as Phone;
const MALLORY = "+14155550123" as Phone;
const MINUTE_MS = 60_000;

const to = (kit: Kit, phone: Phone) => kit.sent.filter((one) => one.to === phone);
const isIn = (kit: Kit) => isPaired(kit.store, "default", MALLORY);

/** Mallory has asked to be let in; the owners have a word each. */
async function asked(bridge: KitOptions["bridge"] = {}) {
  const kit = await createKit({
    bridge: { ownerAllowFrom: [OWNER], ownerApprovalsPerDay: 5, ...bridge },
  });
  await allow(kit.context, "default", OWNER, true);
  await kit.take("let me in", { from: MALLORY });
  await kit.rest(MINUTE_MS);
  const wordOf = (owner: Phone) =>
    to(kit, owner).at(-1)?.body?.match(/10 minutes: (\S{8})$/)?.[1] ?? "";
  const [pending] = await listPending(kit.context, "default");
  return { kit, word: wordOf(OWNER), wordOf, code: pending?.code ?? "" };
}

/** A word that nobody was sent. */
const other = (word: string) => (word[0] === "Z" ? "Y" : "Z") + word.slice(1, 7) + "9";

Deno.test("an owner lets a stranger in by answering with the word of the SMS, in any case, and both are told", async () => {
  const { kit, word, code } = await asked();
  await using _ = kit;
  assertMatch(to(kit, OWNER)[0]?.body ?? "", /^\+14155550123 asks to text your assistant/);
  assert(word !== code && /\d/.test(word));
  assertEquals(to(kit, OWNER)[0]!.body!.length <= 160, true);
  assertEquals(await kit.take(` ${word.toLowerCase()} `, { from: OWNER }), "word");
  await kit.rest(MINUTE_MS);
  assertEquals(await isIn(kit), true);
  assertEquals(await listPending(kit.context, "default"), []);
  assertMatch(to(kit, OWNER).at(-1)?.body ?? "", /ends in 0123 may now text/);
  assertEquals(to(kit, MALLORY).length, 2);
  assertEquals(kit.turns.length, 0);
  assertEquals(await kit.take("hello", { from: MALLORY }), "stored");
});

Deno.test("what becomes of a word is told from the numbers that were texted, where a service has several", async () => {
  const messagingServiceSid = `MG${"0".repeat(32)}`;
  await using kit = await createKit({
    bridge: { ownerAllowFrom: [OWNER], ownerApprovalsPerDay: 5 },
    account: { messagingServiceSid },
  });
  await allow(kit.context, "default", OWNER, true);
  await kit.take("let me in", { from: MALLORY, to: "+15005550177" });
  await kit.rest(MINUTE_MS);
  const word = to(kit, OWNER).at(-1)?.body?.match(/10 minutes: (\S{8})$/)?.[1] ?? "";
  await kit.take(word, { from: OWNER, to: "+15005550178" });
  await kit.rest(MINUTE_MS);
  assertEquals(to(kit, MALLORY).map(({ from }) => from), ["+15005550177", "+15005550177"]);
  assertEquals(to(kit, OWNER).at(-1)?.from, "+15005550178");
});

Deno.test("the requester's own code lets nobody in, from a forged owner's number or from their own", async () => {
  const { kit, code } = await asked();
  await using _ = kit;
  await kit.take(code, { from: OWNER });
  await kit.take(code, { from: MALLORY });
  assertEquals(await isIn(kit), false);
});

Deno.test("a word serves once: who was let in by it and revoked stays out", async () => {
  const { kit, word } = await asked();
  await using _ = kit;
  const messageSid = `SM${"7".repeat(32)}`;
  await kit.take(word, { from: OWNER, messageSid });
  await revoke(kit.context, MALLORY);
  assertEquals(await kit.take(word, { from: OWNER, messageSid }), "duplicate");
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
  await kit.take("let me in", { from: MALLORY });
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
});

Deno.test("a word is late after ten minutes", async () => {
  const { kit, word } = await asked();
  await using _ = kit;
  await kit.rest(10 * MINUTE_MS);
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
});

Deno.test("three wrong words end the right one, and two do not", async () => {
  const { kit, word } = await asked();
  await using _ = kit;
  for (let i = 0; i < 3; i++) assertEquals(await kit.take(other(word), { from: OWNER }), "word");
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
  const again = await asked();
  await using _again = again.kit;
  for (let i = 0; i < 2; i++) await again.kit.take(other(again.word), { from: OWNER });
  await again.kit.take(again.word, { from: OWNER });
  assertEquals(await isIn(again.kit), true);
});

Deno.test("a word counts from the number alone that it was sent to, while that is an owner's and not blocked", async () => {
  const { kit, word, wordOf } = await asked({ ownerAllowFrom: [OWNER, SECOND] });
  await using _ = kit;
  assert(word !== wordOf(SECOND));
  for (const from of [MALLORY, ANN, SECOND]) await kit.take(word, { from });
  await kit.take(wordOf(SECOND), { from: OWNER });
  assertEquals(await isIn(kit), false);
  await setBlocked(kit.context, "default", OWNER, true);
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
  await setBlocked(kit.context, "default", OWNER, false);
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), true);
});

Deno.test("an owner of before is none: their word lets nobody in", async () => {
  const { kit, word } = await asked({ ownerAllowFrom: [] });
  await using _ = kit;
  assertMatch(word, /^\S{8}$/);
  await revoke(kit.context, OWNER);
  await kit.take(word, { from: OWNER });
  assertEquals(await isIn(kit), false);
});

Deno.test("a word stands in the SMS alone: not in the log, and in the store as a digest once it is sent", async () => {
  const { kit, word, code } = await asked();
  await using _ = kit;
  await kit.take(other(word), { from: OWNER });
  assert(!kit.logged.some((line) => line.includes(word) || line.includes(other(word))));
  const prefixes = ["account", "bridge", "dead", "history", "outbox", "pending", "sender"];
  const rows = (await Promise.all(
    prefixes.map((prefix) => Array.fromAsync(kit.store.list({ prefix: [prefix] }))),
  )).flat();
  assertEquals(rows.filter((row) => JSON.stringify(row).includes(word)).map(({ key }) => key), []);
  assert(JSON.stringify(rows).includes(code));
});

Deno.test("owners are asked so often a day at most, and never unless so set", async () => {
  const { kit } = await asked({ ownerApprovalsPerDay: 2 });
  await using _ = kit;
  for (let i = 1; i < 5; i++) await kit.take("me too", { from: `+1415${i}550123` });
  await kit.rest(MINUTE_MS);
  assertEquals(to(kit, OWNER).length, 2);
  const quiet = await asked({ ownerApprovalsPerDay: 0 });
  await using _quiet = quiet.kit;
  assertEquals(to(quiet.kit, OWNER), []);
});

Deno.test("what an owner texts otherwise goes to the agent, also while a word serves", async () => {
  const { kit } = await asked();
  await using _ = kit;
  assertEquals(await kit.take("thursday", { from: OWNER }), "stored");
  assertEquals(await kit.take("hello there", { from: OWNER }), "stored");
});

Deno.test("an owner's word is kept nowhere once it has gone, also where bodies are", async () => {
  const { kit, word } = await asked({ storeBodies: true });
  await using _ = kit;
  await kit.take(word, { from: OWNER });
  await kit.rest(MINUTE_MS);
  await kit.take("hello", { from: MALLORY });
  await kit.rest(MINUTE_MS);
  const rows = ["history", "dead", "inbox", "outbox", "account"].map((prefix) =>
    Array.fromAsync(kit.store.list<unknown>({ prefix: [prefix] }), ({ value }) => value)
  );
  const kept = JSON.stringify(await Promise.all(rows));
  assert(kept.includes("hello") && kept.includes("may now text"));
  assert(!kept.includes(word));
});
