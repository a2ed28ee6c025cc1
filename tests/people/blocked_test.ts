import { assertEquals, assertMatch } from "@std/assert";
import { pruneSenders } from "../../src/daemon/housekeep.ts";
import { enqueue } from "../../src/outbound/enqueue.ts";
import { toOutbox } from "../../src/outbound/compose.ts";
import { sendText } from "../../src/outbound/send.ts";
import { isBlocked, listBlocked, setBlocked } from "../../src/people/blocked.ts";
import { isOptedOut } from "../../src/people/opt_out.ts";
import { approve, listPending } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { DEAD } from "../../src/store/dead_letter.ts";
import { HISTORY } from "../../src/store/history_row.ts";
import { seenKey } from "../../src/store/keys.ts";
import { Failure } from "../../src/system/failure.ts";
import { renderReply } from "../../src/text/sms/render.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";
import { createListedWorld, listed } from "../inbound/listed_texts.ts";

const STRANGER = "+14155550123" as Phone;
const MINUTE_MS = 60_000;
const sidOf = (n: number) => `SM${n.toString(16).padStart(32, "0")}`;
const block = (kit: Kit, phone: Phone) => setBlocked(kit.context, "default", phone, true);
const unblock = (kit: Kit, phone: Phone) => setBlocked(kit.context, "default", phone, false);

Deno.test("a blocked number that was let in gets no turn and no text, and its text leaves a trace", async () => {
  await using kit = await createKit();
  await block(kit, ANN);
  const messageSid = sidOf(7);
  assertEquals(await kit.take("hello", { messageSid }), "stranger");
  await kit.take("to all", { group: true });
  await kit.rest(MINUTE_MS);
  assertEquals([kit.turns.length, kit.sent.length], [0, 0]);
  const { accountSid } = kit.context.settings().accounts[0]!;
  assertEquals((await kit.store.get(seenKey(accountSid, messageSid))) !== null, true);
});

Deno.test("a blocked stranger gets no code, and a code of before the block no longer lets in", async () => {
  await using kit = await createKit();
  await kit.take("let me in", { from: STRANGER });
  await kit.rest(MINUTE_MS);
  const { code } = (await listPending(kit.context))[0]!;
  await block(kit, STRANGER);
  assertEquals(await listPending(kit.context), []);
  assertEquals((await approve(kit.context, code)).kind, "unknown");
  await kit.take("let me in", { from: STRANGER });
  await kit.rest(MINUTE_MS);
  assertEquals(kit.sent.length, 1);
  assertEquals(await listPending(kit.context), []);
});

Deno.test("a text that waits when its sender is blocked gets no turn, and a running turn no answer", async () => {
  await using kit = await createKit({
    async turn() {
      await block(kit, ANN);
      return { kind: "reply", payloads: [{ text: "here you are", mediaUrls: [] }] } as never;
    },
  });
  await kit.take("first");
  await kit.rest(MINUTE_MS);
  assertEquals([kit.turns.length, kit.sent.length], [1, 0]);
  kit.setReady(false);
  await unblock(kit, ANN);
  await kit.take("second");
  await block(kit, ANN);
  kit.setReady(true);
  await kit.rest(MINUTE_MS);
  assertEquals([kit.turns.length, kit.sent.length], [1, 0]);
});

Deno.test("what is in the outbox when its recipient is blocked is not sent", async () => {
  await using kit = await createKit();
  const envelope = { account: "default", to: ANN, kind: "proactive", inReplyTo: null } as const;
  await enqueue(kit.context, toOutbox(kit.context, envelope, renderReply("news")));
  await block(kit, ANN);
  const [row] = await Array.fromAsync(kit.store.list({ prefix: ["outbox"] }));
  kit.deliverer.wake(row!.value as never);
  await kit.rest(MINUTE_MS);
  assertEquals(kit.sent, []);
});

Deno.test("what is said unasked to a blocked number costs nothing and is no dead letter", async () => {
  await using kit = await createKit();
  await block(kit, ANN);
  const envelope = { account: "default", to: ANN, kind: "proactive", inReplyTo: null } as const;
  const queued = await enqueue(kit.context, toOutbox(kit.context, envelope, renderReply("news")));
  assertEquals(queued.kind === "refused" && queued.reason, "blocked");
  assertEquals(await Array.fromAsync(kit.store.list({ prefix: DEAD })), []);
  const [past] = await Array.fromAsync(kit.store.list({ prefix: HISTORY }));
  assertEquals(past?.value.outcome, "blocked");
});

Deno.test("a text to a blocked number is refused with a sentence that says what lifts it", async () => {
  await using kit = await createKit();
  await block(kit, ANN);
  const refused = await sendText(kit.context, () => {}, { to: ANN, text: "hello" });
  assertEquals(refused instanceof Failure && refused.code, "blocked");
  assertMatch((refused as Failure).hint, /pair unblock/);
});

Deno.test("catch-up never answers what came while its sender was blocked, and what came later it does", async () => {
  const { kit: made, list, catchUp } = await createListedWorld();
  await using kit = made;
  const text = (n: number, body: string) => list.push(listed(sidOf(n), body, kit.clock.now()));
  await kit.rest(MINUTE_MS);
  await block(kit, ANN);
  text(1, "while blocked");
  assertEquals(await catchUp(), 0);
  text(2, "while blocked and off");
  text(3, "STOP");
  await kit.rest(MINUTE_MS);
  await unblock(kit, ANN);
  assertEquals(await catchUp(), 0);
  assertEquals(await isOptedOut(kit.context, "default", ANN), true);
  await kit.rest(MINUTE_MS);
  text(4, "START");
  text(5, "hello again");
  assertEquals(await catchUp(), 1);
  await kit.rest(MINUTE_MS);
  assertEquals(kit.turns.map(({ row }) => row.text), ["hello again"]);
});

Deno.test("housekeeping forgets no block, however many rows there are and however long it is", async () => {
  await using kit = await createKit();
  await block(kit, STRANGER);
  await kit.rest(400 * 24 * 3_600_000);
  await pruneSenders(kit.store, kit.clock.now(), 0);
  assertEquals(await isBlocked(kit.context, "default", STRANGER), true);
  assertEquals((await listBlocked(kit.context)).map(({ phone }) => phone), [STRANGER]);
  assertEquals(await isBlocked(kit.context, "other", STRANGER), false);
});
