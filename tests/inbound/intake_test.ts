import { assertEquals, assertMatch } from "@std/assert";
import { composeNotice } from "../../src/outbound/compose.ts";
import { enqueue } from "../../src/outbound/enqueue.ts";
import { isOptedOut } from "../../src/people/opt_out.ts";
import { isReaction } from "../../src/policy/reactions.ts";
import { classifyWebhook } from "../../src/twilio/inbound.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";

const DAY_MS = 24 * 3_600_000;
const STRANGER = "+12025550177";
const bodies = (kit: Kit) => kit.sent.map(({ body }) => body);

Deno.test("takeText() answers no group, tells who is let in once a day, and sends no codes", async () => {
  await using kit = await createKit();
  for (const from of [ANN, STRANGER, ANN]) {
    assertEquals(await kit.take("hi all", { from, group: true }), "group");
    await kit.rest(5_000);
  }
  assertEquals(kit.turns, []);
  assertEquals(kit.sent.map(({ to }) => to), [ANN]);
  assertMatch(bodies(kit)[0]!, /^Group messages are not answered here/);
  await kit.rest(DAY_MS);
  await kit.take("hi again", { group: true });
  await kit.rest(5_000);
  assertEquals(kit.sent.length, 2);
});

Deno.test("classifyWebhook() knows a group by its other recipients, and counts a million files", () => {
  const accountSid = `AC${"0".repeat(32)}`;
  const form = (more: [string, string][]) =>
    classifyWebhook(
      [
        ["AccountSid", accountSid],
        ["MessageSid", `MM${"1".repeat(32)}`],
        ["From", ANN],
        ["To", "+12025550123"],
        ["Body", "x"],
        ...more,
      ],
      { accountSid },
    ) as { group?: boolean; numMedia: number };
  assertEquals(form([["OtherRecipients0", "+12025550199"]]).group, true);
  assertEquals(form([]).group, undefined);
  assertEquals(form([["NumMedia", "1000000"]]).numMedia, 999);
});

Deno.test("takeText() makes no turn and no SMS of a tapback; the next turn tells of it", async () => {
  await using kit = await createKit();
  assertEquals(await kit.take("Liked “Your appointment is at 5 pm”"), "reaction");
  assertEquals(await kit.take("👍 to “Your appointment is at 5 pm”"), "reaction");
  await kit.rest(60_000);
  assertEquals([kit.turns.length, kit.sent.length], [0, 0]);
  await kit.take("and tomorrow?");
  await kit.rest(5_000);
  assertMatch(
    kit.turns[0]!.row.text,
    /^\[The sender reacted to a message: Liked .*\]\n\[The sender .*👍.*\]\nand tomorrow\?$/,
  );
  await kit.take("thanks");
  await kit.rest(60_000);
  assertEquals(kit.turns[1]!.row.text, "thanks");
});

Deno.test("takeText() takes a tapback for a text, or for nothing, where the settings say so", async () => {
  for (const [reactions, turns] of [["turn", 1], ["ignore", 0]] as const) {
    await using kit = await createKit({ bridge: { reactions } });
    assertEquals(isReaction("Loved an image"), true);
    await kit.take("Loved an image");
    await kit.rest(5_000);
    assertEquals(kit.turns.length, turns);
  }
});

Deno.test("takeText() hands a default word to the agent where the settings leave it out", async () => {
  for (const optOutKeywords of [["minimal"], ["STOP", "END"]]) {
    await using kit = await createKit({ bridge: { optOutKeywords } });
    assertEquals(await kit.take("Cancel"), "stored");
    await kit.rest(60_000);
    assertEquals(await kit.take("I meant the booking"), "stored");
    assertEquals(await kit.take("Stop"), "keyword");
    assertEquals(await kit.take("still there?"), "opted-out");
  }
  await using kit = await createKit();
  assertEquals(await kit.take("Cancel"), "keyword");
  assertEquals(await isOptedOut(kit.context, "default", ANN), true);
});

Deno.test("takeText() answers from the number that was texted, where a service has several", async () => {
  const messagingServiceSid = `MG${"0".repeat(32)}`;
  await using kit = await createKit({ account: { messagingServiceSid } });
  await kit.take("hi", { to: "+15005550177" });
  await kit.rest(5_000);
  await kit.take("hi", { to: "+12025550123" });
  await kit.take("who are you?", { from: STRANGER, to: "+15005550177" });
  await kit.rest(60_000);
  const sent = kit.sent.map(({ from, messagingServiceSid: service, to }) => [from, service, to]);
  assertEquals(sent.filter(([, , to]) => to === ANN), [
    ["+15005550177", undefined, ANN],
    ["+12025550123", undefined, ANN],
  ]);
  assertEquals(sent.find(([, , to]) => to === STRANGER)![0], "+15005550177");
});

Deno.test("takeText() has a service answer from the number that was texted, also where the settings name no number", async () => {
  const messagingServiceSid = `MG${"0".repeat(32)}`;
  await using kit = await createKit({ account: { fromNumber: undefined, messagingServiceSid } });
  await kit.take("hi", { to: "+15005550177" });
  await kit.take("who are you?", { from: STRANGER, to: "+15005550178" });
  await kit.take("hello, agent", { from: "rcs:+12025550101", to: "rcs:acme_agent" });
  await kit.rest(60_000);
  const sent = kit.sent.map(({ from, messagingServiceSid: service, to }) => [to, from, service]);
  assertEquals(
    sent.toSorted(),
    [
      [ANN, undefined, messagingServiceSid],
      [ANN, "+15005550177", messagingServiceSid],
      [STRANGER, "+15005550178", messagingServiceSid],
    ].toSorted(),
  );
});

Deno.test("createDeliverer() drops a pairing code that Twilio takes too late", async () => {
  let away = true;
  await using kit = await createKit({
    send: (_, count) =>
      away ? { kind: "unprocessed", reason: "connect", httpStatus: null, code: null } : {
        kind: "sent",
        sid: `SM${count.toString(16).padStart(32, "0")}`,
        status: "queued",
        segments: 1,
        errorCode: null,
      },
  });
  await kit.take("who is this?", { from: STRANGER });
  await kit.rest(2 * 3_600_000);
  const tried = kit.sent.length;
  away = false;
  await kit.rest(3_600_000);
  assertEquals(kit.sent.length, tried);
});

Deno.test("createDeliverer() does not say that the answer will come once it is there", async () => {
  await using kit = await createKit({
    turn: () => ({ kind: "later", afterMs: 3_600_000, reason: "" }),
  });
  const waiting = await kit.text("hello?");
  const say = async (sentence: string, whileWaiting: number) => {
    const notice = composeNotice(kit.context, waiting, sentence, { whileWaiting });
    await enqueue(kit.context, notice);
    kit.deliverer.wake(notice);
  };
  await say("The answer to this will come.", waiting.id);
  await say("The answer to what is answered will come.", waiting.id - 1);
  await kit.rest(60_000);
  assertEquals(bodies(kit), ["The answer to this will come."]);
});
