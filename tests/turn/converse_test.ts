import { assert, assertEquals, assertMatch } from "@std/assert";
import { allow, revoke } from "../../src/people/pairing_book.ts";
import type { TurnOutcome } from "../../src/gateway/turn.ts";
import { inboxKey, type InboxRow } from "../../src/store/inbox_row.ts";
import { inboxRows } from "../../src/store/inbox.ts";
import { parsePhone } from "../../src/policy/phone.ts";
import type { RowKey } from "../../src/store/kv.ts";
import { DEAD } from "../../src/store/dead_letter.ts";
import { ANN, createKit, type Kit, replied } from "../bridge/kit.ts";

async function dead({ store }: Kit): Promise<string[]> {
  const reasons: string[] = [];
  for await (const { value } of store.list({ prefix: DEAD })) {
    reasons.push(value.reason);
  }
  return reasons;
}

async function waiting({ store }: Kit): Promise<number> {
  let count = 0;
  for await (const _ of inboxRows(store)) count++;
  return count;
}

const bodies = (kit: Kit) => kit.sent.map(({ body }) => body);

Deno.test("createConverser() answers the texts of a sender one after the other", async () => {
  const gates = new Map<string, PromiseWithResolvers<TurnOutcome>>();
  await using kit = await createKit({
    turn: ({ row }) => {
      const gate = Promise.withResolvers<TurnOutcome>();
      gates.set(row.text, gate);
      return gate.promise;
    },
  });
  await kit.text("one");
  await kit.rest();
  await kit.text("two");
  await kit.rest();
  assertEquals([...gates.keys()], ["one"]);
  gates.get("one")!.resolve(replied("first"));
  await kit.rest(10);
  assertEquals([...gates.keys()], ["one", "two"]);
  gates.get("two")!.resolve(replied("second"));
  await kit.rest(5_000);
  assertEquals(bodies(kit), ["first", "second"]);
  assertEquals(await waiting(kit), 0);
});

Deno.test("createConverser() does not hand over a text whose sender was revoked meanwhile", async () => {
  await using kit = await createKit();
  await revoke(kit.context, ANN);
  await kit.text("still there?");
  await kit.rest(5_000);
  assertEquals(kit.turns.length, 0);
  assertEquals(bodies(kit), []);
  assertEquals(await waiting(kit), 0);
});

Deno.test("createConverser() tells a waiting sender after two minutes, though a bridge whose clock is ahead took the text in", async () => {
  await using kit = await createKit();
  kit.setReady(false);
  await kit.text("hello", ANN, { receivedAtMs: kit.clock.now() + 300_000 });
  await kit.rest(119_000);
  assertEquals(kit.sent.length, 0);
  await kit.rest(2_000);
  assertEquals(kit.sent.length, 1);
});

Deno.test("createConverser() tells a waiting sender once after two minutes, then answers", async () => {
  await using kit = await createKit();
  kit.setReady(false);
  await kit.text("hello");
  await kit.rest(119_000);
  assertEquals(bodies(kit), []);
  await kit.rest(2_000);
  assertEquals(bodies(kit).length, 1);
  assertMatch(bodies(kit)[0]!, /not available right now/);
  await kit.rest(600_000);
  assertEquals(bodies(kit).length, 1);
  assertEquals(kit.turns.length, 0);
  assertEquals(await waiting(kit), 1);
});

Deno.test("createConverser() tells the sender of a text once when its turn takes two minutes", async () => {
  const end = Promise.withResolvers<TurnOutcome>();
  await using kit = await createKit({ turn: () => end.promise });
  await kit.text("hello");
  await kit.rest(119_000);
  assertEquals(bodies(kit), []);
  await kit.rest(1_800_000);
  assertEquals(bodies(kit).length, 1);
  assertMatch(bodies(kit)[0]!, /still working/);
  end.resolve(replied("there"));
  await kit.rest(5_000);
  assertEquals(bodies(kit).slice(1), ["there"]);
});

Deno.test("createConverser() says nothing of a wait once the text is answered", async () => {
  const end = Promise.withResolvers<TurnOutcome>();
  await using kit = await createKit({ turn: () => end.promise });
  await kit.text("hello");
  await kit.rest(119_000);
  end.resolve(replied("there"));
  await kit.rest(600_000);
  assertEquals(bodies(kit), ["there"]);
});

Deno.test("createConverser() tells of a long turn again neither after a restart nor for the same text", async () => {
  const end = Promise.withResolvers<TurnOutcome>();
  await using kit = await createKit({ turn: () => end.promise });
  const started = { bootId: "boot-1", atMs: kit.clock.now() };
  await kit.text("told before", ANN, { started, noticed: true });
  await kit.rest(600_000);
  assertEquals(bodies(kit), []);
  end.resolve(replied("there"));
  await kit.rest(5_000);
  assertEquals(bodies(kit), ["there"]);
});

