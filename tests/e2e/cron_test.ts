import { assertEquals } from "@std/assert";
import { createWorld, type Program, type World } from "./program.ts";

const ANN = "+12025550101";
const EVE = "+12025550103";

function finished(to: string, runId: string, more: Record<string, unknown> = {}) {
  return {
    jobId: "job-1",
    action: "finished",
    status: "ok",
    summary: `Good morning (${runId})`,
    delivered: false,
    delivery: { intended: { channel: "sms", to, source: "explicit" }, delivered: false },
    runId,
    runAtMs: 1,
    ...more,
  };
}

/** Serves with Ann let in, and waits until the Gateway has been reached. */
async function serveAnn(world: World, more?: Record<string, string>): Promise<Program> {
  await world.run("pair", "allow", ANN);
  const program = await world.serve(more);
  await program.event("gateway.ready");
  return program;
}

Deno.test("serve texts what a scheduled job announces to sms, once, and never to strangers", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  const program = await serveAnn(world);
  gateway.emit("cron", finished(EVE, "run-1"));
  gateway.emit("cron", finished(ANN, "run-2", { action: "started" }));
  gateway.emit("cron", finished(ANN, "run-3", { status: "error" }));
  gateway.emit("cron", finished(ANN, "run-4", { delivery: { intended: { channel: "telegram" } } }));
  await program.event("cron.not-texted");
  gateway.emit("cron", finished(ANN, "run-silent", { summary: "NO_REPLY" }));
  gateway.emit("cron", finished(ANN, "run-well", { summary: "All is well. HEARTBEAT_OK" }));
  gateway.emit("cron", finished(ANN, "run-5"));
  gateway.emit("cron", finished(ANN, "run-5"));
  const message = await twilio.nextMessage();
  assertEquals([message.to, message.body], [ANN, "Good morning (run-5)"]);
  await program.event("cron.texted", ({ repeated }) => repeated === true);
  assertEquals(twilio.messages.length, 1);
});

Deno.test("serve texts what a job announces once, also when its run has a name that no key has room for", async () => {
  await using world = await createWorld();
  const program = await serveAnn(world);
  const name = "é".repeat(3_000);
  for (let times = 0; times < 2; times++) {
    world.gateway.emit("cron", finished(ANN, name, { summary: "Good morning" }));
  }
  assertEquals((await world.twilio.nextMessage()).body, "Good morning");
  await program.event("cron.texted", ({ repeated }) => repeated === true);
});

Deno.test("serve texts an announcement that the Gateway counts as failed since it cannot deliver it", async () => {
  await using world = await createWorld();
  await serveAnn(world);
  const failed = { status: "error", deliveryError: "Unsupported channel: sms" };
  world.gateway.emit("cron", finished(ANN, "run-1", { ...failed, error: "the model failed" }));
  world.gateway.emit("cron", finished(ANN, "run-2", { ...failed, error: failed.deliveryError }));
  assertEquals((await world.twilio.nextMessage()).body, "Good morning (run-2)");
});

Deno.test("serve texts what was announced while the link was down, or the bridge, and nothing from before its time", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  await world.run("pair", "allow", ANN);
  gateway.emit("cron", finished(ANN, "run-0"));
  const first = await world.serve();
  await first.event("gateway.ready");
  gateway.emit("cron", finished(ANN, "run-1"));
  await twilio.nextMessage();
  gateway.dropSockets();
  gateway.emit("cron", finished(ANN, "run-2"));
  await twilio.nextMessage();
  await first.end("SIGKILL");
  gateway.emit("cron", finished(ANN, "run-3"));
  await world.serve();
  await twilio.nextMessage();
  assertEquals(twilio.messages.map(({ body }) => body), [
    "Good morning (run-1)",
    "Good morning (run-2)",
    "Good morning (run-3)",
  ]);
});

Deno.test("serve texts no announcements where the settings say so", async () => {
  await using world = await createWorld();
  await serveAnn(world, { SMS_BRIDGE_CRON_DELIVERY: "off" });
  world.gateway.emit("cron", finished(ANN, "run-1"));
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage();
  assertEquals(world.twilio.messages.filter(({ direction }) => direction !== "inbound").length, 1);
});

const LAST = {
  intended: { channel: "last", to: null, source: "last" },
  resolved: { ok: false, channel: "sms", to: null, error: "Unsupported channel: sms" },
};

