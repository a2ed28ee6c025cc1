import { assertEquals } from "@std/assert";
import { createWorld, type Program, until, type World } from "./program.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const EVE = "+12025550103";
const session = (phone: string) => `agent:main:sms:direct:${phone}`;

/** What went to phones so far, oldest first. */
function texted({ twilio }: World): (readonly [string, string])[] {
  return twilio.messages.filter(({ direction }) => direction !== "inbound")
    .map(({ to, body }) => [to, body]);
}

/** Starts `serve`, lets Ann in and has her first text answered, which makes her session. */
async function conversation(world: World, env: Record<string, string> = {}): Promise<Program> {
  await world.run("pair", "allow", ANN);
  const program = await world.serve(env);
  await until(() => world.gateway.requests.includes("sessions.subscribe"));
  await world.twilio.inbound({ from: ANN, text: "hello" });
  assertEquals((await world.twilio.nextMessage()).to, ANN);
  return program;
}

Deno.test("serve texts what the agent says unasked in a session, once, and not what others typed there", async () => {
  await using world = await createWorld();
  const { gateway: { sessions }, twilio } = world;
  const program = await conversation(world);
  sessions.prompt(session(ANN), "typed elsewhere", "run-1");
  sessions.say(session(ANN), "answer to elsewhere", "run-1");
  sessions.say(session(ANN), "**Found** it", "announce:v1:child:1");
  await twilio.nextMessage();
  sessions.say(session(ANN), "Found it, again", "announce:v1:child:1");
  sessions.prompt(session(ANN), "run the job", "run-2", "internal_system");
  sessions.say(session(ANN), "job done", "run-3");
  await twilio.nextMessage();
  sessions.say(session(EVE), "to a stranger", "announce:v1:child:2");
  await program.event("proactive.not-texted");
  await twilio.inbound({ from: ANN, text: "STOP" });
  sessions.say(session(ANN), "after STOP", "announce:v1:child:3");
  await program.event("proactive.texted", ({ outcome }) => outcome === "refused");
  assertEquals(texted(world), [[ANN, "echo: hello"], [ANN, "Found it"], [ANN, "job done"]]);
});

for (const release of ["2026.9.6", "2026.8.1"] as const) {
  Deno.test(`with a Gateway ${release} another session's message is texted, not what the two say then, and the job after it is`, async () => {
    await using world = await createWorld({ release });
    const { gateway: { sessions }, twilio } = world;
    await conversation(world);
    sessions.hear(session(ANN), "tell Ann", "told you");
    sessions.job(session(ANN), "do it", "job done");
    await twilio.nextMessage();
    await twilio.nextMessage();
    sessions.hear(session(ANN), "tell Ann more", "told more");
    await twilio.nextMessage();
    await twilio.inbound({ from: ANN, text: "bye" });
    await twilio.nextMessage();
    assertEquals(
      texted(world).map(([, body]) => body),
      ["echo: hello", "told you", "job done", "told more", "echo: bye"],
    );
  });
}

Deno.test("what was said unasked while the socket was down, or the bridge, is texted once", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  const first = await conversation(world);
  gateway.dropSockets();
  gateway.sessions.job(session(ANN), "do it", "while the socket was down");
  await twilio.nextMessage();
  await first.end("SIGKILL");
  for (let i = 0; i < 120; i++) gateway.sessions.prompt(session(ANN), "typed", `other-${i}`);
  gateway.sessions.say(session(ANN), "while the bridge was down", "announce:v1:child:2");
  for (let i = 0; i < 120; i++) gateway.sessions.say(session(ANN), "typed", `other-${i}`);
  const second = await world.serve();
  await twilio.nextMessage();
  await second.end("SIGKILL");
  const third = await world.serve();
  await third.event("gateway.ready");
  await twilio.inbound({ from: ANN, text: "and now" });
  await twilio.nextMessage();
  assertEquals(texted(world).map(([, body]) => body), [
    "echo: hello",
    "while the socket was down",
    "while the bridge was down",
    "echo: and now",
  ]);
});

Deno.test("in the main session only who asked is answered, and what nobody asked for goes to defaultTo, else the owner", async () => {
  await using world = await createWorld();
  const { gateway: { sessions }, twilio } = world;
  const env = { SMS_BRIDGE_SESSION_SCOPE: "main", SMS_BRIDGE_OWNERS: BOB };
  await world.run("pair", "allow", BOB);
  const program = await conversation(world, env);
  sessions.say("agent:main:main", "to the owner", "announce:v1:child:1");
  assertEquals((await twilio.nextMessage()).to, BOB);
  await program.end("SIGTERM");
  await world.run("config", "set", "channels.sms.defaultTo", EVE);
  await world.serve(env);
  sessions.say("agent:main:main", "to the default", "announce:v1:child:2");
  assertEquals((await twilio.nextMessage()).to, EVE);
  assertEquals(texted(world).map(([, body]) => body), [
    "echo: hello",
    "to the owner",
    "to the default",
  ]);
});

Deno.test("serve texts nothing unasked where the settings say so, also not later", async () => {
  await using world = await createWorld();
  const { gateway: { sessions }, twilio } = world;
  const silent = await conversation(world, { SMS_BRIDGE_PROACTIVE: "off" });
  sessions.say(session(ANN), "not wanted", "announce:v1:child:1");
  await twilio.inbound({ from: ANN, text: "hello again" });
  await twilio.nextMessage();
  await silent.end("SIGTERM");
  await world.serve();
  sessions.say(session(ANN), "wanted", "announce:v1:child:2");
  await twilio.nextMessage();
  assertEquals(texted(world).map(([, body]) => body), [
    "echo: hello",
    "echo: hello again",
    "wanted",
  ]);
});

Deno.test("a heartbeat is texted as its target says: to nobody, to a number, to the last one, or elsewhere", async (t) => {
  const owner = { SMS_BRIDGE_OWNERS: BOB };
  for (
    const [heartbeat, wanted] of [
      [{ target: "none" }, []],
      [{ target: "telegram" }, []],
      [{ target: "sms", to: ANN }, [[ANN, "a heartbeat"]]],
      [{ target: "last" }, [[BOB, "a heartbeat"]]],
    ] as const
  ) {
    await t.step(heartbeat.target, async () => {
      await using world = await createWorld({ config: { agents: { defaults: { heartbeat } } } });
      const { gateway: { sessions }, twilio } = world;
      await world.run("pair", "allow", ANN);
      await world.run("pair", "allow", BOB);
      const program = await world.serve(owner);
      await program.event("gateway.ready");
      // From then on the owner's session is known, and what is said there is new.
      await twilio.inbound({ from: BOB, text: "[[say:to the owner]]" });
      await twilio.nextMessage();
      sessions.say("agent:main:main", "a heartbeat", crypto.randomUUID());
      sessions.say(session(ANN), "job done", "announce:v1:child:1");
      await twilio.inbound({ from: ANN, text: "[[say:and now]]" });
      await twilio.nextMessage(({ body }) => body === "and now");
      if (wanted.length > 0) await twilio.nextMessage(({ body }) => body === "a heartbeat");
      const heard = texted(world).filter(([, body]) => body === "a heartbeat");
      assertEquals(JSON.stringify(heard), JSON.stringify(wanted));
    });
  }
});
