import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { setOptOut } from "../../src/people/opt_out.ts";
import { readMessage } from "../../src/operations/message_view.ts";
import { type SendReceipt, type SendRequest, sendText } from "../../src/outbound/send.ts";
import { createSequence } from "../../src/store/keys.ts";
import { DEAD } from "../../src/store/dead_letter.ts";
import { HISTORY } from "../../src/store/history_row.ts";
import { Failure } from "../../src/system/failure.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";

const ask = ({ context, deliverer }: Kit, request: Partial<SendRequest>) =>
  sendText(context, deliverer.wake, { text: "hello", ...request });

async function noDeadLetters({ store }: Kit): Promise<void> {
  for await (const { value } of store.list({ prefix: DEAD })) {
    throw new Error(`a dead letter: ${value.reason}`);
  }
}

async function queued(kit: Kit, request: Partial<SendRequest>): Promise<SendReceipt> {
  const result = await ask(kit, request);
  assert(!(result instanceof Failure), String(result));
  return result;
}

async function refused(kit: Kit, request: Partial<SendRequest>): Promise<Failure> {
  const result = await ask(kit, request);
  assert(result instanceof Failure, JSON.stringify(result));
  return result;
}

const bodies = (kit: Kit) => kit.sent.map(({ to, body }) => [to, body]);

Deno.test("sendText() renders a message as replies are and sends it to a number as people write it", async () => {
  await using kit = await createKit();
  const { id } = await queued(kit, { to: "sms:+1 (202) 555-0101", text: "It **works**" });
  const message = await readMessage(kit.store, id);
  assertEquals([message?.number, message?.segments, message?.status], [ANN, 1, "waiting"]);
  await kit.rest(100);
  assertEquals(bodies(kit), [[ANN, "It works"]]);
});

Deno.test("sendText() takes the account's defaultTo only where no number is given", async () => {
  await using kit = await createKit();
  assertEquals((await refused(kit, {})).code, "target-missing");
  const settings = kit.context.settings();
  const accounts = settings.accounts.map((one) => ({ ...one, defaultTo: "+12025550177" }));
  const context = { ...kit.context, settings: () => ({ ...settings, accounts }) };
  await sendText(context, kit.deliverer.wake, { text: "to whom it may concern" });
  await sendText(context, kit.deliverer.wake, { text: "to Ann", to: ANN });
  await kit.rest(3_000);
  assertEquals(bodies(kit), [["+12025550177", "to whom it may concern"], [ANN, "to Ann"]]);
});

Deno.test("sendText() refuses what cannot be sent, and says what mends it", async () => {
  await using kit = await createKit({ bridge: { maxChunksPerReply: 2 } });
  const cases: [Partial<SendRequest>, string][] = [
    [{ to: "whatsapp:+12025550101" }, "number-invalid"],
    [{ to: "12345" }, "number-invalid"],
    [{ to: ANN, account: "nobody" }, "account-unknown"],
    [{ to: ANN, text: " \n" }, "text-empty"],
    [{ to: ANN, text: "word ".repeat(2_000) }, "text-too-long"],
    [{ to: ANN, mediaUrls: ["http://example.com/a.png"] }, "media-url-invalid"],
    [{ to: ANN, mediaUrls: Array(11).fill("https://example.com/a.png") }, "media-too-many"],
    [{ to: ANN, idempotencyKey: "" }, "idempotency-key-invalid"],
    [{ to: ANN, idempotencyKey: "ä" }, "idempotency-key-invalid"],
  ];
  for (const [request, code] of cases) {
    const failure = await refused(kit, request);
    assertEquals(failure.code, code);
    assert(failure.hint !== "", code);
  }
  await kit.rest(10_000);
  assertEquals(kit.sent, []);
});

Deno.test("sendText() gives files to the first SMS, also without a text", async () => {
  await using kit = await createKit();
  const mediaUrls = ["https://example.com/a.png"];
  await queued(kit, { to: ANN, text: "", mediaUrls });
  await queued(kit, { to: ANN, text: `${"long ".repeat(400)}`, mediaUrls });
  await kit.rest(10_000);
  assertEquals(kit.sent.map((message) => message.mediaUrls), [mediaUrls, mediaUrls, undefined]);
});

Deno.test("sendText() texts nobody who said STOP, and keeps nothing that would be sent later", async () => {
  await using kit = await createKit();
  await setOptOut(kit.context, "default", ANN, { optedOut: true });
  const failure = await refused(kit, { to: ANN });
  assertEquals(failure.code, "opted-out");
  await kit.rest(10_000);
  assertEquals(kit.sent, []);
  await noDeadLetters(kit);
});

