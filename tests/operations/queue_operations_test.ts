import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Operations, operationsOn } from "../../src/operations/operations.ts";
import { Failure } from "../../src/system/failure.ts";
import type { SendOutcome } from "../../src/twilio/rest.ts";
import { deadKey } from "../../src/store/dead_letter.ts";
import { createDisk, openDisk } from "../simulation/memory_store.ts";
import { accepted, ANN, createKit, type Kit, replied } from "../bridge/kit.ts";
import { NO_LIMITS } from "../policy/no_limits.ts";

const REFUSED: SendOutcome = {
  kind: "refused",
  httpStatus: 400,
  code: 21211,
  class: "destination",
  message: "21211: the number is not valid",
};

function operationsOf(kit: Kit): Operations {
  const { context: { store, clock, random, settings }, converser, deliverer } = kit;
  return operationsOn({
    store,
    clock,
    random,
    settings,
    accounts: () => settings().accountChoice,
    takeUp: (one) => one.queue === "inbox" ? converser.wake(one.row) : deliverer.wake(one.row),
  });
}

function ok<T>(result: T | Failure): T {
  if (result instanceof Failure) throw result;
  return result;
}

async function items(queue: Operations, name?: string) {
  return ok(await queue.ask("listQueue", name === undefined ? {} : { queue: name })).items;
}

Deno.test("retryQueued() sends a message that was given up, from where it stopped", async () => {
  let refuse = true;
  await using kit = await createKit({
    turn: () => replied("word ".repeat(400)),
    bridge: { limits: NO_LIMITS },
    send: (_, count) => count > 1 && refuse ? REFUSED : accepted(count),
  });
  const queue = operationsOf(kit);
  await kit.text("hello");
  await kit.rest(10_000);
  const [dead] = await items(queue, "dead");
  assertEquals([dead!.state, dead!.sent?.chunks], ["refused", 1]);
  refuse = false;
  ok(await queue.ask("retryQueued", { id: dead!.id }));
  await kit.rest(10_000);
  assertEquals(await items(queue), []);
  const bodies = kit.sent.map(({ body }) => body);
  assertEquals(
    bodies.filter((body) => body === bodies[0]).length,
    1,
    "the first is not sent again",
  );
  assertEquals(bodies[2], bodies[1], "the refused one is");
});

Deno.test("retryQueued() gives an uncertain text to the agent again", async () => {
  let count = 0;
  await using kit = await createKit({
    turn: () => ++count === 1 ? { kind: "uncertain", reason: "test" } : replied("now"),
  });
  const queue = operationsOf(kit);
  await kit.text("hello");
  await kit.rest(5_000);
  const [dead] = await items(queue, "dead");
  assertEquals(dead?.state, "uncertain");
  ok(await queue.ask("retryQueued", { id: dead!.id }));
  await kit.rest(5_000);
  assertEquals(kit.turns.map(({ row }) => row.started), [null, null]);
  assertEquals(kit.sent.at(-1)?.body, "now");
  assertEquals(await items(queue), []);
});

Deno.test("retryQueued() tells what waits, what is unknown and what is empty apart", async () => {
  await using kit = await createKit();
  const queue = operationsOf(kit);
  kit.setReady(false);
  const { id } = await kit.text("hello");
  await kit.rest();
  const waits = await queue.ask("retryQueued", { id: String(id) });
  const unknown = await queue.ask("retryQueued", { id: "7" });
  assert(waits instanceof Failure && unknown instanceof Failure);
  assertEquals([waits.code, unknown.code], ["queue-item-waits", "queue-item-unknown"]);
  for (const { hint } of [waits, unknown]) assertMatch(hint, /sms-bridge queue list/);
});

Deno.test("dropQueued() lets a text go while it waits for the agent", async () => {
  await using kit = await createKit();
  const queue = operationsOf(kit);
  kit.setReady(false);
  const { id } = await kit.text("hello");
  await kit.rest();
  ok(await queue.ask("dropQueued", { id: String(id) }));
  kit.setReady(true);
  await kit.text("next");
  await kit.rest(200_000);
  assertEquals(kit.turns.map(({ row }) => row.text), ["next"]);
  assertEquals(await items(queue), []);
});

