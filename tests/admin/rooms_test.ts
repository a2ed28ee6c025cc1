import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { adminDocument } from "../../src/admin/document.ts";
import { escapeHtml, prose } from "../../src/admin/markup.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { isBlocked } from "../../src/people/blocked.ts";
import { isPaired, requestPairing } from "../../src/people/pairing_book.ts";
import { setName } from "../../src/people/names.ts";
import { readSender, senderKey } from "../../src/store/sender_row.ts";
import { deadKey } from "../../src/store/dead_letter.ts";
import { historyKey } from "../../src/store/history_row.ts";
import { NO_COUNTS, seriesHourKey } from "../../src/store/series_row.ts";
import { deliveryKey } from "../../src/store/delivery_row.ts";
import { ANN, createKit, type Kit, type KitOptions, replied } from "../bridge/kit.ts";
import { enterPage } from "./page_kit.ts";

const BOB = "+12025550102" as Phone;
const HOSTILE = `<img src=x onerror="alert('1')">&`;
const ROOMS = ["/", "/conversations", "/people", "/money", "/queues", "/doctor"];

async function knock({ context, store }: Kit): Promise<void> {
  const request = await requestPairing(context, "default", BOB);
  await store.commit(request!.change);
}

async function withAnswer(options: KitOptions = {}): Promise<Kit> {
  const kit = await createKit(options);
  await kit.take("the body of a text");
  await kit.rest(60_000);
  return kit;
}

Deno.test("escapeHtml() leaves nothing that ends an element or a quoted attribute", () => {
  assertEquals(
    escapeHtml(`<a href="x" id='y'>&`),
    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;",
  );
});

Deno.test("adminDocument() loads nothing from elsewhere and tells what was done as text", () => {
  const place = { path: "/", query: new URLSearchParams({ who: HOSTILE }) };
  const html = adminDocument({ nonce: "n0nce", notice: HOSTILE, place, main: "" }, []);
  assert(!/<img|https?:|<script(?! nonce="n0nce")|<style(?! nonce="n0nce")| style=/.test(html));
  assertStringIncludes(html, escapeHtml(HOSTILE));
});

Deno.test("each room of the page is marked in the menu, and shows no whole number, body or foreign markup", async () => {
  await using kit = await withAnswer();
  await setName(kit.context, "default", ANN, HOSTILE);
  await knock(kit);
  const browser = await enterPage(kit);
  for (const path of ROOMS) {
    const html = await browser.open(path);
    assertStringIncludes(html, `<a href="${path}" aria-current="page">`);
    assertEquals(html.match(/aria-current="page"/g)?.length, 1);
    for (const hidden of [ANN, ANN.slice(1), BOB, "the body of a text", "<img", " style="]) {
      assert(!html.includes(hidden), `${path} shows ${hidden}`);
    }
  }
});

Deno.test("the rooms of the page stay the same within a minute when nothing happens", async () => {
  await using kit = await withAnswer();
  const browser = await enterPage(kit);
  for (const path of ROOMS) {
    const main = async () => (await browser.open(path)).match(/<main.*<\/main>/s)![0];
    const before = await main();
    await kit.clock.advance(2_000);
    assertEquals(await main(), before, path);
  }
});

Deno.test("the room Now says in words that nobody is answered, and what to do", async () => {
  await using kit = await createKit();
  const { clock, store } = kit;
  const hour = new Date(clock.now()).toISOString().slice(0, 13);
  const counts = { ...NO_COUNTS, texts: 7, answered: 6, upMs: 1_000, awayMs: 720_000 };
  await store.commit({ set: [{ key: seriesHourKey(hour), value: counts }] });
  await knock(kit);
  const html = await (await enterPage(kit)).open("/");
  assertStringIncludes(html, "Texts are not answered");
  assertStringIncludes(html, "start it with <code>sms-bridge serve</code>");
  assertStringIncludes(html, "1 person waits");
  assertStringIncludes(html, "7 texts in, 6 answered");
  assertStringIncludes(html, "away for 12m");
  assertEquals(html.match(/class="link-shaky"/g)?.length, 1);
  assertEquals(html.match(/class="link-off"/g)?.length, 23);
});

Deno.test("the room Now counts what has just happened in its last 24 hours", async () => {
  await using kit = await withAnswer();
  const uncounted = () => ({ ...NO_COUNTS, texts: 7, answered: 5 });
  const html = await (await enterPage(kit, { uncounted })).open("/");
  assertStringIncludes(html, "7 texts in, 5 answered, 1 SMS out for 0.0083 USD");
});

