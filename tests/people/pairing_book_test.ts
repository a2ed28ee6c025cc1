import { assert, assertEquals, assertExists } from "@std/assert";
import {
  allow,
  approve,
  isPaired,
  listAllowed,
  listPending,
  reject,
  requestPairing,
  revoke,
} from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { openStore } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { seededRandom } from "../../src/system/random.ts";
import { createDisk, openDisk } from "../simulation/memory_store.ts";

const ANN = "+12025550101" as Phone;
const BOB = "+12025550102" as Phone;
const HOUR_MS = 3_600_000;

async function book(seed = 1) {
  const clock = createSimClock();
  const random = seededRandom(seed);
  const store = await openStore(":memory:", { clock: systemClock, random });
  const texts: string[] = [];
  const parts = { store, clock, random };
  const knock = async (phone: Phone, account = "default") => {
    const request = await requestPairing(parts, account, phone);
    if (request !== null && await store.commit(request.change)) texts.push(request.text);
    return request;
  };
  return { parts, clock, store, texts, knock, [Symbol.dispose]: () => store.close() };
}

Deno.test("requestPairing() answers a stranger once, with the command that lets them in", async () => {
  using b = await book();
  assertExists(await b.knock(ANN));
  assertEquals(await b.knock(ANN), null);
  const [pending] = await listPending(b.parts);
  assertExists(pending);
  assertEquals(b.texts.length, 1);
  assert(b.texts[0]!.includes(`sms-bridge pair approve ${pending.code}`));
});

Deno.test("approve() lets the sender in at once, for the account that was texted, and only once", async () => {
  using b = await book();
  await b.knock(ANN, "work");
  const [pending] = await listPending(b.parts);
  assertEquals(await isPaired(b.store, "work", ANN), false);
  const approved = await approve(b.parts, pending!.code.toLowerCase());
  assertEquals(approved.kind, "ok");
  assert(approved.kind === "ok" && approved.first);
  assertEquals(await isPaired(b.store, "work", ANN), true);
  assertEquals(await isPaired(b.store, "default", ANN), false);
  assertEquals((await approve(b.parts, pending!.code)).kind, "used");
  assertEquals(await listPending(b.parts), []);
});

Deno.test("approve() tells an expired code from an unknown one", async () => {
  using b = await book();
  await b.knock(ANN);
  const [pending] = await listPending(b.parts);
  await b.clock.advance(HOUR_MS);
  assertEquals((await approve(b.parts, pending!.code)).kind, "expired");
  assertEquals((await approve(b.parts, "ABCDEFGH")).kind, "unknown");
  assertEquals(await isPaired(b.store, "default", ANN), false);
});

Deno.test("approve() locks after five wrong codes, for a right code too, and opens again", async () => {
  using b = await book();
  await b.clock.advance(30 * 60_000);
  await b.knock(ANN);
  const [pending] = await listPending(b.parts);
  for (let i = 0; i < 5; i++) assertEquals((await approve(b.parts, "ABCDEFGH")).kind, "unknown");
  assertEquals((await approve(b.parts, pending!.code)).kind, "locked");
  await b.clock.advance(15 * 60_000);
  assertEquals((await approve(b.parts, pending!.code)).kind, "ok");
});

Deno.test("reject() makes a code useless and leaves other requests alone", async () => {
  using b = await book();
  await b.knock(ANN);
  await b.knock(BOB);
  const [ann, bob] = await listPending(b.parts);
  assertEquals((await reject(b.parts, ann!.code))?.phone, ANN);
  assertEquals((await approve(b.parts, ann!.code)).kind, "used");
  assertEquals((await approve(b.parts, bob!.code)).kind, "ok");
});

Deno.test("revoke() takes an admission back in every account it is not told otherwise", async () => {
  using b = await book();
  await allow(b.parts, "default", ANN);
  await allow(b.parts, "work", ANN);
  assertEquals((await revoke(b.parts, ANN, "work")).length, 1);
  assertEquals(await isPaired(b.store, "default", ANN), true);
  assertEquals((await revoke(b.parts, ANN)).map(({ account }) => account), ["default"]);
  assertEquals(await listAllowed(b.parts), []);
});

Deno.test("approve(), reject(), revoke() and expiry have one winner in 10,000 races", async () => {
  let nowMs = 0;
  const clock = { ...systemClock, now: () => nowMs };
  const random = seededRandom(7);
  const newStore = () => openDisk(createDisk(), () => "none", () => {});
  let parts = { store: newStore(), clock, random };
  const seen = new Set<string>();
  for (let round = 1; round <= 10_000; round++) {
    const account = `account-${round}`;
    if (round % 100 === 0) parts = { ...parts, store: newStore() };
    const { store } = parts;
    const request = await requestPairing(parts, account, ANN);
    await store.commit(request!.change);
    const [{ code } = { code: "" }] = await listPending(parts, account);
    const expires = random.fraction() < 0.3;
    if (expires) nowMs += HOUR_MS;
    const late = async <T>(work: () => Promise<T>): Promise<T> => {
      for (let turns = random.fraction() * 60; turns > 0; turns--) await null;
      return await work();
    };
    const [first, second, rejected, revoked] = await Promise.all([
      late(() => approve(parts, code, account)),
      late(() => approve(parts, code, account)),
      late(() => reject(parts, code, account)),
      late(() => revoke(parts, ANN, account)),
    ]);
    const winners = [first.kind === "ok", second.kind === "ok", rejected !== null];
    assertEquals(winners.filter(Boolean).length, expires ? 0 : 1, `round ${round}: ${winners}`);
    const approved = first.kind === "ok" || second.kind === "ok";
    const inside = await isPaired(store, account, ANN);
    assertEquals(inside, approved && revoked.length === 0, `round ${round}`);
    seen.add(`${winners} ${revoked.length}`);
  }
  assert(seen.size >= 5, `the races ended in ${seen.size} ways`);
});
