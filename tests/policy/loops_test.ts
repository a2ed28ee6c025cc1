import { assert, assertEquals } from "@std/assert";
import {
  decideLoop,
  type LoopState,
  neverAnswered,
  NO_LOOP,
  noteReply,
} from "../../src/policy/loops.ts";
import { seededRandom } from "../../src/system/random.ts";
import { parseSender, type Phone } from "../../src/policy/phone.ts";

const MINUTE_MS = 60_000;
const NOW_MS = 1_795_000_000_000;

/** A conversation in which each text that is answered is answered after a second. */
function createConversation() {
  let state: LoopState = NO_LOOP;
  let nowMs = NOW_MS;
  let replies = 0;
  return {
    get replies() {
      return replies;
    },
    get nowMs() {
      return nowMs;
    },
    /** A text that comes `afterMs` after the last thing that happened. */
    text(text: string, afterMs: number, answered = true) {
      nowMs += afterMs;
      const decision = decideLoop(state, { text, nowMs });
      state = decision.state;
      if (decision.kind === "answer" && answered) {
        nowMs += 1_000;
        state = noteReply(state, nowMs);
        replies++;
      }
      return decision;
    },
  };
}

Deno.test("decideLoop() stops after five replies to the same text", () => {
  const talk = createConversation();
  const kinds = Array.from({ length: 6 }, () => talk.text(" I am out of office ", MINUTE_MS));
  assertEquals(kinds.map(({ kind }) => kind), [...Array(5).fill("answer"), "paused"]);
  const last = kinds[5]!;
  assert(last.kind === "paused");
  assertEquals([last.reason, last.untilMs], ["same-text", talk.nowMs + 15 * MINUTE_MS]);
  assertEquals(talk.replies, 5);
});

Deno.test("decideLoop() stops within five replies to answers too quick for a person", () => {
  const talk = createConversation();
  for (let i = 0; i < 50; i++) talk.text(`Thank you, and what about number ${i}?`, 1_500);
  assertEquals(talk.replies, 5);
});

Deno.test("decideLoop() allows long texts more time before it takes them for a person's", () => {
  const talk = createConversation();
  const essay = (i: number) => `${i} ${"A language model has much to say about this. ".repeat(8)}`;
  for (let i = 0; i < 20; i++) talk.text(essay(i), 15_000);
  assertEquals(talk.replies, 5);
});

Deno.test("decideLoop() counts what another bridge sends in pieces", () => {
  const talk = createConversation();
  for (let i = 0; i < 20; i++) {
    talk.text(`The first part of answer ${i}`, 2_000, false);
    talk.text(`The second part of answer ${i}`, 10);
  }
  assert(talk.replies <= 5, `${talk.replies}`);
});

Deno.test("decideLoop() does not mind a person who writes fast, or in pieces", () => {
  const talk = createConversation();
  for (let i = 0; i < 100; i++) {
    assertEquals(talk.text(`what about ${i}`, 4_000).kind, "answer");
    for (const piece of ["and", `also ${i}`]) talk.text(piece, 500, false);
  }
});

Deno.test("decideLoop() forgets quick answers at the first slow one, and a text at the next other", () => {
  const talk = createConversation();
  for (let i = 0; i < 20; i++) {
    for (let n = 0; n < 4; n++) assertEquals(talk.text(`quick ${i}.${n}`, 1_000).kind, "answer");
    assertEquals(talk.text(`slow ${i}`, MINUTE_MS).kind, "answer");
  }
  for (let i = 0; i < 20; i++) {
    assertEquals(talk.text(i % 5 === 4 ? "stop paging" : "more", MINUTE_MS).kind, "answer");
  }
});

Deno.test("decideLoop() takes a text that comes again after long for a new one", () => {
  const talk = createConversation();
  for (let day = 0; day < 20; day++) {
    assertEquals(talk.text("good morning", 24 * 60 * MINUTE_MS).kind, "answer");
  }
});

Deno.test("decideLoop() answers nothing during the pause, and goes on after it", () => {
  const talk = createConversation();
  for (let i = 0; i < 6; i++) talk.text("I am out of office", MINUTE_MS);
  const during = talk.text("hello?", MINUTE_MS);
  assert(during.kind === "paused");
  assertEquals(during.reason, "paused");
  assertEquals(talk.text("hello?", during.untilMs - talk.nowMs - 1).kind, "paused");
  assertEquals(talk.text("hello?", 1).kind, "answer");
});