Deno.test("the page approves with a name and tells them by SMS, or does not, as was chosen", async () => {
  for (const tell of [true, false]) {
    await using kit = await createKit();
    await knock(kit);
    const said: string[] = [];
    const say = (_account: string, to: string) => Promise.resolve(said.push(to) > 0);
    const browser = await enterPage(kit, { say });
    const html = await browser.open("/people");
    assertStringIncludes(html, "Tell them by an SMS, about 0.0083 USD");
    const label = html.match(/aria-label="(Approve [^"]*)"/)![1]!;
    const chosen = { name: "Bob", ...tell ? {} : { tell: "" } };
    assertEquals(await browser.press(html, label, chosen), "/people");
    assertEquals(said, tell ? [BOB] : []);
    assert(await isPaired(kit.store, "default", BOB));
    const after = await browser.open("/people");
    assertStringIncludes(after, tell ? "They are told by an SMS." : "They are not told.");
    assertStringIncludes(after, "<strong><bdi>Bob</bdi></strong>");
  }
});

Deno.test("the room People blocks, unblocks, names and revokes, and lists who was refused", async () => {
  await using kit = await createKit({ account: { dmPolicy: "pairing" } });
  const { store } = kit;
  const browser = await enterPage(kit);
  const press = async (label: string, typed = {}) =>
    await browser.press(await browser.open("/people"), label, typed);
  const who = "+1•••••0101";
  await press(`Block: ${who}`);
  assertEquals(await isBlocked({ store }, "default", ANN), true);
  await kit.take("hello?");
  assertMatch(await browser.open("/people"), /Refused of late.*•0101<\/bdi>, .*: blocked/);
  await press(`Unblock: ${who}`);
  assertEquals(await isBlocked({ store }, "default", ANN), false);
  await press(`Name: ${who}`, { name: "Ada" });
  assertStringIncludes(await browser.open("/people"), "is called Ada.");
  await press("Revoke: Ada");
  assertEquals(await isPaired(store, "default", ANN), false);
});

Deno.test("the room People resumes a paused conversation and lifts an opt-out", async () => {
  await using kit = await createKit();
  const { store, clock } = kit;
  const { row } = await readSender(kit.context, "default", ANN);
  const paused = { ...row.loop, pausedUntilMs: clock.now() + 60_000 };
  const value = { ...row, loop: paused, optedOutAtMs: clock.now() };
  await store.commit({ set: [{ key: senderKey("default", ANN), value }] });
  const browser = await enterPage(kit);
  for (const word of ["Resume", "Lift opt-out"]) {
    await browser.press(await browser.open("/people"), `${word}: +1•••••0101`);
  }
  const after = (await readSender(kit.context, "default", ANN)).row;
  assertEquals([after.loop.pausedUntilMs, after.optedOutAtMs], [0, null]);
});

Deno.test("a form of the page that names somebody of another session does nothing", async () => {
  await using kit = await createKit();
  const [mine, other] = [await enterPage(kit), await enterPage(kit)];
  const mark = (await other.open("/people")).match(/name="person" value="([^"]*)"/)![1]!;
  await mine.press(await mine.open("/people"), "Block: +1•••••0101", { person: mark });
  assertEquals(await isBlocked(kit.context, "default", ANN), false);
  assertStringIncludes(await mine.open("/people"), "Nobody here is meant by that any more");
});

Deno.test("names and numbers keep their own direction of writing, and commands stand as such", async () => {
  await using kit = await withAnswer();
  const hebrew = "דוד בן־גוריון";
  await setName(kit.context, "default", ANN, hebrew);
  const browser = await enterPage(kit);
  for (const path of ["/people", "/money", "/conversations"]) {
    assertStringIncludes(await browser.open(path), `<bdi>${hebrew}</bdi>`, path);
  }
  assertStringIncludes(await browser.open("/people"), "<bdi>+1•••••0101</bdi>");
  assertEquals(prose("See `a & b`; <c>"), "See <code>a &amp; b</code>; &lt;c&gt;");
});

Deno.test("the room People shows forty people, says how many more there are, and finds one", async () => {
  await using kit = await createKit();
  for (let i = 0; i < 60; i++) {
    await setName(
      kit.context,
      "default",
      `+120255502${String(i).padStart(2, "0")}` as Phone,
      `P${i}.`,
    );
  }
  const browser = await enterPage(kit);
  const html = await browser.open("/people");
  assertEquals(html.match(/<li class="request"/g)?.length, 40);
  assertStringIncludes(html, "And 21 people more");
  for (const who of ["p7.", "%2B1 202 555 0207"]) {
    const found = await browser.open(`/people?who=${who}`);
    assertEquals(found.match(/<li class="request"/g)?.length, 1, who);
    assertStringIncludes(found, "P7.");
  }
});

