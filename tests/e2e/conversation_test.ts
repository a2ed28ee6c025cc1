import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createWorld, until } from "./program.ts";
import { postSigned } from "./signed_post.ts";

const ANN = "+12025550101";

Deno.test("serve pairs a stranger, then answers", async () => {
  await using world = await createWorld();
  const { twilio } = world;
  const program = await world.serve();

  const first = await twilio.inbound({ from: ANN, text: "hello" });
  assertEquals(first.attempts.map(({ status }) => status), [200]);
  const pairing = await twilio.nextMessage();
  const code = pairing.body.match(/pair approve ([A-Z2-9]{8})/)![1]!;

  const list = await world.run("pair", "list", "--json");
  assertEquals(JSON.parse(list.stdout).requests[0].code, code);
  const approved = await world.run("pairing", "approve", "sms", code);
  assertEquals(approved.code, 0, approved.stderr);
  assertStringIncludes(approved.stdout, "+1•••••0101");

  await twilio.inbound({ from: ANN, text: "how are *you*?" });
  assertEquals((await twilio.nextMessage()).body, "echo: how are you?");
  assertEquals(
    world.gateway.sessions.turns.map(({ sessionKey, message }) => [sessionKey, message]),
    [
      [`agent:main:sms:direct:${ANN}`, "how are *you*?"],
    ],
  );
  assertEquals((await program.end("SIGTERM")).code, 0);
  assert(!program.stderr().includes(ANN), "no whole number in the log");
  assert(!program.stderr().includes("how are"), "no text in the log");
  assert(!program.stderr().includes(twilio.authToken), "no secret in the log");
});

Deno.test("serve sends a long answer whole, in order and with part marks", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  await world.serve({ SMS_TEXT_CHUNK_LIMIT: "320" });
  await world.twilio.inbound({ from: ANN, text: "[[long:9]]" });
  const first = await world.twilio.nextMessage();
  const count = Number(first.body.match(/^\(1\/(\d)\) /)?.[1]);
  assert(count >= 2, first.body);
  const bodies = [first.body];
  for (let i = 2; i <= count; i++) bodies.push((await world.twilio.nextMessage()).body);
  bodies.forEach((body, i) => assertMatch(body, new RegExp(`^\\(${i + 1}/${count}\\) `)));
  assertStringIncludes(bodies.join(" "), "This is paragraph 9 with a link (https://example.com/9)");
});

Deno.test("serve answers a text once after kill -9 behind the 200", async () => {
  await using world = await createWorld({ recoverAfterMs: null });
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  const received = await world.twilio.inbound({ from: ANN, text: "[[slow:100]][[say:once]]" });
  assert(received.ok);
  await program.end("SIGKILL");
  await world.serve();
  assertEquals((await world.twilio.nextMessage()).body, "once");
  await world.twilio.inbound({ from: ANN, text: "again", messageSid: received.messageSid });
  await world.twilio.inbound({ from: ANN, text: "next" });
  assertEquals((await world.twilio.nextMessage()).body, "echo: next");
  assertEquals(world.gateway.sessions.turns.map(({ message }) => message), [
    "[[slow:100]][[say:once]]",
    "next",
  ]);
});

Deno.test("serve refuses what is not signed with the account's token, and stores nothing of it", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  await world.serve();
  const forged = await world.twilio.inbound({ from: ANN, text: "hi", authToken: "0".repeat(32) });
  assertEquals(forged.attempts[0]!.status, 403);
  await world.twilio.inbound({ from: ANN, text: "real" });
  assertEquals((await world.twilio.nextMessage()).body, "echo: real");
  assertEquals(world.gateway.sessions.turns.length, 1);
});

Deno.test("serve tells everything that is wrong in one message and exits with 3", async () => {
  await using world = await createWorld();
  const env = world.env;
  for (const name of ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"]) env[name] = "";
  env.SMS_TEXT_CHUNK_LIMIT = "5";
  const { code, stderr } = await world.run("serve");
  assertEquals(code, 3);
  for (const name of ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SMS_TEXT_CHUNK_LIMIT"]) {
    assertStringIncludes(stderr, name);
  }
});

Deno.test("pair tells unknown, used and expired codes apart, with the daemon and without", async () => {
  await using world = await createWorld();
  const unknown = await world.run("pair", "approve", "ABCDEFGH", "--json");
  assertEquals(unknown.code, 5);
  assertEquals(JSON.parse(unknown.stderr).code, "pairing-code-unknown");
  const program = await world.serve();
  await world.twilio.inbound({ from: ANN, text: "hello" });
  const code = (await world.twilio.nextMessage()).body.match(/approve ([A-Z2-9]{8})/)![1]!;
  const wrong = await world.run("pair", "approve", "ABCDEFGH");
  assertEquals(wrong.code, 5);
  assertStringIncludes(wrong.stderr, code, "what is pending is listed");
  assertEquals((await world.run("pair", "approve", code)).code, 0);
  assertEquals((await world.run("pair", "approve", code)).code, 6);
  await program.end("SIGTERM");
  assertEquals((await world.run("pair", "approve", code)).code, 6);
  assertEquals((await world.run("pair", "revoke", ANN)).code, 0);
  assertEquals(JSON.parse((await world.run("pair", "allowed", "--json")).stdout).allowed, []);
});

Deno.test("serve answers texts that came while it was down, once each and in order", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const first = await world.serve();
  await world.twilio.inbound({ from: ANN, text: "before" });
  assertEquals((await world.twilio.nextMessage()).body, "echo: before");
  await first.end("SIGTERM");
  for (const text of ["one", "two"]) {
    await world.twilio.inbound({ from: ANN, text, webhookLost: true });
  }
  await world.serve();
  assertEquals((await world.twilio.nextMessage()).body, "echo: one");
  assertEquals((await world.twilio.nextMessage()).body, "echo: two");
  const turns = world.gateway.sessions.turns.map(({ message }) => message);
  assertEquals(turns, ["before", "one", "two"]);
});

