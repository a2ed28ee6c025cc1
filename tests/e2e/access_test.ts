import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createWorld, until, type World } from "./program.ts";
import { postSigned } from "./signed_post.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const EVE = "+12025550103";

Deno.test("serve runs the commands of an owner on the Gateway, and takes everyone else's for text", async () => {
  await using world = await createWorld();
  const { twilio, gateway } = world;
  await world.run("pair", "allow", ANN, "--owner");
  await world.run("pair", "allow", BOB);
  await world.serve();
  const answer = async (from: string, text: string) => {
    await twilio.inbound({ from, text });
    return (await twilio.nextMessage()).body;
  };
  assertStringIncludes(await answer(ANN, "/status"), "OpenClaw");
  assertStringIncludes(await answer(ANN, "/whoami"), "Identity");
  assertStringIncludes(await answer(ANN, "/new"), "New session started");
  assertEquals(gateway.sessions.turns.length, 0, "no model was asked");
  assertEquals(await answer(ANN, " /new"), 'echo: "/new"');
  assertEquals(await answer(BOB, "/new"), 'echo: "/new"');
  assertEquals(await answer(BOB, "/status"), "echo: /status");
});

Deno.test("owners have the Gateway's owner tools where the settings say so, and nobody else has", async () => {
  for (const on of [false, true]) {
    await using world = await createWorld();
    const { twilio, gateway } = world;
    const made = await world.run("pair", "allow", ANN, "--owner");
    assertStringIncludes(made.stderr, "bridge.ownerTools");
    await world.run("pair", "allow", BOB);
    await world.serve(on ? { SMS_BRIDGE_OWNER_TOOLS: "on" } : {});
    for (const from of [ANN, BOB]) {
      await twilio.inbound({ from, text: "remind me at 5" });
      assertEquals((await twilio.nextMessage()).body, "echo: remind me at 5");
    }
    const tools = gateway.sessions.turns.map(({ ownerTools }) => ownerTools === true);
    assertEquals(tools, [on, false]);
  }
});

Deno.test("serve lets an owner stop the turn under way, without waiting for it", async () => {
  await using world = await createWorld();
  const { twilio, gateway } = world;
  await world.run("pair", "allow", ANN, "--owner");
  const program = await world.serve();
  await twilio.inbound({ from: ANN, text: "[[slow:10000]][[say:never]]" });
  await until(() => gateway.sessions.turns.length > 0);
  await twilio.inbound({ from: ANN, text: "/stop" });
  assertEquals((await twilio.nextMessage()).body, "Stopped.");
  await program.event("text.finished", ({ outcome }) => outcome === "silent");
  await twilio.inbound({ from: ANN, text: "next" });
  assertEquals((await twilio.nextMessage()).body, "echo: next");
});

/** Everything that a client sees of the answer to a signed text, but for its date. */
async function answerTo(world: World, port: number, from: string, text: string): Promise<string> {
  const { twilio } = world;
  const response = await postSigned(port, "/webhooks/sms", twilio.authToken, {
    MessageSid: `SM${crypto.randomUUID().replaceAll("-", "")}`,
    AccountSid: twilio.accountSid,
    From: from,
    To: twilio.account.numbers[0]!.phoneNumber,
    Body: text,
    NumMedia: "0",
  });
  const headers = [...response.headers].filter(([name]) => name !== "date");
  return JSON.stringify([response.status, headers, await response.text()]);
}

Deno.test("serve answers known, unknown, blocked and opted-out senders and a replay alike", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const pairing = await world.serve();
  const answers = new Set([
    await answerTo(world, pairing.port, ANN, "known"),
    await answerTo(world, pairing.port, BOB, "unknown"),
    await answerTo(world, pairing.port, BOB, "unknown, once more"),
    await answerTo(world, pairing.port, EVE, "STOP"),
    await answerTo(world, pairing.port, EVE, "opted out"),
    await answerTo(world, pairing.port, "12345", "a short code"),
  ]);
  await pairing.end("SIGTERM");
  const closed = await world.serve({ SMS_BRIDGE_DM_POLICY: "disabled" });
  answers.add(await answerTo(world, closed.port, ANN, "blocked"));
  assertEquals([...answers].length, 1, [...answers].join("\n"));
});

Deno.test("two bridges that text each other stop by themselves within five answers each", async () => {
  const numbers = ["+12025550111", "+12025550112"] as const;
  await using a = await createWorld({}, { numbers: [numbers[0]] });
  await using b = await createWorld({}, { numbers: [numbers[1]] });
  const worlds = [a, b] as const;
  const programs = await Promise.all(worlds.map(async (world, i) => {
    await world.run("pair", "allow", numbers[1 - i]!);
    return await world.serve();
  }));
  const said = [0, 0];
  let resting = false;
  const forward = async (from: 0 | 1) => {
    while (!resting) {
      const message = await worlds[from].twilio.nextMessage(undefined, 500).catch(() => null);
      if (message === null) continue;
      if (!/^This looks like two machines/.test(message.body)) said[from]!++;
      await worlds[1 - from]!.twilio.inbound({ from: numbers[from], text: message.body });
    }
  };
  const forwarding = [forward(0), forward(1)];
  await a.twilio.inbound({ from: numbers[1], text: "hello" });
  await Promise.race(programs.map((program) => program.event("conversation.paused")));
  resting = true;
  await Promise.all(forwarding);
  assert(said[0]! > 1 && said[0]! <= 5 && said[1]! <= 5, said.join());
});

Deno.test("pair approve --notify tells the requester", async () => {
  await using world = await createWorld();
  await world.serve();
  await world.twilio.inbound({ from: ANN, text: "hello" });
  const code = (await world.twilio.nextMessage()).body.match(/pair approve ([A-Z2-9]{8})/)![1]!;
  const approved = await world.run("pairing", "approve", "sms", code, "--notify");
  assertStringIncludes(approved.stdout, "They are told by SMS.");
  assertStringIncludes((await world.twilio.nextMessage()).body, "You have been let in.");
});

Deno.test("who texted another number of the service is told from that number of being let in", async () => {
  const numbers = ["+12025550123", "+12025550177"];
  const messagingServiceSid = `MG${"0".repeat(32)}`;
  await using world = await createWorld({}, { numbers, messagingServiceSid });
  await world.serve({ TWILIO_MESSAGING_SERVICE_SID: messagingServiceSid });
  await world.twilio.inbound({ from: ANN, to: numbers[1]!, text: "hello" });
  const code = await world.twilio.nextMessage();
  const [, word] = code.body.match(/pair approve ([A-Z2-9]{8})/)!;
  await world.run("pair", "approve", word!, "--notify");
  const told = await world.twilio.nextMessage();
  assertStringIncludes(told.body, "You have been let in.");
  assertEquals([code.from, told.from], [numbers[1], numbers[1]]);
});
