import { assert, assertEquals, assertMatch } from "@std/assert";
import { setOptOut } from "../../src/people/opt_out.ts";
import { allow } from "../../src/people/pairing_book.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { readSender } from "../../src/store/sender_row.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { DEAD, type DeadLetter } from "../../src/store/dead_letter.ts";
import { OUTBOX, outboxKey, type OutboxRow } from "../../src/store/outbox_row.ts";
import type { OutgoingMessage, SendOutcome } from "../../src/twilio/rest.ts";
import type { MessageRecord } from "../../src/twilio/records.ts";
import { renderReply } from "../../src/text/sms/render.ts";
import { toOutbox } from "../../src/outbound/compose.ts";
import { accepted, ANN, createKit, type Kit, type KitOptions, replied } from "../bridge/kit.ts";
import { NO_LIMITS } from "../policy/no_limits.ts";

const LONG = Array.from({ length: 60 }, (_, i) => `This is sentence number ${i}.`).join(" ");
const bodies = (kit: Kit) => kit.sent.map(({ body }) => body);

async function dead({ store }: Kit): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const { value } of store.list({ prefix: DEAD })) {
    letters.push(value);
  }
  return letters;
}

async function outbox({ store }: Kit): Promise<OutboxRow[]> {
  const rows: OutboxRow[] = [];
  for await (const { value } of store.list({ prefix: OUTBOX })) rows.push(value);
  return rows;
}

function record(message: OutgoingMessage, sid: string, createdAtMs: number): MessageRecord {
  return {
    sid,
    direction: "outbound-api",
    body: message.body ?? "",
    createdAtMs,
    status: "sent",
    to: message.to,
  } as unknown as MessageRecord;
}

const noAnswer: SendOutcome = {
  kind: "unknown",
  reason: "connection-lost",
  httpStatus: null,
  code: null,
};

Deno.test("createDeliverer() sends the chunks of a reply in order, a second apart", async () => {
  await using kit = await createKit({ turn: () => replied(LONG) });
  await kit.text("tell me everything");
  await kit.rest(100);
  assertEquals(kit.sent.length, 1);
  await kit.rest(1_000);
  assertEquals(kit.sent.length, 2);
  assertMatch(bodies(kit)[0]!, /^\(1\/2\) This is sentence number 0\./);
  assertMatch(bodies(kit)[1]!, /^\(2\/2\) .*number 59\.$/s);
  assertEquals(await outbox(kit), []);
});

/** A message that waits for nothing but `more`. */
function composed({ context }: Kit, to: Phone, more: Partial<OutboxRow> = {}): OutboxRow {
  const envelope = { account: "default", to, kind: "reply", inReplyTo: null } as const;
  return { ...toOutbox(context, envelope, renderReply("hello"))!, ...more };
}

Deno.test("Deliverer.claim() begins nothing for somebody who is being sent something, but for others", async () => {
  await using kit = await createKit({ bridge: { messagesPerSecond: 1_000 } });
  const claim = (to: string) => kit.deliverer.claim(composed(kit, to as Phone));
  const first = claim(ANN)!;
  assertEquals(claim(ANN), null);
  claim("+12025550199")!.settle(null);
  first.settle(null);
  await kit.rest();
  claim(ANN)!.settle(null);
});

Deno.test("Deliverer.claim() begins a message with the commit that makes it, unless something keeps it", async () => {
  await using kit = await createKit();
  const compose = (to = ANN, more: Partial<OutboxRow> = {}) => composed(kit, to, more);
  const picture = { body: "", segments: 1, mediaUrls: ["https://example.com/a.png"] };
  const kept: [why: string, row: OutboxRow][] = [
    ["the account is gone", compose(ANN, { account: "gone" })],
    ["it has a file", compose(ANN, { chunks: [picture] })],
    ["it speaks of a text that may be answered", compose(ANN, { whileWaiting: 1 })],
    ["it has met no budget", compose(ANN, { uncounted: true })],
    ["it is for later", compose(ANN, { notBeforeMs: kit.clock.now() + 1 })],
  ];
  for (const [why, row] of kept) assertEquals(kit.deliverer.claim(row), null, why);
  const claim = kit.deliverer.claim(compose())!;
  assertEquals(claim.row.begunAtMs, kit.clock.now());
  claim.settle(null);
  await kit.rest();
  assertEquals(kit.deliverer.claim(compose()), null, "its number has had its turn");
  assertEquals([kit.sent.length, kit.deliverer.pending], [0, 0], "what is not on disk is not sent");
  await kit.rest(1_000);
  kit.deliverer.claim(compose())?.settle(null);
});