Deno.test("the room Conversations shows of one person the text, its turn, the parts and their fate, with bodies only when kept", async () => {
  for (const storeBodies of [false, true]) {
    await using kit = await withAnswer({
      bridge: { storeBodies },
      turn: () => replied("a word ".repeat(400)),
    });
    const sid = `SM${"1".padStart(32, "0")}`;
    const row = (await kit.store.get(deliveryKey(sid)))!.value;
    const record = { ...row.record, status: "undelivered", errorCode: 30003 } as const;
    await kit.store.commit({ set: [{ key: deliveryKey(sid), value: { ...row, record } }] });
    const browser = await enterPage(kit);
    const list = await browser.open("/conversations");
    assertMatch(list, /1 text in, 1 message out/);
    const html = await browser.open(list.match(/href="(\/conversations\?person=[^"]*)"/)![1]!);
    assertMatch(html, /Text in.*answered after .*Sent.*2 SMS, \d+ segments, about 0\.\d+ USD/s);
    assertMatch(html, /Part 1: undelivered.*30003: .*Part 2: /s);
    assertEquals(html.includes("the body of a text"), storeBodies);
    assertEquals(html.includes("a word a word"), storeBodies);
  }
});

Deno.test("the room Money shows what was spent by day against the budget, and by person", async () => {
  await using kit = await withAnswer({ bridge: { limits: { usdPerDayMax: 0.01 } } });
  await setName(kit.context, "default", ANN, "Ada");
  const html = await (await enterPage(kit)).open("/money");
  assertStringIncludes(html, "<td>0.0083 of 0.0100</td>");
  assertStringIncludes(html, "spent to 80 % or more");
  assertStringIncludes(html, '<line class="limit"');
  assertMatch(html, /<rect class="estimated"[^>]*height="83"/);
  assertMatch(html, /<th scope="row"><bdi>Ada<\/bdi><\/th><td>0\.0083<\/td><td>1<\/td>/);
});

Deno.test("the room Queues puts a dead letter back and drops another, once that is confirmed", async () => {
  await using kit = await createKit({ turn: () => ({ kind: "uncertain", reason: "who knows" }) });
  await kit.take("first");
  await kit.rest();
  const browser = await enterPage(kit);
  const html = await browser.open("/queues");
  assertStringIncludes(html, "who knows");
  assertMatch(html, /<details id="drop-fold-\d+">.*gone for good/s);
  const id = Number(html.match(/id="retry-(\d+)"/)![1]);
  await browser.press(html, "Try again: with +1•••••0101");
  assertEquals(await kit.store.get(deadKey(id)), null);
  await kit.converser.start();
  await kit.rest(1_000);
  await browser.press(await browser.open("/queues"), "Drop for good: with +1•••••0101");
  assertStringIncludes(await browser.open("/queues"), "<p>Nothing.</p>");
});

Deno.test("the room Doctor runs when it is asked, and says when it cannot", async () => {
  await using kit = await createKit();
  const browser = await enterPage(kit);
  const html = await browser.open("/doctor");
  assertEquals(await browser.press(html, "Examine"), "/doctor");
  await kit.rest();
  assertStringIncludes(await browser.open("/doctor"), "The doctor could not look");
});

Deno.test("each room of the page stays below 100 KB with 10,000 people and much traffic", async () => {
  await using kit = await createKit();
  const { store, clock, context } = kit;
  const { row } = await readSender(context, "default", ANN);
  const nowMs = clock.now();
  for (let i = 0; i < 10_000; i += 500) {
    const some = Array.from({ length: 500 }, (_, j) => `+1202${5_000_000 + i + j}` as Phone);
    const senders = some.map((phone) => ({
      key: senderKey("default", phone),
      value: { ...row, name: `Somebody with a longer name ${phone.slice(-5)}` },
    }));
    const past = some.map((phone, j) => ({
      key: historyKey(i + j + 1),
      value: {
        id: i + j + 1,
        direction: "in" as const,
        account: "default",
        phone,
        sids: [],
        atMs: nowMs,
        outcome: "answered",
        segments: 0,
      },
    }));
    const dead = some.slice(0, 50).map((phone, j) => ({
      key: deadKey(i + j + 1),
      value: {
        id: i + j + 1,
        from: "outbox" as const,
        account: "default",
        phone,
        messageSid: null,
        reason: "expired",
        detail: "Twilio could not be reached for a day",
        atMs: nowMs,
      },
    }));
    await store.commit({ set: [...senders, ...past, ...dead] });
  }
  const browser = await enterPage(kit);
  for (const path of ROOMS) {
    const bytes = new TextEncoder().encode(await browser.open(path)).length;
    assert(bytes < 100_000, `${path} has ${bytes} bytes`);
  }
});