Deno.test("serve has a text answered that the Gateway lost before it was written down", async () => {
  await using world = await createWorld({ beginAfterMs: 400 });
  const { gateway, twilio } = world;
  await world.run("pair", "allow", ANN);
  await world.serve();
  await twilio.inbound({ from: ANN, text: "hello" });
  await until(() => gateway.requests.includes("agent"));
  await gateway.restart();
  // The key that was lost is refused; the next one is asked when the Gateway has settled.
  assertEquals((await twilio.nextMessage(undefined, 40_000)).body, "echo: hello");
  assertEquals(gateway.sessions.turns.map(({ message }) => message), ["hello"]);
});

Deno.test("serve hands the pictures and files of a text to the agent, and names what it could not take", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  const pdf = new TextEncoder().encode("%PDF-1.7 and so on");
  await world.twilio.inbound({
    from: ANN,
    text: "what is this?",
    media: [{ contentType: "image/jpeg", bytes: png }, {
      contentType: "application/pdf",
      bytes: pdf,
    }],
  });
  await world.twilio.nextMessage();
  const [turn] = world.gateway.sessions.turns;
  assertEquals(turn!.attachments.map(({ mimeType, fileName }) => [mimeType, fileName]), [
    ["image/png", "picture-1.png"],
    ["application/pdf", "file-2.pdf"],
  ]);
  assertEquals(turn!.attachments[0]!.content, btoa(String.fromCharCode(...png)));
  assertEquals(turn!.message, "\u2060what is this?");
  const huge = new Uint8Array(6 * 1024 * 1024);
  const media = [{ contentType: "image/png", bytes: png }, {
    contentType: "video/mp4",
    bytes: huge,
  }];
  await world.twilio.inbound({ from: ANN, text: "/status of this?", media });
  await world.twilio.nextMessage();
  const second = world.gateway.sessions.turns[1]!;
  assertEquals(second.attachments.map(({ fileName }) => fileName), ["picture-1.png"]);
  assertMatch(second.message, /^\/status of this\?\n\[An attachment could not .*too large/);
  assertEquals(world.twilio.mediaLeaks, []);
  assertEquals((await program.end("SIGTERM")).code, 0);
});

Deno.test("serve gives the agent the rest of a text whose files the Gateway refuses by name", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  await world.serve();
  const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
  const broken = new TextEncoder().encode("broken");
  for (const contentType of ["image/jpeg", "application/pdf"]) {
    await world.twilio.inbound({
      from: ANN,
      text: "two",
      media: [{ contentType, bytes: broken }, { contentType: "image/png", bytes: png }],
    });
    await world.twilio.nextMessage();
    const turn = world.gateway.sessions.turns.at(-1)!;
    assertEquals(turn.attachments.map(({ fileName }) => fileName), ["picture-2.png"]);
    assertMatch(turn.message, /two\n\[\w+-1\.\w+ could not be taken: invalid base64 content\.\]$/);
  }
});

Deno.test("serve tells its health and metrics on the admin listener, and to nobody through Funnel", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage();
  await world.twilio.idle();
  const get = (path: string, headers = {}) =>
    fetch(`http://${program.admin}${path}`, { headers }).then(async (response) =>
      [response.status, await response.text()] as const
    );
  assertEquals(await get("/readyz"), [200, '{"ok":true,"reasons":[]}']);
  const [, metrics] = await get("/metrics");
  assertStringIncludes(metrics, 'smsbridge_webhooks_total{outcome="stored"} 1');
  assertStringIncludes(metrics, 'smsbridge_texts_total{outcome="answered"} 1');
  assertStringIncludes(metrics, "smsbridge_webhook_duration_seconds_count 3", "1 text, 2 reports");
  assert(!metrics.includes(ANN.slice(2)) && !/\b(SM|AC)[0-9a-f]{32}/.test(metrics));
  assertEquals((await get("/metrics", { "tailscale-funnel-request": "?1" }))[0], 403);
  await world.gateway.close();
  await program.event("gateway.lost");
  const [status, text] = await get("/readyz");
  assertEquals([status, JSON.parse(text).reasons], [503, ["gateway-away"]]);
});

Deno.test("one trace follows a text through the log, from its webhook to the delivery report of its answer", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  for (const text of ["one", "two"]) {
    await world.twilio.inbound({ from: ANN, text });
    await world.twilio.nextMessage();
  }
  await program.event("message.sent", () => {
    return program.events.filter(({ event }) => event === "message.sent").length === 2;
  });
  // A report that comes in the same moment as Twilio's answer to the send may be ahead of it: one more each.
  for (const { sid } of world.twilio.messages.filter(({ direction }) => direction !== "inbound")) {
    const { accountSid: AccountSid, authToken } = world.twilio;
    const report = { MessageSid: sid, MessageStatus: "delivered", AccountSid };
    const response = await postSigned(program.port, "/webhooks/sms", authToken, report);
    assertEquals((await response.bytes(), response.status), 200);
  }
  const traced = Map.groupBy(program.events.filter(({ trace }) => trace), ({ trace }) => trace);
  assertEquals(traced.size, 2);
  for (const [trace, events] of traced) {
    assertMatch(String(trace), /^…[0-9a-f]{6}$/);
    const names = new Set(events.map(({ event }) => event));
    for (const name of ["text.received", "text.finished", "message.sent", "message.reported"]) {
      assert(names.has(name), `${trace}: ${[...names]}`);
    }
  }
});