Deno.test("createDeliverer() sends a reply after what its person is being sent already", async () => {
  await using kit = await createKit({
    turn: ({ row }) => replied(row.text === "first" ? LONG : "second"),
  });
  await kit.text("first");
  await kit.rest(100);
  await kit.text("next");
  await kit.rest(10_000);
  assertEquals(bodies(kit).map((body) => body?.slice(0, 5)), ["(1/2)", "(2/2)", "secon"]);
});

Deno.test("createDeliverer() paces a Messaging Service faster than a number", async () => {
  const took = async (account: KitOptions["account"]) => {
    await using kit = await createKit({ account, bridge: { burstWindowMs: 0 } });
    const beganAtMs = kit.clock.now();
    for (let i = 0; i < 10; i++) {
      const from = `+1202555010${i}` as Phone;
      await allow(kit.context, "default", from);
      await kit.text("hello", from);
    }
    while (kit.sent.length < 10) await kit.rest(100);
    return kit.clock.now() - beganAtMs;
  };
  const number = await took({});
  const service = await took({ fromNumber: undefined, messagingServiceSid: "MG1" });
  assert(number >= 9_000 && service <= 1_100, `${number} ms, ${service} ms`);
});

Deno.test("createDeliverer() sends again what was certainly not taken, as late as Twilio asks", async () => {
  await using kit = await createKit({
    send: (_, count) =>
      count === 1
        ? {
          kind: "unprocessed",
          reason: "rate",
          httpStatus: 429,
          code: 20429,
          retryAfterMs: 30_000,
        }
        : accepted(count),
  });
  await kit.text("hello");
  await kit.rest(29_000);
  assertEquals(kit.sent.length, 1);
  await kit.rest(2_000);
  assertEquals(bodies(kit), ["echo: hello", "echo: hello"]);
  assertEquals(await outbox(kit), []);
});

Deno.test("createDeliverer() sends nothing from a number for as long as Twilio asks it to wait", async () => {
  const rate = { kind: "unprocessed", reason: "rate", httpStatus: 429, code: 20429 } as const;
  await using kit = await createKit({
    send: (_, count) => count === 1 ? { ...rate, retryAfterMs: 30_000 } : accepted(count),
  });
  const other = "+12025550199" as Phone;
  await allow(kit.context, "default", other);
  await kit.text("hello");
  await kit.rest(2_000);
  await kit.text("hello", other);
  await kit.rest(27_000);
  assertEquals(kit.sent.map(({ to }) => to), [ANN]);
  await kit.rest(5_000);
  assertEquals(kit.sent.map(({ to }) => to).toSorted(), [ANN, ANN, other]);
});

Deno.test("createDeliverer() waits for the next try no longer than was meant, though a bridge whose clock is ahead has told until when", async () => {
  const rate = { kind: "unprocessed", reason: "rate", httpStatus: 429, code: 20429 } as const;
  await using kit = await createKit({
    send: (_, count) => count === 1 ? { ...rate, retryAfterMs: 30_000 } : accepted(count),
  });
  await kit.text("hello");
  await kit.rest(100);
  const [waiting] = await outbox(kit);
  await kit.rest(40_000);
  assertEquals(kit.sent.length, 2);
  const id = waiting!.id + 1_000_000;
  const notBeforeMs = kit.clock.now() + 300_000 + 30_000;
  const row: OutboxRow = { ...waiting!, id, notBeforeMs };
  await kit.store.commit({ set: [{ key: outboxKey(id), value: row }] });
  kit.deliverer.wake(row);
  await kit.rest(29_000);
  assertEquals(kit.sent.length, 2);
  await kit.rest(2_000);
  assertEquals(kit.sent.length, 3);
  assertEquals(await outbox(kit), []);
});

Deno.test("createDeliverer() does not send again what Twilio's list shows", async () => {
  const sent: OutgoingMessage[] = [];
  let listed = 0;
  await using kit = await createKit({
    send: (message, count) => (sent.push(message), count === 1 ? noAnswer : accepted(count)),
    async *listMessages() {
      listed++;
      const messages = [record(sent[0]!, "SMfound", kit.clock.now())];
      yield { kind: "ok", value: { messages, last: true } } as never;
    },
  });
  await kit.text("hello");
  await kit.rest(60_000);
  assertEquals([kit.sent.length, listed], [1, 1]);
  assertEquals(await outbox(kit), []);
});

