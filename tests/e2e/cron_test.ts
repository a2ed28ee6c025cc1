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