Deno.test("dropQueued() lets a message go while Twilio refuses it", async () => {
  await using kit = await createKit({
    send: () => ({ kind: "unprocessed", reason: "connect", httpStatus: null, code: null }),
  });
  const queue = operationsOf(kit);
  await kit.text("hello");
  await kit.rest(5_000);
  const [item] = await items(queue, "outbox");
  assertEquals(item?.state, "trying-again");
  ok(await queue.ask("dropQueued", { id: item!.id }));
  const tried = kit.sent.length;
  await kit.rest(3_600_000);
  assertEquals([kit.sent.length - tried, await items(queue)], [0, []]);
});

Deno.test("importQueued() takes each exported row in once, in an empty store as in the old one", async () => {
  await using kit = await createKit({ turn: () => ({ kind: "uncertain", reason: "test" }) });
  const queue = operationsOf(kit);
  await kit.text("lost");
  await kit.rest(5_000);
  kit.setReady(false);
  const text = await kit.text("waits");
  const { lines, after } = ok(await queue.ask("exportQueue", {}));
  assertEquals([lines.length, after], [2, null]);
  for (const line of lines) {
    assertEquals(await queue.ask("importQueued", { line }), { imported: false });
  }

  const store = openDisk(createDisk(), () => "none", () => {});
  const taken: string[] = [];
  const elsewhere = operationsOn({
    store,
    clock: kit.clock,
    random: kit.context.random,
    settings: kit.context.settings,
    accounts: () => kit.context.settings().accountChoice,
    takeUp: (one) => void taken.push(`${one.queue} ${one.row.id}`),
  });
  for (const imported of [true, false]) {
    for (const line of lines) {
      assertEquals(await elsewhere.ask("importQueued", { line }), { imported });
    }
  }
  assertEquals(taken, [`inbox ${text.id}`]);
  assertEquals(ok(await elsewhere.ask("exportQueue", {})).lines, lines);
  assertEquals(ok(await elsewhere.ask("showQueued", { id: String(text.id) })).bodies, ["waits"]);
});

Deno.test("importQueued() keeps a dead letter for 30 days, as where it was given up", async () => {
  await using kit = await createKit({ turn: () => ({ kind: "uncertain", reason: "test" }) });
  await kit.text("lost");
  await kit.rest(5_000);
  const [line] = ok(await operationsOf(kit).ask("exportQueue", {})).lines;
  const store = openDisk(createDisk(), () => "none", () => {});
  const kept: (number | undefined)[] = [];
  const { clock, random, settings } = kit.context;
  const elsewhere = operationsOn({
    store: {
      ...store,
      commit(change) {
        kept.push(...(change.set ?? []).map(({ expireInMs }) => expireInMs));
        return store.commit(change);
      },
    },
    clock,
    random,
    settings,
    accounts: () => settings().accountChoice,
  });
  assertEquals(await elsewhere.ask("importQueued", { line: line! }), { imported: true });
  assertEquals(kept, [30 * 24 * 3_600_000]);
});

Deno.test("importQueued() names what is wrong with a line, and takes nothing of it", async () => {
  await using kit = await createKit();
  const queue = operationsOf(kit);
  kit.setReady(false);
  await kit.text("hello");
  const line = ok(await queue.ask("exportQueue", {})).lines[0]!;
  const cases: [string, RegExp][] = [
    ["{", /not JSON/],
    [line.replace('"queue":"inbox"', '"queue":"box"'), /"queue" must be one of/],
    [line.replace(`"from":"${ANN}"`, '"from":"555"'), /"from" of its row/],
    [line.replace('"media":[]', '"media":[{"url":1}]'), /"media" of its row/],
  ];
  for (const [wrong, message] of cases) {
    const result = await queue.ask("importQueued", { line: wrong });
    assert(result instanceof Failure && result.kind === "usage", wrong);
    assertMatch(result.message, message);
  }
  assertEquals((await items(queue)).length, 1);
});

Deno.test("exportQueue() gives everything in pieces, in order and once", async () => {
  await using kit = await createKit();
  const queue = operationsOf(kit);
  kit.setReady(false);
  const ids: number[] = [];
  // Commands, as texts of one sender that wait become one.
  for (let i = 0; i < 450; i++) ids.push((await kit.text(`/status ${i}`)).id);
  const got: number[] = [];
  let after: string | null = null;
  let pieces = 0;
  do {
    const page: { lines: string[]; after: string | null } = ok(
      await queue.ask("exportQueue", after === null ? {} : { after }),
    );
    got.push(...page.lines.map((line) => JSON.parse(line).row.id));
    after = page.after;
    pieces++;
  } while (after !== null);
  assertEquals([got, pieces], [ids, 3]);
});

