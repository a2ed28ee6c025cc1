import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createWorld, until, type World } from "./program.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";

/** Resolves when the tool is there. */
function offered(world: World): Promise<void> {
  return until(() => world.gateway.nodes.tools.length > 0);
}

function refusal(answer: { ok: boolean; message?: string }): string {
  assert(!answer.ok && answer.message !== undefined);
  return answer.message;
}

Deno.test("the agent texts with its tool: the person of its session, the default number, or whoever is let in", async () => {
  await using world = await createWorld();
  const { gateway: { nodes }, twilio } = world;
  await world.run("pair", "allow", ANN);
  await world.run("config", "set", "channels.sms.defaultTo", BOB);
  await world.serve();
  await offered(world);
  assertEquals(nodes.tools, ["sms_send"]);
  const sent = await nodes.call({ to: ANN, text: "to **Ann**" });
  assert(sent.ok && sent.payload.status !== "waiting");
  assertEquals([(await twilio.nextMessage()).to, twilio.messages.at(-1)!.body], [ANN, "to Ann"]);
  const { id, sids, parts, segments, price } = sent.payload as Record<string, unknown>;
  assertEquals([typeof id, parts, segments, price], ["string", 1, 1, null]);
  assertEquals(sids, [twilio.messages.at(-1)!.sid]);
  await nodes.call({ text: "to whoever asked" }, { sessionKey: `agent:main:sms:direct:${ANN}` });
  assertEquals((await twilio.nextMessage()).to, ANN);
  await nodes.call({ text: "to the default" }, { sessionKey: "agent:main:main" });
  assertEquals((await twilio.nextMessage()).to, BOB);
});

Deno.test("the tool tells the agent why it did not text", async () => {
  await using world = await createWorld();
  const { gateway: { nodes }, twilio } = world;
  await world.run("pair", "allow", ANN);
  await world.serve({ SMS_BRIDGE_SEGMENTS_PER_SENDER_HOUR_MAX: "1" });
  await offered(world);
  assertStringIncludes(refusal(await nodes.call({ to: BOB, text: "hi" })), "not let it in");
  assertStringIncludes(refusal(await nodes.call({ text: "hi" })), "no default number");
  const elsewhere = { sessionKey: `agent:main:direct:${ANN}` };
  assertStringIncludes(refusal(await nodes.call({ text: "hi" }, elsewhere)), "no default number");
  const gone = { sessionKey: `agent:main:sms:gone:direct:${ANN}` };
  assertStringIncludes(refusal(await nodes.call({ text: "hi" }, gone)), "no account");
  assertStringIncludes(refusal(await nodes.call({ to: "555", text: "hi" })), "E.164");
  assertStringIncludes(refusal(await nodes.call({ to: ANN })), '"text"');
  twilio.faults.next({ kind: "status", status: 400, code: 21614 });
  assertStringIncludes(refusal(await nodes.call({ to: ANN, text: "hi" })), "21614");
  assertStringIncludes(refusal(await nodes.call({ to: ANN, text: "more" })), "budget");
  await twilio.inbound({ from: ANN, text: "STOP" });
  assertStringIncludes(refusal(await nodes.call({ to: ANN, text: "hi again" })), "opted out");
  assertEquals(twilio.messages.filter(({ direction }) => direction !== "inbound"), []);
});

Deno.test("a call of the tool that comes twice sends once, and the tool is back after a restart of the Gateway", async () => {
  await using world = await createWorld({ allowedCommands: ["sms.send"] });
  const { gateway, twilio } = world;
  await world.serve({ SMS_BRIDGE_TOOL_TARGETS: "any" });
  await offered(world);
  const call = (text: string) => gateway.nodes.call({ to: ANN, text }, { key: "call-1" });
  await Promise.all([call("once"), call("once")]);
  assert((await call("once")).ok);
  assert((await call("another")).ok);
  assertEquals(twilio.messages.map(({ body }) => body), ["once", "another"]);
  await gateway.restart(50);
  await offered(world);
  assert((await gateway.nodes.call({ to: ANN, text: "back" })).ok);
});

Deno.test("the agent has no tool where the settings say so", async () => {
  await using world = await createWorld();
  await world.serve({ SMS_BRIDGE_AGENT_TOOL: "off" });
  await world.run("pair", "allow", ANN);
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage();
  assertEquals(world.gateway.nodes.tools, []);
});