Deno.test("decideLoop() ends a pause that the clock, set back, would make endless", () => {
  const talk = createConversation();
  for (let i = 0; i < 6; i++) talk.text("ping", MINUTE_MS);
  assertEquals(talk.text("hello?", -24 * 60 * MINUTE_MS).kind, "answer");
});

Deno.test("decideLoop() keeps no word of a text", () => {
  const { state } = decideLoop(NO_LOOP, { text: "secret", nowMs: NOW_MS });
  assert(!JSON.stringify(state).includes("secret"));
});

Deno.test("neverAnswered() names our own numbers and what is no number", () => {
  const own = ["+12025550100" as Phone];
  const senders = [
    "+12025550111",
    "rcs:+12025550111",
    "+12025550100",
    "32665",
    "MyBank",
    "whatsapp:+1",
    "",
  ];
  assertEquals(senders.map((from) => neverAnswered(parseSender(from), own)), [
    null,
    null,
    "own-number",
    "short-code",
    "alphanumeric",
    "other-channel",
    "invalid",
  ]);
});

Deno.test("decideLoop() answers people who repeat a word, and what they write then", () => {
  for (const word of ["next", "more", "yes"]) {
    const talk = createConversation();
    for (let i = 0; i < 7; i++) assertEquals(talk.text(word, 9_000).kind, "answer");
    assertEquals(talk.text("are you there?", 9_000).kind, "answer");
    assertEquals(talk.replies, 8);
  }
});

Deno.test("decideLoop() answers people who repeat any short text for minutes", () => {
  for (const word of ["next", "Next question please", "show me more", "\u6b21", "ok"]) {
    const talk = createConversation();
    for (let i = 0; i < 40; i++) assertEquals(talk.text(word, 9_000).kind, "answer", word);
  }
});

/** How many of the texts of some hours are answered, where pauses are waited for. */
function answersOf(hours: number, gapMs: (i: number) => number): number {
  const talk = createConversation();
  const endMs = NOW_MS + hours * 60 * MINUTE_MS;
  for (let i = 0; talk.nowMs < endMs; i++) talk.text(`text number ${i} of many`, gapMs(i));
  return talk.replies;
}

Deno.test("decideLoop() finds a machine by its rhythm, and lets it rest for longer each time", () => {
  for (const everyS of [9, 60, 10 * 60]) {
    const inAll = 12 * 3_600 / everyS;
    const answers = answersOf(12, () => everyS * 1_000);
    assert(answers <= 25 || answers < inAll / 10, `every ${everyS} s: ${answers} of ${inAll}`);
  }
});

Deno.test("decideLoop() finds a machine that answers within seconds for hours, however irregularly", () => {
  const random = seededRandom(3);
  const talk = createConversation();
  const endMs = NOW_MS + 12 * 60 * MINUTE_MS;
  for (let i = 0; talk.nowMs < endMs; i++) {
    talk.text(`a long answer of another model, number ${i}`, 6_000 + random.below(20_000));
  }
  assert(talk.replies < 400, `${talk.replies}`);
});

Deno.test("decideLoop() finds who texts for hours without a break", () => {
  const random = seededRandom(4);
  const answers = answersOf(12, () => 35_000 + random.below(120_000));
  assert(answers < 250, `${answers} answers`);
});

Deno.test("decideLoop() leaves a busy evening of a person's alone", () => {
  const random = seededRandom(5);
  const talk = createConversation();
  for (let i = 0; i < 200; i++) {
    const looksUp = i % 25 === 24 ? 15 * MINUTE_MS : 0;
    const gapMs = 8_000 + random.below(90_000) + looksUp;
    assertEquals(talk.text(`and what about ${i}`, gapMs).kind, "answer", `text ${i}`);
  }
  for (let i = 0; i < 100; i++) {
    assertEquals(talk.text("Turn the heating on", 60 * MINUTE_MS).kind, "answer", "every hour");
  }
});

Deno.test("decideLoop() finds a machine by its rhythm though texts are lost now and then", () => {
  const answers = answersOf(6, (i) => i % 20 === 19 ? 45_000 : 20_000);
  assert(answers < 300, `${answers} answers`);
});

Deno.test("decideLoop() finds a machine by its rhythm though texts are held up on their way", () => {
  const heldUpMs = (i: number) => i % 12 === 10 ? 6_000 : i % 12 === 11 ? -6_000 : 0;
  const answers = answersOf(6, (i) => 32_000 + heldUpMs(i));
  assert(answers < 200, `${answers} answers`);
});