Deno.test("createConverser() counts the wait of a turn from its beginning before a restart", async () => {
  const end = Promise.withResolvers<TurnOutcome>();
  await using kit = await createKit({ turn: () => end.promise });
  await kit.text("hello", ANN, { started: { bootId: "boot-1", atMs: kit.clock.now() - 100_000 } });
  await kit.rest(22_000);
  assertMatch(bodies(kit)[0] ?? "", /still working/);
  const [row] = await Array.fromAsync(inboxRows(kit.store));
  assertEquals([row?.value.noticed, row?.value.started?.bootId], [true, "boot-1"]);
  end.resolve(replied("there"));
  await kit.rest(5_000);
});

Deno.test("createConverser() does not tell of a wait when that is switched off", async () => {
  const end = Promise.withResolvers<TurnOutcome>();
  await using kit = await createKit({
    turn: () => end.promise,
    bridge: { waitNoticeAfterMs: 0 },
  });
  await kit.text("hello");
  await kit.rest(600_000);
  assertEquals(bodies(kit), []);
  end.resolve(replied("there"));
  await kit.rest(5_000);
});

Deno.test("createConverser() keeps the reason of a failed turn from the sender", async () => {
  await using kit = await createKit({
    turn: () => ({ kind: "failed", detail: "UNAVAILABLE: HTTP 500", sentence: "Sorry." }),
  });
  await kit.text("hello");
  await kit.rest(2_000);
  assertEquals(bodies(kit), ["Sorry."]);
  assert(kit.logged.some((line) => line.includes("HTTP 500")));
});

Deno.test("createConverser() does not run an uncertain turn again, and keeps it for the operator", async () => {
  await using kit = await createKit({ turn: () => ({ kind: "uncertain", reason: "who knows" }) });
  await kit.text("hello");
  await kit.rest(2_000);
  assertEquals(kit.turns.length, 1);
  assertEquals(await dead(kit), ["uncertain"]);
  assertMatch(bodies(kit)[0]!, /cannot tell whether/);
});

Deno.test("createConverser() tries again later what was certainly not begun", async () => {
  let tries = 0;
  await using kit = await createKit({
    turn: () =>
      ++tries < 3 ? { kind: "later", afterMs: 1_000, reason: "restarting" } : replied("done"),
  });
  await kit.text("hello");
  await kit.rest(5_000);
  assertEquals([tries, bodies(kit)], [3, ["done"]]);
});

Deno.test("createConverser() takes texts sent in pieces as one turn, in order", async () => {
  await using kit = await createKit({ bridge: { burstWindowMs: 1_500 } });
  const first = await kit.text("I wanted to ask");
  await kit.rest(1_000);
  await kit.text("about Saturday");
  await kit.rest(1_000);
  await kit.text("and Sunday");
  assertEquals(kit.turns.length, 0);
  await kit.rest(3_000);
  assertEquals(kit.turns.map(({ row }) => [row.messageSid, row.text]), [
    [first.messageSid, "I wanted to ask\nabout Saturday\nand Sunday"],
  ]);
  await kit.text("thanks");
  await kit.rest(3_000);
  assertEquals(kit.turns.length, 2);
  assertEquals(await waiting(kit), 0);
});

Deno.test("createConverser() begins at once, and takes what comes meanwhile as the next turn", async () => {
  const busy = Promise.withResolvers<void>();
  await using kit = await createKit({
    bridge: { burstWindowMs: 0 },
    turn: async ({ row }) => {
      if (row.text === "one") await busy.promise;
      return replied(row.text.toUpperCase());
    },
  });
  await kit.text("one");
  await kit.rest(0);
  assertEquals(kit.turns.map(({ row }) => row.text), ["one"]);
  for (const text of ["two", "three", "/status", "four"]) await kit.text(text);
  await kit.rest(60_000);
  busy.resolve();
  await kit.rest(10_000);
  assertEquals(kit.turns.map(({ row }) => row.text), ["one", "two\nthree", "/status", "four"]);
  assertEquals(bodies(kit), ["ONE", "TWO\nTHREE", "/STATUS", "FOUR"]);
  assertEquals(await waiting(kit), 0);
});

Deno.test("createConverser() keeps /stop in its place, also where it stops nothing", async () => {
  await using kit = await createKit();
  kit.setReady(false);
  const rows: InboxRow[] = [];
  for (const text of ["/stop", "hello", "more", "/stop now", "bye"]) {
    rows.push(await kit.text(text));
  }
  // The next start is told of all of them at once.
  await using next = await createKit();
  await Promise.all(
    rows.map((row) => next.store.commit({ set: [{ key: inboxKey(row.id), value: row }] })),
  );
  await next.converser.start(rows);
  await next.rest(60_000);
  assertEquals(next.turns.map(({ row }) => row.text), ["/stop", "hello\nmore", "/stop now", "bye"]);
});

