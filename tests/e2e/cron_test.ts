import { assertEquals } from "@std/assert";
import { createWorld } from "./program.ts";

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

Deno.test("serve texts what a scheduled job announces to sms, once, and never to strangers", async () => {
  await using world = await createWorld();
  const { gateway, twilio } = world;
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  await program.event("gateway.ready");
  gateway.emit("cron", finished(EVE, "run-1"));
  gateway.emit("cron", finished(ANN, "run-2", { action: "started" }));
  gateway.emit("cron", finished(ANN, "run-3", { status: "error" }));
  gateway.emit("cron", finished(ANN, "run-4", { delivery: { intended: { channel: "telegram" } } }));
  await program.event("cron.not-texted");
  gateway.emit("cron", finished(ANN, "run-5"));
  gateway.emit("cron", finished(ANN, "run-5"));
  const message = await twilio.nextMessage();
  assertEquals([message.to, message.body], [ANN, "Good morning (run-5)"]);
  await program.event("cron.texted", ({ repeated }) => repeated === true);
  assertEquals(twilio.messages.length, 1);
});

Deno.test("serve texts an announcement that the Gateway counts as failed since it cannot deliver it", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  await program.event("gateway.ready");
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
  await world.run("pair", "allow", ANN);
  const program = await world.serve({ SMS_BRIDGE_CRON_DELIVERY: "off" });
  await program.event("gateway.ready");
  world.gateway.emit("cron", finished(ANN, "run-1"));
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage();
  assertEquals(world.twilio.messages.filter(({ direction }) => direction !== "inbound").length, 1);
});