/** A line of an export with a message that was never sent. */
function waiting(id: number, createdAtMs: number, body = "hello", segments = 1): string {
  const chunk = { body, segments, mediaUrls: [] };
  const row = {
    id,
    account: "default",
    to: ANN,
    kind: "reply",
    inReplyTo: null,
    chunks: [chunk],
    sids: [],
    begunAtMs: null,
    attempts: 0,
    notBeforeMs: 0,
    createdAtMs,
  };
  return JSON.stringify({ schema: 1, queue: "outbox", row });
}

Deno.test("importQueued() lets no message past the budgets: what has no room waits, and is counted once", async () => {
  await using kit = await createKit({
    bridge: { limits: { segmentsPerSenderHourMax: 3, repliesPerSenderMinuteMax: 0 } },
  });
  const queue = operationsOf(kit);
  for (let i = 1; i <= 5; i++) {
    const line = waiting(i, kit.clock.now(), `number ${i}`);
    assertEquals(await queue.ask("importQueued", { line }), { imported: true });
  }
  await kit.rest(600_000);
  assertEquals(kit.sent.map(({ body }) => body), ["number 1", "number 2", "number 3"]);
  assertEquals((await items(queue, "outbox")).length, 2);
  assertEquals(kit.logged.filter((line) => line.includes("budget.spent")).length, 1);
  await kit.rest(3_600_000);
  assertEquals(kit.sent.map(({ body }) => body).slice(3), ["number 4", "number 5"]);
  assertEquals(await items(queue), []);
});

Deno.test("importQueued() lets no message be longer than one of ours, nor as a dead letter that is tried again", async () => {
  await using kit = await createKit({ bridge: { limits: { segmentsPerReplyMax: 2 } } });
  const queue = operationsOf(kit);
  const line = waiting(1, kit.clock.now(), "word ".repeat(100), 4);
  ok(await queue.ask("importQueued", { line }));
  await kit.rest(60_000);
  assertEquals((await items(queue)).map(({ state }) => state), ["budget-reply"]);
  const { lines } = ok(await queue.ask("exportQueue", {}));
  ok(await queue.ask("dropQueued", { id: "1" }));
  await kit.rest();
  ok(await queue.ask("importQueued", { line: lines[0]!.replaceAll('"id":1,', '"id":2,') }));
  ok(await queue.ask("retryQueued", { id: "2" }));
  await kit.rest(60_000);
  assertEquals([kit.sent, (await items(queue)).map(({ state }) => state)], [[], ["budget-reply"]]);
});

Deno.test("importQueued() refuses a row that the store cannot hold, and says how large it is and may be", async () => {
  await using kit = await createKit();
  const queue = operationsOf(kit);
  const line = waiting(1, kit.clock.now(), "ü".repeat(1_600), 11);
  const { row: { chunks: [chunk], ...row }, ...rest } = JSON.parse(line);
  const chunks = Array(100).fill(chunk);
  const long = JSON.stringify({ ...rest, row: { ...row, chunks } });
  const result = await queue.ask("importQueued", { line: long });
  assert(result instanceof Failure && result.kind === "usage");
  assertMatch(
    result.message,
    /cannot hold it: a row of `outbox` has 16\d{4} bytes, and it takes 65536$/,
  );
  assertMatch(result.hint, /queue export/);
  assertEquals(await items(queue), []);
});

Deno.test("listQueue() and showQueued() show no key and no whole number of an item that was taken in", async () => {
  await using kit = await createKit();
  const queue = operationsOf(kit);
  const [key, number] = ["sk-live0123456789abcdef", "+12025550101"];
  const letter = {
    id: 1_795_983_081_970_049,
    from: "webhook" as const,
    account: "default",
    phone: null,
    messageSid: null,
    reason: number,
    detail: `${key} for ${number}`,
    atMs: kit.clock.now(),
  };
  await kit.store.commit({ set: [{ key: deadKey(letter.id), value: letter }] });
  const shown = JSON.stringify([
    await items(queue),
    ok(await queue.ask("showQueued", { id: String(letter.id) })),
  ]);
  assertMatch(shown, /•••/);
  assertEquals([shown.includes(key), shown.includes(number)], [false, false]);
});