Deno.test("createConverser() puts no more texts into a turn than fit a row, and none is lost", async () => {
  const busy = Promise.withResolvers<void>();
  await using kit = await createKit({
    turn: async ({ row }) => {
      if (row.text === "first") await busy.promise;
      return replied("ok");
    },
  });
  await kit.text("first");
  await kit.rest(0);
  const long = Array.from({ length: 14 }, (_, i) => `${i} ${"x".repeat(3_000)}`);
  for (const text of long) await kit.text(text);
  busy.resolve();
  await kit.rest(100_000);
  assertEquals(kit.turns.slice(1).flatMap(({ row }) => row.text.split("\n")), long);
  assert(kit.turns.every(({ row }) => row.text.length <= 16_000));
  assertEquals(await waiting(kit), 0);
});

Deno.test("createConverser() stops answering the same text again and again, and says so once", async () => {
  await using kit = await createKit({ turn: () => replied("I am a machine") });
  for (let i = 0; i < 12; i++) {
    await kit.text("I am a machine too");
    await kit.rest(4_000);
  }
  const answers = bodies(kit).filter((body) => body === "I am a machine");
  assert(answers.length <= 5, `${answers.length} answers`);
  assertEquals(kit.sent.length, answers.length + 1, "and one sentence about the pause");
  assertEquals(kit.logged.filter((line) => line.includes("conversation.paused")).length, 1);
});

Deno.test("createConverser() gives the agent no text that shows nothing, and answers none", async () => {
  await using kit = await createKit();
  for (const text of ["", " ", "\n", "\u00a0", "\u3000", "\ufeff", "\u2028", "\u200b"]) {
    await kit.text(text);
    await kit.rest(5_000);
  }
  assertEquals(kit.turns, []);
  assertEquals(kit.sent, []);
  assertEquals(await waiting(kit), 0);
});

const SERVICE = { fromNumber: undefined, messagingServiceSid: `MG${"0".repeat(32)}` };
const WITH_PICTURE = (text: string): TurnOutcome => ({
  kind: "reply",
  payloads: [{ text, mediaUrls: ["https://example.com/cat.png"] }],
});

Deno.test("createConverser() leaves room for the picture of a long answer", async () => {
  await using kit = await createKit({
    turn: () => WITH_PICTURE("A word. ".repeat(20_000)),
    account: SERVICE,
  });
  await kit.text("tell me everything");
  await kit.rest(120_000);
  assertMatch(bodies(kit)[0]!, /^\(1\/\d\) A word\./);
  assertEquals(kit.sent.at(-1)!.mediaUrls, ["https://example.com/cat.png"]);
  assertEquals(await dead(kit), []);
});

Deno.test("createConverser() names a picture that the budget of one segment leaves no room for", async () => {
  const limits = {
    segmentsPerReplyMax: 1,
    segmentsPerSenderHourMax: 0,
    segmentsPerSenderDayMax: 0,
    segmentsPerDayMax: 0,
  };
  await using kit = await createKit({
    turn: () => WITH_PICTURE("Here it is."),
    bridge: { limits: { ...limits, repliesPerSenderMinuteMax: 0 } },
    account: SERVICE,
  });
  await kit.text("a picture, please");
  await kit.rest(10_000);
  assertEquals(bodies(kit), ["https://example.com/cat.png\n\nHere it is."]);
});

Deno.test("createConverser() names a picture by its link that Twilio does not fetch without TLS", async () => {
  const mediaUrls = ["http://example.com/cat.png", "http://localhost/dog.png"];
  await using kit = await createKit({
    turn: () => ({ kind: "reply", payloads: [{ text: "Here they are.", mediaUrls }] }),
    account: SERVICE,
  });
  await kit.text("pictures, please");
  await kit.rest(10_000);
  assertEquals(bodies(kit), [
    "Here they are.\n\nhttp://example.com/cat.png\n\n" +
    "(A file could not be sent: dog.png, there is no such file)",
  ]);
});

Deno.test("createConverser() is silent where the agent says invisible characters only", async () => {
  await using kit = await createKit({ turn: () => replied("\u200b") });
  await kit.text("hello");
  await kit.rest(5_000);
  assertEquals(kit.sent, []);
  assertEquals(await dead(kit), []);
});

Deno.test("createConverser() takes up what waits little by little, so that others are served between", async () => {
  await using kit = await createKit();
  const { store } = kit.context;
  const row = await kit.text("first");
  await kit.rest(5_000);
  const waits = Array.from({ length: 300 }, (_, i) => {
    const id = kit.context.sequence.next();
    return { ...row, id, messageSid: `SM${id}`, from: parsePhone(`+1202555${1_000 + i}`)! };
  });
  for (const { from } of waits) await allow(kit.context, "default", from);
  await store.commit({ set: waits.map((value) => ({ key: inboxKey(value.id), value })) });
  let underWay = 0;
  let most = 0;
  // Its rows come one after the other, as those of a disk do.
  let last: Promise<unknown> = Promise.resolve();
  async function get<T>(key: RowKey<T>) {
    most = Math.max(most, ++underWay);
    const read = last.then(() => store.get(key)).finally(() => underWay--);
    last = read;
    return await read;
  }
  Object.assign(kit.context, { store: { ...store, get } });
  await kit.converser.start();
  await kit.rest(1_000);
  assertEquals(kit.turns.length, 301);
  assert(most < 50, `${most} reads at once`);
});
