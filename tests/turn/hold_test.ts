import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { INBOX, type InboxRow } from "../../src/store/inbox_row.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { allow } from "../../src/people/pairing_book.ts";
import { ANN, createKit, type Kit, replied } from "../bridge/kit.ts";
import { NO_LIMITS } from "../policy/no_limits.ts";

const MINUTE_MS = 60_000;
const BOB = "+12025550102" as Phone;

const bodies = (kit: Kit) => kit.sent.map(({ body }) => body);
const asked = (kit: Kit) => kit.turns.map(({ row }) => row.text);

async function waiting(kit: Kit): Promise<InboxRow[]> {
  const rows: InboxRow[] = [];
  for await (const { value } of kit.store.list({ prefix: INBOX })) {
    rows.push(value);
  }
  return rows;
}

/** Texts until the conversation pauses. */
async function looping(kit: Kit): Promise<void> {
  for (let i = 0; i < 6; i++) {
    await kit.text("I am out of office");
    await kit.rest(MINUTE_MS);
  }
}

Deno.test("holdBack() tells of a pause once, keeps what comes, and answers it in one turn", async () => {
  await using kit = await createKit();
  await looping(kit);
  assertEquals([kit.turns.length, kit.sent.length], [5, 6]);
  assertMatch(bodies(kit)[5]!, /rest for 15 minutes\. What you write is kept and answered then\.$/);
  for (const text of ["are you there?", "I am out of office", "hello?"]) {
    await kit.text(text);
    await kit.rest(2 * MINUTE_MS);
  }
  assertEquals([kit.turns.length, kit.sent.length], [5, 6]);
  await kit.rest(15 * MINUTE_MS);
  assertEquals(asked(kit).slice(5), ["are you there?\nhello?"]);
  assertEquals(bodies(kit).slice(6), ["echo: are you there?\nhello?"]);
  assertEquals(await waiting(kit), []);
});

Deno.test("holdBack() keeps a different text that is too quick, and answers it after the pause", async () => {
  await using kit = await createKit();
  for (let i = 0; i < 6; i++) {
    await kit.text(`quick question ${i}`);
    await kit.rest(1_000);
  }
  await kit.rest(30_000);
  const answered = kit.turns.length;
  assert(answered <= 5, `${answered}`);
  await kit.rest(20 * MINUTE_MS);
  const all = asked(kit).join("\n");
  for (let i = 0; i < 6; i++) assertStringIncludes(all, `quick question ${i}`);
  assertEquals(await waiting(kit), []);
});

Deno.test("holdBack() takes so many texts of a pause, and tells the agent of more", async () => {
  await using kit = await createKit();
  await looping(kit);
  for (let i = 0; i < 30; i++) {
    await kit.text(`text ${i}`);
    await kit.rest(5_000);
  }
  await kit.rest(20 * MINUTE_MS);
  assertEquals(kit.turns.length, 6);
  const { text } = kit.turns[5]!.row;
  assertStringIncludes(text, "text 0\n");
  assertStringIncludes(text, "text 19\n[10 more texts came meanwhile and were not kept]");
  assertEquals(await waiting(kit), []);
});

Deno.test("holdBack() stops a different text every 9 s for hours, and others keep their budget", async () => {
  await using kit = await createKit({ turn: ({ row }) => replied(`re ${row.text.slice(0, 20)}`) });
  await allow(kit.context, "default", BOB);
  let texts = 0;
  for (let s = 0; s < 4 * 3_600; s += 9) {
    await kit.text(`thought number ${texts++}`);
    await kit.rest(9_000);
  }
  assert(kit.turns.length < 80, `${kit.turns.length} turns for ${texts} texts`);
  assert(kit.sent.length < 90, `${kit.sent.length} messages`);
  assert((await waiting(kit)).length < 60, `${(await waiting(kit)).length} rows wait`);
  assert(kit.logged.some((line) => /conversation\.paused.*regular/.test(line)));
  await kit.text("hello", BOB);
  await kit.rest(9_000);
  assertEquals([kit.turns.at(-1)!.row.from, kit.sent.at(-1)!.to], [BOB, BOB]);
});

Deno.test("holdBack() runs no turn whose answer the hour has no room for, and tells once", async () => {
  const limits = { ...NO_LIMITS, segmentsPerSenderHourMax: 2 };
  await using kit = await createKit({ bridge: { limits } });
  for (const text of ["one", "two", "three", "four", "five"]) {
    await kit.text(text);
    await kit.rest(MINUTE_MS);
  }
  assertEquals(asked(kit), ["one", "two"]);
  const told =
    "The message budget for this hour is used up. Your text is kept and answered when it frees.";
  assertEquals(bodies(kit), ["echo: one", "echo: two", told]);
  await kit.rest(65 * MINUTE_MS);
  assertEquals(asked(kit).slice(2), ["three\nfour\nfive"]);
  assertEquals(await waiting(kit), []);
});

Deno.test("holdBack() runs no second turn for answers that are too long for what is left", async () => {
  const limits = { ...NO_LIMITS, segmentsPerSenderHourMax: 10 };
  await using kit = await createKit({
    turn: () => replied("A word. ".repeat(120)),
    bridge: { limits },
  });
  for (let i = 0; i < 20; i++) {
    await kit.text(`question ${i}`);
    await kit.rest(MINUTE_MS);
  }
  assertEquals(kit.turns.length, 2);
});

Deno.test("holdBack() lets owners go on where guests have used up their part of the day", async () => {
  const limits = { ...NO_LIMITS, segmentsPerDayMax: 10 };
  await using kit = await createKit({ bridge: { limits, ownerAllowFrom: [`sms:${BOB}`] } });
  await allow(kit.context, "default", BOB);
  for (let i = 0; i < 12; i++) {
    await kit.text(`question ${i}`);
    await kit.rest(MINUTE_MS);
  }
  assertEquals(kit.turns.length, 8);
  await kit.text("status?", BOB);
  await kit.rest(MINUTE_MS);
  assertEquals(asked(kit).at(-1), "status?");
  assertEquals(bodies(kit).at(-1), "echo: status?");
});

Deno.test("holdBack() waits without a word where a minute's wait is all", async () => {
  const limits = { ...NO_LIMITS, repliesPerSenderMinuteMax: 2 };
  await using kit = await createKit({ bridge: { limits } });
  for (const text of ["one", "two", "three"]) {
    await kit.text(text);
    await kit.rest(9_000);
  }
  assertEquals(bodies(kit), ["echo: one", "echo: two"]);
  await kit.rest(MINUTE_MS);
  assertEquals(bodies(kit), ["echo: one", "echo: two", "echo: three"]);
});

Deno.test("holdBack() drops what waits when its sender says STOP", async () => {
  await using kit = await createKit();
  await looping(kit);
  await kit.text("are you there?");
  await kit.rest(MINUTE_MS);
  await kit.take("STOP");
  await kit.rest(20 * MINUTE_MS);
  assertEquals(kit.turns.length, 5);
  assertEquals(await waiting(kit), []);
});

Deno.test("holdBack() does not keep an owner's /stop waiting", async () => {
  await using kit = await createKit({ owner: true });
  await looping(kit);
  await kit.text("/stop");
  await kit.rest(MINUTE_MS);
  assertEquals([asked(kit).at(-1), kit.turns[0]!.row.from], ["/stop", ANN]);
});