Deno.test("createDeliverer() takes absence for an answer only after a grace time", async () => {
  await using kit = await createKit({
    send: (_, count) => count === 1 ? noAnswer : accepted(count),
    async *listMessages() {
      yield { kind: "ok", value: { messages: [], last: true } } as never;
    },
  });
  await kit.text("hello");
  await kit.rest(14_000);
  assertEquals(kit.sent.length, 1);
  await kit.rest(5_000);
  assertEquals(kit.sent.length, 2);
  assertEquals(await outbox(kit), []);
});

Deno.test("createDeliverer() gives a message its whole grace when the machine's clock is corrected", async () => {
  await using kit = await createKit({
    send: (_, count) => count === 1 ? noAnswer : accepted(count),
    async *listMessages() {
      yield { kind: "ok", value: { messages: [], last: true } } as never;
    },
  });
  await kit.text("hello");
  await kit.rest(1_000);
  kit.clock.jump(kit.clock.now() + 20_000);
  await kit.rest(13_000);
  assertEquals(kit.sent.length, 1);
  await kit.rest(5_000);
  assertEquals(kit.sent.length, 2);
});

Deno.test("createDeliverer() keeps what Twilio refused as a dead letter with Twilio's reason", async () => {
  await using kit = await createKit({
    send: () => ({
      kind: "refused",
      httpStatus: 400,
      code: 21610,
      class: "opted-out",
      message: "21610: the recipient has opted out",
    } as SendOutcome),
  });
  await kit.text("hello");
  await kit.rest(2_000);
  const [letter] = await dead(kit);
  assertEquals([letter?.reason, letter?.detail], ["refused", "21610: the recipient has opted out"]);
  const { row } = await readSender(kit.context, "default", ANN);
  assertEquals(row.optedOutAtMs !== null, true, "21610 is remembered");
  await kit.text("hello again");
  await kit.rest(2_000);
  assertEquals([kit.sent.length, kit.turns.length], [1, 1], "nothing more is asked or tried");
});

Deno.test("createDeliverer() sends nothing more of a reply whose recipient says STOP meanwhile", async () => {
  await using kit = await createKit({ turn: () => replied(LONG) });
  await kit.text("tell me everything");
  await kit.rest(100);
  await setOptOut(kit.context, "default", ANN, { optedOut: true });
  await kit.rest(10_000);
  assertEquals(kit.sent.length, 1);
  assertEquals((await dead(kit)).map(({ reason }) => reason), ["opted-out"]);
});

Deno.test("createDeliverer() holds messages while Twilio refuses the credentials", async () => {
  let repaired = false;
  await using kit = await createKit({
    send: (_, count) =>
      repaired ? accepted(count) : {
        kind: "refused",
        httpStatus: 401,
        code: 20003,
        class: "credentials",
        message: "20003: authentication failed",
      } as SendOutcome,
  });
  await kit.text("hello");
  await kit.rest(300_000);
  assertEquals((await outbox(kit)).length, 1);
  repaired = true;
  await kit.rest(61_000);
  assertEquals(await outbox(kit), []);
  assertEquals(await dead(kit), []);
});

Deno.test("enqueue() texts nobody who opted out, and spends no more than the budgets", async () => {
  const limits = { ...NO_LIMITS, segmentsPerSenderHourMax: 3 };
  await using kit = await createKit({ bridge: { limits } });
  const other = "+12025550199" as Phone;
  await setOptOut(kit.context, "default", other, { optedOut: true });
  for (let i = 0; i < 5; i++) {
    await kit.text(`question ${i}`);
    await kit.rest(60_000);
  }
  assertEquals(bodies(kit).slice(0, 3), [
    "echo: question 0",
    "echo: question 1",
    "echo: question 2",
  ]);
  assertEquals(kit.sent.length, 4, "three answers and one sentence about the budget");
  assertMatch(bodies(kit)[3]!, /budget for this hour/);
  assertEquals(await dead(kit), [], "what was not answered is kept");
  await kit.rest(3_600_000);
  assertEquals(bodies(kit).at(-1), "echo: question 3\nquestion 4");
  await kit.text("later");
  await kit.rest(2_000);
  assertEquals(bodies(kit).at(-1), "echo: later");
});

Deno.test("createDeliverer() logs a report that was ahead of Twilio's answer, under the trace of its text", async () => {
  await using kit = await createKit({ send: () => accepted(1) });
  const sid = `SM${"1".padStart(32, "0")}`;
  await keepReport(kit.context, sid, { status: "delivered", errorCode: null });
  await kit.text("hello");
  await kit.rest();
  const traceIn = (event: string) =>
    kit.logged.find((line) => line.includes(event))?.match(/trace=(\S+)/)?.[1];
  assert(traceIn("message.sent") !== undefined);
  assertEquals(traceIn("message.reported"), traceIn("message.sent"));
});
