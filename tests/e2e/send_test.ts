import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { pricesKey } from "../../src/store/spend_row.ts";
import { DELIVERIES } from "../../src/store/delivery_row.ts";
import { openStore } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createWorld, type World } from "./program.ts";

const ANN = "+12025550101";

/** The parts of answers that are looked at. */
interface Answer {
  readonly message: { readonly id: string; readonly number: string };
  readonly messages: readonly unknown[];
  readonly repeated: boolean;
}

/** One request on the control socket, as a script makes it. */
async function control(
  world: World,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; value: Answer }> {
  const socket = `${world.stateDir}/control.sock`;
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  const response = await fetch(`http://localhost${path}`, { ...init, client });
  return { status: response.status, value: await response.json() };
}

Deno.test("message send goes through the running bridge and tells what became of it", async () => {
  await using world = await createWorld();
  await world.serve();
  const sent = await world.run(
    ..."message send --channel sms --target sms:+12025550101 --wait --json --message".split(" "),
    "hello **you**",
  );
  assertEquals(sent.code, 0, sent.stderr);
  const { message } = JSON.parse(sent.stdout);
  assertEquals([message.status, message.chunks.length], ["delivered", 1]);
  assertEquals((await world.twilio.nextMessage()).body, "hello you");
  const listed = await world.run("messages", "--since", "1h");
  assertMatch(listed.stdout, /to +\+1•••••0101 +1 +1 +delivered/);
  assert(!listed.stdout.includes("hello"), "no body is shown");
});

Deno.test("send without a daemon delivers by itself, in the same store", async () => {
  await using world = await createWorld();
  const sent = await world.run("send", `twilio-sms:${ANN}`, "on my own");
  assertEquals(sent.code, 0, sent.stderr);
  assertStringIncludes(sent.stdout, "Sent to +1•••••0101: 1 SMS, 1 segment.");
  assertEquals((await world.twilio.nextMessage()).body, "on my own");
  const { messages } = JSON.parse((await world.run("messages", "--json")).stdout);
  assertEquals(messages.map(({ status }: { status: string }) => status), ["sent"]);
});

Deno.test("send tells a refusal of ours, one of Twilio's, and what nobody knows yet, by its exit code", async () => {
  await using world = await createWorld();
  const { twilio } = world;
  await world.serve({ SMS_BRIDGE_SEGMENTS_PER_SENDER_HOUR_MAX: "2" });
  assertEquals((await world.run("send", ANN, "one")).code, 0);
  twilio.faults.next({ kind: "status", status: 400, code: 21211 });
  const refused = await world.run("send", ANN, "two");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "21211");
  const spent = await world.run("send", ANN, "three");
  assertEquals(spent.code, 6);
  assertStringIncludes(spent.stderr, "bridge.limits.segmentsPerSenderHourMax");
  assertEquals((await world.run("send", "5550101", "x")).code, 2);
  assertEquals((await world.run("send", world.env.TWILIO_PHONE_NUMBER!, "x")).code, 2);
  await twilio.inbound({ from: "+12025550102", text: "STOP" });
  const stopped = await world.run("send", "+12025550102", "x", "--json");
  assertEquals(stopped.code, 6);
  assertEquals(JSON.parse(stopped.stderr).code, "opted-out");
});

Deno.test("send keeps nothing that Twilio refused, so that a script's retry is the only second try", async () => {
  await using world = await createWorld();
  for (const running of [false, true]) {
    const program = running ? await world.serve() : null;
    for (const code of [21211, 21612]) {
      world.twilio.faults.next({ kind: "status", status: 400, code });
      const refused = await world.run("send", ANN, "once", "--json");
      assertEquals(refused.code, 1);
      const { message } = JSON.parse(refused.stdout);
      assertEquals(message.status, "refused");
      assertStringIncludes(message.detail, String(code));
      assert(message.advice !== "", "it says what to do");
    }
    assertEquals(JSON.parse((await world.run("queue", "list", "--json")).stdout).items, []);
    assertEquals((await world.run("queue", "retry", "--all")).stdout, "0 items retried.\n");
    await program?.end("SIGTERM");
  }
  assertEquals(world.twilio.account.messages.filter(({ body }) => body === "once"), []);
});

