import { assertEquals } from "@std/assert";
import { catchUp, startCatchUp } from "../../src/inbound/catch_up.ts";
import { createReceiver } from "../../src/inbound/receive.ts";
import { pruneSenders } from "../../src/daemon/housekeep.ts";
import { isOptedOut, setOptOut } from "../../src/people/opt_out.ts";
import { allow } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { bridgeKey, COPIED_KEY, MISSED_KEY } from "../../src/store/keys.ts";
import { StoreError } from "../../src/store/kv.ts";
import type { AlertRecord, MessageRecord } from "../../src/twilio/records.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";
import { createListedWorld, listed } from "./listed_texts.ts";
import { signedText } from "./signed_text.ts";

const STRANGER = "+12025550177" as Phone;
const MINUTE_MS = 60_000;

const sidOf = (n: number) => `SM${n.toString(16).padStart(32, "0")}`;
const accountOf = (kit: Kit) => kit.context.settings().accounts[0]!;
const texts = (kit: Kit) => kit.turns.map(({ row }) => row.text);

/** A webhook's request, unsigned. */
Deno.test("catchUp() fetches what was not delivered, from every number of the service", async () => {
  const messagingServiceSid = `MG${"0".repeat(32)}`;
  const { kit, list, catchUp } = await createListedWorld({ account: { messagingServiceSid } });
  await using _kit = kit;
  await kit.rest(MINUTE_MS);
  const nowMs = kit.clock.now();
  list.push(
    listed(sidOf(1), "one", nowMs),
    listed(sidOf(2), "two", nowMs, { to: "+15005550177", messagingServiceSid }),
    listed(sidOf(3), "not ours", nowMs, { to: "+15005550178" }),
  );
  assertEquals(await catchUp(), 2);
  await kit.rest(MINUTE_MS);
  assertEquals(texts(kit), ["one", "two"]);
  assertEquals(kit.sent[1]!.from, "+15005550177");
});

Deno.test("catchUp() leaves alone what was delivered, whatever became of it", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  for (const [n, from] of [[1, STRANGER], [2, "MyBank"], [3, "+12025550123"]] as const) {
    await kit.take("hello, who is this?", { from, messageSid: sidOf(n) });
    list.push(listed(sidOf(n), "hello, who is this?", kit.clock.now(), { from }));
  }
  await kit.take("hi all", { messageSid: sidOf(4), group: true });
  await kit.take("Loved an image", { messageSid: sidOf(5) });
  for (const n of [4, 5]) list.push(listed(sidOf(n), "?", kit.clock.now()));
  await allow(kit.context, "default", STRANGER);
  assertEquals(await catchUp(), 0);
  await kit.rest(MINUTE_MS);
  assertEquals(texts(kit), []);
});

Deno.test("catchUp() does not reach behind the last admission of a sender", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  list.push(listed(sidOf(1), "before", kit.clock.now(), { from: STRANGER }));
  await kit.rest(MINUTE_MS);
  await allow(kit.context, "default", STRANGER);
  await kit.rest(MINUTE_MS);
  list.push(listed(sidOf(2), "after", kit.clock.now(), { from: STRANGER }));
  assertEquals(await catchUp(), 1);
  await kit.rest(MINUTE_MS);
  assertEquals(texts(kit), ["after"]);
});

Deno.test("catchUp() never undoes a later choice with an old STOP or START", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  list.push(listed(sidOf(1), "STOP", kit.clock.now()));
  await kit.rest(MINUTE_MS);
  // A word of the owner's own, which Twilio's list does not explain.
  await kit.take("JOIN", { messageSid: sidOf(2), optOut: "START" });
  list.push(listed(sidOf(2), "JOIN", kit.clock.now()));
  await catchUp();
  assertEquals(await isOptedOut(kit.context, "default", ANN), false);
  list.push(listed(sidOf(3), "START", kit.clock.now() + 1));
  await kit.rest(MINUTE_MS);
  await kit.take("STOP", { messageSid: sidOf(4) });
  await catchUp();
  assertEquals(await isOptedOut(kit.context, "default", ANN), true);
});

