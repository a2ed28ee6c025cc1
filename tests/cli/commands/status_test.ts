import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { displayWidth } from "../../../src/cli/terminal/width.ts";
import { createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101";

Deno.test("status --json keeps its contract, with and without a daemon", async () => {
  await using world = await createBridgeWorld();
  const stopped = JSON.parse((await world.run("status", "--json")).out);
  const daemon = await world.start();
  await daemon.link.ready();
  const { code, out } = await world.run("channels", "status", "--channel", "sms", "--json");
  assertEquals(code, 0);
  const running = JSON.parse(out);
  for (const status of [stopped, running]) {
    assertEquals(Object.keys(status).sort(), [
      "accounts",
      "adminListen",
      "atMs",
      "errors",
      "gateway",
      "listen",
      "ready",
      "reasons",
      "running",
      "startedAtMs",
      "version",
      "warnings",
    ]);
    assertEquals(Object.keys(status.accounts[0]).sort(), [
      "allowedSenders",
      "budget",
      "deadLetters",
      "dmPolicy",
      "enabled",
      "groups",
      "id",
      "inbox",
      "lastDelivery",
      "lastInboundAtMs",
      "lastOutboundAtMs",
      "lastTurnAtMs",
      "limitedSenders",
      "money",
      "optOutWords",
      "optedOutSenders",
      "outbox",
      "owners",
      "pausedSenders",
      "pendingPairings",
      "publicWebhookUrl",
      "sender",
      "signatureValidation",
      "waitingPairings",
      "webhookPath",
    ]);
  }
  assertEquals([stopped.running, running.running], [false, true]);
  assertEquals(running.gateway.state, "ready");
  assertEquals(running.listen, `127.0.0.1:${daemon.address.port}`);
});

Deno.test("status fits into 80 columns and shows no whole number", async () => {
  await using world = await createBridgeWorld();
  await world.run("pair", "allow", ANN);
  const daemon = await world.start();
  await daemon.link.ready();
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage();
  await world.twilio.idle();
  const { code, out } = await world.run("status");
  assertEquals(code, 0);
  for (const line of out.split("\n")) assert(displayWidth(line) <= 80, line);
  assertMatch(out, /Last text in +(just now|\d+s ago)/);
  assertMatch(out, /Last delivery +delivered/);
  assertStringIncludes(out, "1 let in");
  assert(!out.includes(ANN));
});

Deno.test("status of an account that is not there says which are, and exits with 5", async () => {
  await using world = await createBridgeWorld();
  const { code, err } = await world.run("status", "--account", "work", "--json");
  assertEquals(code, 5);
  assertEquals(JSON.parse(err), {
    code: "account-unknown",
    message: 'Cannot find the account "work"',
    hint: "known: default",
  });
});

Deno.test("status --watch shows it again and again until it is interrupted", async () => {
  await using world = await createBridgeWorld();
  const stop = new AbortController();
  const shown: string[] = [];
  const stdout = (text: string) => {
    shown.push(text);
    if (shown.length === 2) stop.abort();
  };
  const now = Date.now();
  const clock = {
    now: () => now,
    after: (_ms: number, fn: () => void) => (queueMicrotask(fn), () => {}),
  };
  const { code } = await world.runIn(
    { stdout, clock, signal: stop.signal },
    "status",
    "--watch",
    "--json",
  );
  assertEquals(code, 130);
  assertEquals(shown.map((line) => JSON.parse(line).running), [false, false]);
});