Deno.test("send --dry-run shows parts, segments and cost, and sends nothing", async () => {
  await using world = await createWorld();
  const dry = await world.run("send", ANN, "x".repeat(200), "--dry-run", "--price", "0.0083");
  assertEquals(dry.code, 0, dry.stderr);
  assertStringIncludes(dry.stdout, "GSM-7, 2 segments");
  assertStringIncludes(dry.stdout, "2 segments, cost 0.0166. Nothing was sent.");
  const unpriced = await world.run("send", ANN, "x", "--dry-run");
  assertEquals(unpriced.code, 0, unpriced.stderr);
  assertStringIncludes(unpriced.stdout, "1 segment, cost about 0.0083 USD (by the price table");
  assertEquals((await world.run("send", ANN, " ", "--dry-run")).code, 2);
  assertEquals(world.twilio.messages.length, 0);
});

Deno.test({
  name: "send --dry-run takes the price that Twilio last billed, and messages shows it",
  // It writes into the store itself, in the format of the Deno that runs the tests.
  ignore: Deno.env.get("SMS_BRIDGE_BIN") !== undefined,
  fn: pricesAreShown,
});

async function pricesAreShown(): Promise<void> {
  await using world = await createWorld();
  await world.run("send", ANN, "x".repeat(200));
  const store = await openStore(world.stateDir, { clock: systemClock, random: systemRandom });
  for await (const { key, value } of store.list({ prefix: DELIVERIES })) {
    await store.commit({ set: [{ key, value: { ...value, price: "0.0166 USD" } }] });
  }
  await store.commit({ set: [{ key: pricesKey("default", "+1", "sms"), value: [830] }] });
  store.close();
  const dry = await world.run("send", ANN, "x".repeat(400), "--dry-run");
  assertStringIncludes(
    dry.stdout,
    "3 segments, cost about 0.0249 USD (a segment was last billed 0.0083 USD)",
  );
  assertMatch((await world.run("messages")).stdout, /sent +0\.0166 USD/);
}

Deno.test("message send wants one target, and takes the default one only when asked to", async () => {
  await using world = await createWorld();
  assertEquals((await world.run("message", "send", "--message", "x")).code, 2);
  const none = await world.run("message", "send", "--to-default", "--message", "x");
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "channels.sms.defaultTo");
  await world.run("config", "set", "channels.sms.defaultTo", ANN);
  const sent = await world.run("message", "send", "--to-default", "--message", "x");
  assertEquals(sent.code, 0, sent.stderr);
  assertEquals((await world.twilio.nextMessage()).to, ANN);
});

Deno.test("the control socket sends a message once for each Idempotency-Key, and tells its state", async () => {
  await using world = await createWorld();
  await world.serve();
  const post = (text: string, key: string) =>
    control(world, "/v1/messages", {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ to: ANN, text }),
    });
  const first = await post("once", "k1");
  assertEquals(first.status, 200);
  const again = await post("once", "k1");
  assertEquals(again.value.repeated, true);
  assertEquals((await post("other", "k1")).status, 409);
  assertEquals((await world.twilio.nextMessage()).body, "once");
  const { id } = first.value.message;
  const looked = await control(world, `/v1/messages/${id}`);
  assertEquals(looked.value.message.number, ANN);
  assertEquals((await control(world, "/v1/messages/7")).status, 404);
  const list = await control(world, `/v1/messages?with=${encodeURIComponent(ANN)}`);
  assertEquals(list.value.messages.length, 1);
  assertEquals(world.twilio.messages.length, 1);
});

Deno.test("messages shows the code of a failed delivery with its meaning, and bodies only when they are kept", async () => {
  await using world = await createWorld();
  await world.serve({ SMS_BRIDGE_STORE_BODIES: "true" });
  world.twilio.planReports({ statuses: ["sent", "undelivered"], errorCode: 30007 });
  await world.run("send", ANN, "kept", "--wait");
  const { stdout } = await world.run("messages");
  assertMatch(stdout, /failed/);
  assertMatch(stdout, /30007: .*filter/i);
  assertStringIncludes(stdout, "kept");
});