Deno.test("catchUp() takes STOP and START in the order of Twilio's list, also where a webhook was handled late", async () => {
  for (const lost of [["STOP"], ["STOP", "later START"], []]) {
    const { kit, list, catchUp } = await createListedWorld();
    await using _kit = kit;
    const startAtMs = kit.clock.now();
    list.push(listed(sidOf(1), "START", startAtMs), listed(sidOf(2), "stop", startAtMs + 5_000));
    if (lost.includes("later START")) {
      list.push(listed(sidOf(3), "start", startAtMs + 6_000));
    }
    if (lost.length === 0) await kit.take("stop", { messageSid: sidOf(2) });
    await kit.rest(MINUTE_MS);
    await kit.take("START", { messageSid: sidOf(1) });
    assertEquals(await isOptedOut(kit.context, "default", ANN), false);
    await catchUp();
    const stopped = !lost.includes("later START");
    assertEquals(await isOptedOut(kit.context, "default", ANN), stopped, lost.join());
    await catchUp();
    assertEquals(await isOptedOut(kit.context, "default", ANN), stopped, lost.join());
  }
});

Deno.test("catchUp() undoes no choice of an operator by the order of Twilio's list", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  list.push(listed(sidOf(1), "START", kit.clock.now()), listed(sidOf(2), "stop", kit.clock.now()));
  await kit.take("START", { messageSid: sidOf(1) });
  await kit.take("stop", { messageSid: sidOf(2) });
  await setOptOut(kit.context, "default", ANN, { optedOut: false });
  await catchUp();
  assertEquals(await isOptedOut(kit.context, "default", ANN), false);
});

Deno.test("startCatchUp() does not reach behind the first start, nor behind a restored backup", async () => {
  const { kit, list } = await createListedWorld();
  await using _kit = kit;
  await kit.rest(MINUTE_MS);
  list.push(listed(sidOf(1), "answered by another bridge", kit.clock.now() - MINUTE_MS));
  const first = startCatchUp(kit.intake);
  await kit.rest(MINUTE_MS);
  list.push(listed(sidOf(2), "sent while it slept", kit.clock.now()));
  // The process starts again: another loop over the same store.
  startCatchUp(kit.intake);
  await kit.rest(1_000);
  assertEquals(texts(kit), ["sent while it slept"]);
  list.push(listed(sidOf(3), "answered after the backup", kit.clock.now()));
  await kit.rest(1_000);
  await kit.store.commit({
    set: [{ key: COPIED_KEY, value: true }, { key: bridgeKey("alive"), value: kit.clock.now() }],
  });
  startCatchUp(kit.intake);
  await kit.rest(MINUTE_MS);
  assertEquals(texts(kit), ["sent while it slept"]);
  void first;
});

Deno.test("catchUp() takes a text of the second in which its sender was let in", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  await kit.rest(1_500 - (kit.clock.now() % 1_000));
  await allow(kit.context, "default", STRANGER);
  const second = Math.floor(kit.clock.now() / 1_000) * 1_000;
  list.push(listed(sidOf(1), "hi", second, { from: STRANGER }));
  assertEquals(await catchUp(), 1);
});

Deno.test("catchUp() takes an own word for an opt-in where its webhook was lost, once it is known", async () => {
  for (const known of ["by an earlier text", "by the settings", "not"] as const) {
    const optInKeywords = known === "by the settings" ? [" Join us "] : [];
    const { kit, list, catchUp } = await createListedWorld({ bridge: { optInKeywords } });
    await using _kit = kit;
    if (known === "by an earlier text") {
      await kit.take("join us", { from: STRANGER, optOut: "START" });
    }
    await kit.take("STOP", { messageSid: sidOf(1) });
    await kit.rest(MINUTE_MS);
    list.push(listed(sidOf(2), "Join us", kit.clock.now()));
    list.push(listed(sidOf(3), "are you there?", kit.clock.now() + 1_000));
    assertEquals(await catchUp(), known === "not" ? 0 : 1);
    assertEquals(await isOptedOut(kit.context, "default", ANN), known === "not");
  }
});

