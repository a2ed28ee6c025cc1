import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createWorld, until } from "./program.ts";

const ANN = "+12025550101";
const SESSION = `agent:main:sms:direct:${ANN}`;

Deno.test("a Gateway of 2026.7 is served in reduced mode: answers once, nothing unasked, no tool, and it is said", async () => {
  await using world = await createWorld({ release: "2026.7.35" });
  const { gateway, twilio } = world;
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  await program.event("tool.not-offered");
  await twilio.inbound({ from: ANN, text: "hello" });
  assertEquals((await twilio.nextMessage()).body, "echo: hello");
  gateway.sessions.say(SESSION, "nobody asked", "announce:v1:child:1");
  gateway.dropSockets();
  await until(() => program.events.filter(({ event }) => event === "gateway.ready").length > 1);
  await twilio.inbound({ from: ANN, text: "again" });
  assertEquals((await twilio.nextMessage()).body, "echo: again");
  assertEquals(gateway.requests.filter((method) => method === "sessions.subscribe"), []);
  const status = await world.run("status", "--json");
  assertMatch(JSON.parse(status.stdout).gateway.advice, /2026\.7\.35; in reduced mode.*2026\.8\.1/);
  const doctor = await world.run("doctor", "--json");
  assertMatch(doctor.stdout, /in reduced mode/);
});

Deno.test("a turn that a restart of a Gateway of 2026.7 cut short is answered once", async () => {
  await using world = await createWorld({
    release: "2026.7.35",
    recoverAfterMs: 500,
    respond: (message) => ({
      text: `re: ${message}`,
      mediaUrls: [],
      delayMs: message === "slow" ? 3_000 : 0,
      failure: null,
    }),
  });
  const { gateway, twilio } = world;
  await world.run("pair", "allow", ANN);
  await world.serve();
  await twilio.inbound({ from: ANN, text: "slow" });
  await until(() => gateway.sessions.turns.length > 0);
  await gateway.restart(100);
  assertEquals((await twilio.nextMessage(undefined, 60_000)).body, "re: slow");
  await twilio.inbound({ from: ANN, text: "next" });
  assertEquals((await twilio.nextMessage(undefined, 60_000)).body, "re: next");
});

for (
  const [release, why] of [
    ["2026.4.29", /protocol 4/],
    ["2026.5.28", /does not know sms/],
  ] as const
) {
  Deno.test(`a Gateway ${release} is refused with one log line, by status and by doctor, and no text is answered with an apology`, async () => {
    await using world = await createWorld({ release });
    const { gateway, twilio } = world;
    await world.run("pair", "allow", ANN);
    const program = await world.serve();
    await program.event("gateway.refused");
    await twilio.inbound({ from: ANN, text: "hello" });
    const refusals = program.events.filter(({ event }) => event === "gateway.refused");
    assertEquals(refusals.length, 1);
    assertMatch(String(refusals[0]!.hint), why);
    assertStringIncludes(String(refusals[0]!.hint), "install OpenClaw 2026.8.1 or later");
    const status = await world.run("status");
    assertEquals(status.code, 1);
    assertMatch(status.stdout.replaceAll(/\s+/g, " "), why);
    const doctor = await world.run("doctor");
    assert(doctor.code !== 0);
    const said = doctor.stdout.replaceAll(/\s+/g, " ");
    assertMatch(said, why);
    assertStringIncludes(said, "2026.8.1");
    assert(!said.includes("openclaw gateway status"));
    assertEquals(gateway.sessions.turns.length, 0);
    assertEquals(twilio.messages.filter(({ direction }) => direction !== "inbound"), []);
  });
}