Deno.test("send without a daemon keeps what Twilio does not take, exits with 7, and serve goes on", async () => {
  await using world = await createWorld();
  world.twilio.faults.next({ kind: "status", status: 429, code: 20429 }, { times: 1_000 });
  const sent = await world.run("send", ANN, "patience", "--timeout", "1");
  assertEquals(sent.code, 7, sent.stderr);
  assertStringIncludes(sent.stderr, "Twilio asks to send more slowly");
  assertStringIncludes(sent.stderr, "do not send it again");
  world.twilio.faults.clear();
  await world.serve();
  assertEquals((await world.twilio.nextMessage()).body, "patience");
});

Deno.test("send without a daemon looks at Twilio's list before it sends again", async () => {
  await using world = await createWorld();
  world.twilio.faults.next({ kind: "reset-after" });
  const sent = await world.run("send", ANN, "once");
  assertEquals(sent.code, 0, sent.stderr);
  assertEquals(world.twilio.messages.length, 1);
});

Deno.test("send --wait without a daemon asks Twilio itself what became of it", async () => {
  await using world = await createWorld();
  const sent = await world.run("send", ANN, "hello", "--wait");
  assertEquals(sent.code, 0, sent.stderr);
  assertStringIncludes(sent.stdout, "Delivered to +1•••••0101");
});

Deno.test("send exits with 4 when Twilio does not accept the credentials, with and without a daemon", async () => {
  await using world = await createWorld();
  world.env.TWILIO_AUTH_TOKEN = "0".repeat(32);
  const alone = await world.run("send", ANN, "hello");
  assertEquals(alone.code, 4, alone.stderr);
  await world.serve();
  const through = await world.run("send", "+12025550102", "hello");
  assertEquals(through.code, 4, through.stderr);
  assertStringIncludes(through.stderr, "set the Auth Token or API key anew");
  assert(!through.stderr.includes("0".repeat(32)));
});

Deno.test("send --wait exits with 1 when no phone got it, and the log says why and what to do", async () => {
  await using world = await createWorld();
  world.twilio.planReports({ statuses: ["sent", "undelivered"], errorCode: 30034 });
  const program = await world.serve();
  const sent = await world.run("send", ANN, "hello", "--wait");
  assertEquals(sent.code, 1, sent.stdout);
  assertMatch(sent.stderr, /was not delivered\nhint: 30034: .*A2P 10DLC/);
  await program.event(
    "message.undelivered",
    ({ code, hint }) => code === 30034 && String(hint).includes("A2P 10DLC"),
  );
});

Deno.test("send gives a file to Twilio by its URL, and refuses a text that is too long whole", async () => {
  await using world = await createWorld();
  const url = "https://example.invalid/cat.png";
  const sent = await world.run("send", ANN, "look", "--media", url);
  assertEquals(sent.code, 0, sent.stderr);
  assertEquals((await world.twilio.nextMessage()).mediaUrls, [url]);
  const long = await world.run("send", ANN, "word ".repeat(5_000));
  assertEquals(long.code, 2, long.stderr);
  assertStringIncludes(long.stderr, "shorten it");
  assertEquals(world.twilio.messages.length, 1);
});

Deno.test("sends at the same time without a daemon all arrive, once each", async () => {
  await using world = await createWorld();
  const texts = ["one", "two", "three", "four", "five"];
  const ends = await Promise.all(texts.map((text) => world.run("send", ANN, text)));
  assertEquals(ends.map(({ code, stderr }) => [code, stderr]), texts.map(() => [0, ""]));
  assertEquals(world.twilio.messages.map(({ body }) => body).toSorted(), texts.toSorted());
});

Deno.test("every message asks for delivery reports, tried again when they do not reach us", async () => {
  await using world = await createWorld();
  await world.run("send", ANN, "hello");
  const { statusCallback } = await world.twilio.nextMessage();
  assertEquals(statusCallback, `${world.env.SMS_PUBLIC_WEBHOOK_URL}#rp=ct,rt,5xx&rt=5000&rc=1`);
});