Deno.test("catchUp() takes an own word for an opt-out where its webhook was lost, never undoing a START", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  await kit.take("Arret", { from: STRANGER, optOut: "STOP" });
  list.push(listed(sidOf(1), "ARRET", kit.clock.now()));
  await kit.rest(MINUTE_MS);
  await kit.take("START", { messageSid: sidOf(2) });
  await catchUp();
  assertEquals(await isOptedOut(kit.context, "default", ANN), false);
  await kit.rest(MINUTE_MS);
  list.push(listed(sidOf(3), "arret", kit.clock.now()));
  await catchUp();
  assertEquals(await isOptedOut(kit.context, "default", ANN), true);
});

Deno.test("catchUp() undoes no choice of days ago that housekeeping has seen", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  list.push(listed(sidOf(1), "STOP", kit.clock.now()));
  await kit.rest(MINUTE_MS);
  await kit.take("START", { messageSid: sidOf(2) });
  await pruneSenders(kit.store, kit.clock.now() + 3 * 24 * 60 * MINUTE_MS, 1_000);
  await catchUp();
  assertEquals(await isOptedOut(kit.context, "default", ANN), false);
});

Deno.test("catchUp() knows the numbers of a Messaging Service that Twilio's list does not name", async () => {
  const account = { messagingServiceSid: `MG${"0".repeat(32)}` };
  const { kit, list, catchUp } = await createListedWorld({
    account,
    serviceNumbers: ["+15005550177"],
  });
  await using _kit = kit;
  list.push(
    listed(sidOf(1), "ours", kit.clock.now(), { to: "+15005550177" }),
    listed(sidOf(2), "not ours", kit.clock.now(), { to: "+15005550178" }),
  );
  assertEquals(await catchUp(), 1);
  await kit.rest(MINUTE_MS);
  assertEquals(texts(kit), ["ours"]);
});

Deno.test("catchUp() waits for the files of a text while Twilio cannot name them", async () => {
  const answers = [
    { kind: "failed", reason: "server-error" },
    { kind: "ok", value: [{ sid: "ME1", contentType: "image/png" }] },
  ];
  const listMedia = () => Promise.resolve(answers.shift() as never);
  const { kit, list, catchUp } = await createListedWorld({ listMedia });
  await using _kit = kit;
  list.push(listed(sidOf(1), "look", kit.clock.now(), { numMedia: 1 }));
  assertEquals(await catchUp(), null);
  assertEquals(await catchUp(), 1);
  await kit.rest(MINUTE_MS);
  assertEquals(kit.turns.map(({ row }) => [row.text, row.media.length]), [["look", 1]]);
});

Deno.test("catchUp() answers nothing that may have been sent to a group, and asks for it again", async () => {
  const { kit, list, catchUp } = await createListedWorld();
  await using _kit = kit;
  const atMs = kit.clock.now();
  const mm = (n: number) => sidOf(n).replace("SM", "MM");
  list.push(listed(mm(1), "hi all", atMs), listed(mm(2), "hi", atMs, { from: STRANGER }));
  await catchUp();
  await kit.rest(MINUTE_MS);
  assertEquals(texts(kit), []);
  assertEquals(kit.sent.map(({ to, body }) => [to, body?.slice(-42)]), [
    [ANN, "Please text it again to this number alone."],
  ]);
});

Deno.test("catchUp() leaves alone what came to another number, also once that is the account's", async () => {
  const { kit, list } = await createListedWorld();
  await using _kit = kit;
  const to = "+12025550199";
  const text = signedText(accountOf(kit), { to, sid: sidOf(1), body: "hi" });
  await createReceiver(kit.intake)(accountOf(kit), text);
  list.push(listed(sidOf(1), "hi", kit.clock.now(), { to }));
  assertEquals(await catchUp(kit.intake, { ...accountOf(kit), fromNumber: to }, 0), 0);
});