Deno.test("sendText() stays within the budgets and does not text the number about it", async () => {
  const limits = {
    segmentsPerReplyMax: 10,
    segmentsPerSenderHourMax: 2,
    segmentsPerSenderDayMax: 0,
    segmentsPerDayMax: 3,
    repliesPerSenderMinuteMax: 0,
  };
  await using kit = await createKit({ bridge: { limits } });
  await queued(kit, { to: ANN });
  await queued(kit, { to: ANN });
  assertEquals((await refused(kit, { to: ANN })).code, "budget-sender-hour");
  await queued(kit, { to: "+12025550102" });
  assertEquals((await refused(kit, { to: "+12025550103" })).code, "budget-day");
  await kit.rest(10_000);
  assertEquals(kit.sent.length, 3);
  await noDeadLetters(kit);
  await kit.rest(25 * 3_600_000);
  await queued(kit, { to: ANN });
});

Deno.test("sendText() keeps nothing of what it refuses in a minute, so that who tries again texts once", async () => {
  await using kit = await createKit();
  const results = [];
  for (let i = 0; i < 30; i++) results.push(await ask(kit, { to: ANN, text: `${i}` }));
  const refusals = results.filter((one) => one instanceof Failure);
  assert(refusals.length > 0);
  assert(refusals.every(({ code }) => code === "budget-sender-minute"));
  await kit.rest(10_000);
  assertEquals(kit.sent.length, 30 - refusals.length);
  await noDeadLetters(kit);
});

Deno.test("sendText() sends once for an Idempotency-Key, for 24 hours", async () => {
  await using kit = await createKit();
  const first = await queued(kit, { to: ANN, idempotencyKey: "k" });
  const again = await queued(kit, { to: "+1 202 555 0101", idempotencyKey: "k" });
  assertEquals(again, { ...first, repeated: true });
  const long = "k".repeat(200);
  await queued(kit, { to: ANN, text: "long", idempotencyKey: `${long}1` });
  assertEquals((await queued(kit, { to: ANN, idempotencyKey: `${long}2` })).repeated, false);
  const other = await refused(kit, { to: ANN, text: "other", idempotencyKey: "k" });
  assertEquals([other.kind, other.code], ["conflict", "idempotency-conflict"]);
  await kit.rest(24 * 3_600_000 - 1_000);
  assertEquals((await queued(kit, { to: ANN, idempotencyKey: "k" })).repeated, true);
  await kit.rest(2_000);
  assertEquals((await queued(kit, { to: ANN, idempotencyKey: "k" })).repeated, false);
  await kit.rest(2_000);
  assertEquals(kit.sent.length, 4);
});

Deno.test("sendText() leaves a message alone that another process made in the same millisecond", async () => {
  for (const idempotencyKey of [undefined, "k"]) {
    await using kit = await createKit();
    const other = { ...kit.context, sequence: createSequence(kit.clock) };
    const asleep = () => {};
    await sendText(kit.context, asleep, { to: ANN, text: "one" });
    await sendText(other, asleep, { to: ANN, text: "two", idempotencyKey });
    await kit.deliverer.look();
    await kit.rest(5_000);
    assertEquals(kit.sent.map(({ body }) => body), ["one", "two"]);
  }
});

Deno.test("sendText() sends once when requests with the same key come together", async () => {
  await using kit = await createKit();
  const results = await Promise.all(
    Array.from({ length: 5 }, () => queued(kit, { to: ANN, idempotencyKey: "k" })),
  );
  assertEquals(new Set(results.map(({ id }) => id)).size, 1);
  await kit.rest(10_000);
  assertEquals(kit.sent.length, 1);
});

Deno.test("sendText() answers a refused request with the same refusal when its key comes again", async () => {
  await using kit = await createKit();
  await setOptOut(kit.context, "default", ANN, { optedOut: true });
  await refused(kit, { to: ANN, idempotencyKey: "k" });
  await setOptOut(kit.context, "default", ANN, { optedOut: false });
  const again = await refused(kit, { to: ANN, idempotencyKey: "k" });
  assertStringIncludes(again.message, "opted out");
  const { value } = (await kit.store.list({ prefix: HISTORY })
    [Symbol.asyncIterator]().next()).value!;
  assertEquals([value.outcome, value.sids], ["opted-out", []], "the history shows it");
});
