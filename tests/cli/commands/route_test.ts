import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101";
const AGENTS = { entries: { helper: { default: true }, work: {} } };
const CONFIG = {
  agents: AGENTS,
  bindings: [{ agentId: "work", match: { channel: "sms", peer: { kind: "direct", id: ANN } } }],
};

Deno.test("route tells the agent and session of a number, with and without a daemon", async () => {
  await using world = await createBridgeWorld({ config: CONFIG });
  for (const before of [() => {}, async () => void await (await world.start()).link.ready()]) {
    await before();
    const { code, out } = await world.run("route", ANN, "--json");
    assertEquals(code, 0);
    assertEquals(JSON.parse(out), {
      number: ANN,
      account: "default",
      owner: false,
      agent: "work",
      session: `agent:work:sms:direct:${ANN}`,
      gatewaySession: "agent:work:main",
      rule: "peer",
      problem: null,
    });
  }
  const other = await world.run("route", "+12025550102");
  assertMatch(other.out, /Agent +helper, by the Gateway's default agent/);
  assertMatch((await world.run("status")).out, /Agent +helper/);
  assertMatch((await world.run("doctor")).out, /helper answers/);
});

Deno.test("route shows nothing of the Gateway's names that steers a terminal", async () => {
  const evil = "ann\x1b[31m\x9b0m\u202e\u200f\x07";
  await using world = await createBridgeWorld({
    config: { session: { dmScope: "per-peer", mainKey: evil, identityLinks: { [evil]: [ANN] } } },
  });
  for (const json of [[], ["--json"]]) {
    const { code, out } = await world.run("route", ANN, ...json);
    assertEquals(code, 0);
    assertMatch(out, /agent:main:direct:ann/);
    // deno-lint-ignore no-control-regex
    assertEquals(out.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u202e]|\\u00/), null, out);
  }
});

Deno.test("route and doctor tell when nobody would answer, and how to mend it", async () => {
  await using world = await createBridgeWorld({
    config: { agents: { entries: { a: {}, b: {} } } },
  });
  const { code, out } = await world.run("route", ANN);
  assertEquals(code, 5);
  assertStringIncludes(out, "nobody");
  const probed = JSON.parse((await world.run("status", "--probe", "--json")).out).probe.checks;
  const agent = probed.find(({ id }: { id: string }) => id === "gateway.agent");
  assertEquals([agent.state, agent.command], [
    "problem",
    "sms-bridge config set bridge.agent a",
  ]);
  world.env.SMS_BRIDGE_AGENT = "b";
  assertMatch((await world.run("route", ANN)).out, /Agent +b, by bridge.agent/);
});

Deno.test("route needs a number and a Gateway", async () => {
  await using world = await createBridgeWorld();
  assertEquals((await world.run("route", "ann")).code, 2);
  await world.gateway.close();
  const away = await world.run("route", ANN, "--json");
  assertEquals([away.code, JSON.parse(away.err).code], [7, "gateway-away"]);
});

Deno.test("a text reaches the agent that a binding names for its number, files of entries' workspaces too", async () => {
  await using world = await createBridgeWorld({ config: CONFIG });
  world.env.SMS_ALLOWED_USERS = `${ANN},+12025550102`;
  const daemon = await world.start();
  await daemon.link.ready();
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage();
  await world.twilio.inbound({ from: "+12025550102", text: "hello" });
  await world.twilio.nextMessage();
  assertEquals(world.gateway.sessions.turns.map(({ sessionKey }) => sessionKey), [
    `agent:work:sms:direct:${ANN}`,
    "agent:helper:sms:direct:+12025550102",
  ]);
});