Deno.test("startCatchUp() fetches a text soon that the disk refused, without a restart", async () => {
  const { kit, list } = await createListedWorld();
  await using _kit = kit;
  const loop = startCatchUp(kit.intake);
  await kit.rest(5 * MINUTE_MS);
  const { commit } = kit.store;
  kit.store.commit = () => Promise.reject(new StoreError("the disk is full"));
  const answer = await createReceiver(kit.intake)(
    accountOf(kit),
    signedText(accountOf(kit), { sid: sidOf(1), body: "hi" }),
  );
  assertEquals(answer.kind === "refused" && answer.status, 503);
  list.push(listed(sidOf(1), "hi", kit.clock.now()));
  await kit.rest(MINUTE_MS);
  kit.store.commit = commit;
  await kit.rest(5 * MINUTE_MS);
  assertEquals(texts(kit), ["hi"]);
  void loop;
});

Deno.test("startCatchUp() fetches what failed while it was alive, once Twilio's alerts tell of it", async () => {
  const alerts: AlertRecord[] = [];
  const { kit, list } = await createListedWorld({ alerts });
  await using _kit = kit;
  const loop = startCatchUp(kit.intake);
  await kit.rest(60 * MINUTE_MS);
  const alert = (requestUrl: string): AlertRecord => ({
    sid: `NO${"0".repeat(32)}`,
    errorCode: 11205,
    logLevel: "error",
    requestUrl,
    atMs: kit.clock.now(),
  });
  list.push(listed(sidOf(1), "the tunnel was down", kit.clock.now()));
  alerts.push(alert("https://elsewhere.example.com/webhooks/sms"));
  await kit.rest(10 * MINUTE_MS);
  assertEquals(texts(kit), []);
  alerts.push(alert("https://sms.example.com/webhooks/sms"));
  await kit.rest(6 * MINUTE_MS);
  assertEquals(texts(kit), ["the tunnel was down"]);
  void loop;
});

Deno.test("startCatchUp() fetches also what was refused while it read the list", async () => {
  const list: MessageRecord[] = [];
  let refuse = () => Promise.resolve();
  await using kit = await createKit({
    async *listMessages() {
      yield { kind: "ok", value: { messages: list.toReversed() } } as never;
      await refuse();
    },
  });
  const missed = async () => {
    await kit.store.commit({ set: [{ key: MISSED_KEY, value: kit.clock.now() }] });
  };
  const loop = startCatchUp(kit.intake);
  await kit.rest(20 * MINUTE_MS);
  await missed();
  refuse = async () => {
    refuse = () => Promise.resolve();
    list.push(listed(sidOf(1), "refused meanwhile", kit.clock.now()));
    await missed();
  };
  await kit.rest(5 * MINUTE_MS);
  assertEquals(texts(kit), ["refused meanwhile"]);
  void loop;
});

Deno.test("startCatchUp() reaches back no further than its window, however long the machine slept", async () => {
  const { kit, list } = await createListedWorld({ bridge: { catchUpWindowHours: 2 } });
  await using _kit = kit;
  const loop = startCatchUp(kit.intake);
  await kit.rest(60 * MINUTE_MS);
  list.push(listed(sidOf(1), "four hours ago", kit.clock.now() + 60 * MINUTE_MS));
  list.push(listed(sidOf(2), "an hour ago", kit.clock.now() + 4 * 60 * MINUTE_MS));
  await kit.clock.jump(kit.clock.now() + 5 * 60 * MINUTE_MS);
  await kit.rest(2 * MINUTE_MS);
  assertEquals(texts(kit), ["an hour ago"]);
  void loop;
});

Deno.test("startCatchUp() tries again soon when Twilio's list cannot be read, and until it can", async () => {
  let fails = 3;
  let asked = 0;
  const list: MessageRecord[] = [];
  await using kit = await createKit({
    async *listMessages() {
      asked++;
      yield (fails-- > 0
        ? { kind: "failed", reason: "server-error", httpStatus: 500, message: "no" }
        : { kind: "ok", value: { messages: list.toReversed() } }) as never;
    },
  });
  const loop = startCatchUp(kit.intake);
  await kit.rest(20 * MINUTE_MS);
  assertEquals(asked, 0, "what is new begins with nothing missed");
  list.push(listed(sidOf(1), "while it slept", kit.clock.now() + MINUTE_MS));
  await kit.clock.jump(kit.clock.now() + 60 * MINUTE_MS);
  await kit.rest(4 * MINUTE_MS);
  assertEquals([texts(kit), asked], [["while it slept"], 4]);
  void loop;
});