Deno.test("serve texts a job for the last channel to whoever's session it was made in, or to delivery.to", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  const program = await serveAnn(world);
  const last = { status: "error", error: "Unsupported channel: sms", delivery: LAST };
  const madeIn = (sessionKey: string) => ({ ...last, job: { sessionKey } });
  gateway.emit("cron", finished("", "run-1", madeIn(`agent:main:sms:direct:${EVE}`)));
  await program.event("cron.not-texted");
  gateway.emit("cron", finished("", "run-2", madeIn(`agent:main:sms:direct:${ANN}`)));
  assertEquals((await twilio.nextMessage()).body, "Good morning (run-2)");
  const explicit = { ...LAST, intended: { ...LAST.intended, to: ANN } };
  gateway.emit("cron", finished("", "run-3", { ...last, delivery: explicit }));
  const message = await twilio.nextMessage();
  assertEquals([message.to, message.body], [ANN, "Good morning (run-3)"]);
  const other = { ...LAST, resolved: { ...LAST.resolved, channel: "telegram" } };
  gateway.emit("cron", finished("", "run-4", { ...madeIn(`x`), delivery: other }));
  gateway.emit("cron", finished(ANN, "run-5"));
  assertEquals((await twilio.nextMessage()).body, "Good morning (run-5)");
});

Deno.test("serve texts the whole of a long report with its file, also when its transcript is gone", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  const program = await serveAnn(world, { SMS_BRIDGE_SEGMENTS_PER_REPLY_MAX: "0" });
  const lines = Array.from({ length: 400 }, (_, i) => `Line ${i}.`).join("\n");
  const summary = `${lines.slice(0, 2_000)}…`;
  const ranIn = "agent:main:cron:job-1:run:1";
  gateway.sessions.say(ranIn, `${lines}\nMEDIA:https://example.com/a.pdf`, "r1");
  gateway.emit("cron", finished(ANN, "run-1", { summary, sessionKey: ranIn }));
  const parts = ["", "", ""];
  for (let i = 0; i < 3 && !parts.join("").includes("Line 399."); i++) {
    parts[i] = (await twilio.nextMessage()).body;
  }
  assertEquals(parts.join("").includes("Line 399."), true);
  const once = "agent:main:cron:job-2:run:1";
  await program.event("cron.texted");
  gateway.sessions.say(once, "Short.\nMEDIA:https://example.com/b.pdf", "r2");
  gateway.sessions.reset(once);
  gateway.emit("cron", finished(ANN, "run-2", { summary: "Short.", sessionKey: once }));
  await program.event("cron.texted");
  await twilio.nextMessage(({ mediaUrls }) => mediaUrls.join().includes("b.pdf"), 20_000);
});

Deno.test("serve texts what a job announces of somebody's own session when nothing is said there", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  await serveAnn(world);
  const sessionKey = `agent:main:sms:direct:${ANN}`;
  await twilio.inbound({ from: ANN, text: "[[say:first]]" });
  await twilio.nextMessage();
  gateway.emit("cron", finished("", "run-1", { delivery: LAST, sessionKey }));
  const named = { ...LAST, resolved: { ...LAST.resolved, to: `sms:${ANN}` } };
  gateway.emit("cron", finished("", "run-2", { delivery: named, sessionKey: "agent:main:main" }));
  const bodies = [(await twilio.nextMessage()).body, (await twilio.nextMessage()).body];
  assertEquals(bodies.sort(), ["Good morning (run-1)", "Good morning (run-2)"]);
});

Deno.test("serve texts a job in somebody's own session once, though it announces too", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  await serveAnn(world);
  const sessionKey = `agent:main:sms:direct:${ANN}`;
  await twilio.inbound({ from: ANN, text: "[[say:first]]" });
  await twilio.nextMessage();
  gateway.sessions.prompt(sessionKey, "[cron:job-1 daily] do it", "uuid-1");
  gateway.sessions.say(sessionKey, "done in the session", "uuid-1");
  gateway.emit(
    "cron",
    finished("", "run-1", { summary: "done in the session", delivery: LAST, sessionKey }),
  );
  gateway.emit("cron", finished(ANN, "run-2"));
  const bodies = [(await twilio.nextMessage()).body, (await twilio.nextMessage()).body];
  assertEquals(bodies.sort(), ["Good morning (run-2)", "done in the session"]);
});
