import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101";

Deno.test("webhook simulate shows the way of a text from the webhook to its delivery", async () => {
  await using world = await createBridgeWorld();
  await world.run("pair", "allow", ANN);
  const daemon = await world.start();
  await daemon.link.ready();
  const { code, out, err } = await world.run(
    "webhook",
    "simulate",
    "--from",
    ANN,
    "--text",
    "hello",
    "--json",
  );
  assertEquals(code, 0, err);
  const { ok, account, messageSid, steps } = JSON.parse(out);
  assertEquals([ok, account], [true, "default"]);
  assertMatch(messageSid, /^SM[0-9a-f]{32}$/);
  assertEquals(steps.map(({ step }: { step: string }) => step), [
    "posted",
    "stored",
    "turn",
    "ended",
    "reply",
    "sent",
    "delivery",
  ]);
  assertStringIncludes(steps[0].message, `127.0.0.1:${daemon.address.port}/webhooks/sms: 200`);
  assertEquals(world.gateway.sessions.turns.map(({ message }) => message), ["hello"]);
  assertEquals((await world.twilio.nextMessage()).body, "echo: hello");
  const again = await world.run("webhook", "simulate", "--from", ANN, "--text", "2", "--json");
  assertEquals(JSON.parse(again.out).steps.length, steps.length, "nothing of the first one");
});

Deno.test("webhook simulate says that a stranger is not let in, and masks numbers", async () => {
  await using world = await createBridgeWorld();
  await world.start();
  const { code, out } = await world.run("webhook", "simulate", "--from", ANN, "--text", "hello");
  assertEquals(code, 0);
  assertStringIncludes(out, "has a pairing code");
  assert(!out.includes(ANN));
  assertEquals(world.gateway.sessions.turns.length, 0);
});

Deno.test("webhook simulate ends with 1 when the text is not answered in time", async () => {
  await using world = await createBridgeWorld();
  await world.run("pair", "allow", ANN);
  await world.gateway.close();
  await world.start();
  const args = ["webhook", "simulate", "--from", ANN, "--text", "hi", "--timeout", "0.3"];
  const { code, out, err } = await world.run(...args);
  assertEquals(code, 1);
  assertStringIncludes(out, "on disk, for the agent");
  assertStringIncludes(err, "did not come to a good end in time");
});

Deno.test("webhook simulate needs a bridge that runs, a number and a text", async () => {
  await using world = await createBridgeWorld();
  const simulate = (...args: string[]) => world.run("webhook", "simulate", ...args, "--json");
  const stopped = await simulate("--from", ANN, "--text", "hi");
  assertEquals([stopped.code, JSON.parse(stopped.err).code], [7, "not-running"]);
  assertEquals((await simulate("--from", ANN)).code, 2);
  await world.start();
  const invalid = await simulate("--from", "Ann", "--text", "hi");
  assertEquals([invalid.code, JSON.parse(invalid.err).code], [2, "number-invalid"]);
});
