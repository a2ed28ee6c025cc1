/**
 * Every command of OpenClaw's SMS page, in the page's order, with `sms-bridge` for `openclaw`.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startTunnel } from "../cli/tunnel.ts";
import { createWorld } from "./program.ts";

const ANN = "+15551234567";
const BOB = "+15557654321";

Deno.test("the commands of OpenClaw's SMS page do what the page says, in its order", async () => {
  await using world = await createWorld();
  const { twilio, gateway, env, stateDir } = world;
  const tunnel = startTunnel();
  const publicUrl = `${tunnel.origin}/webhooks/sms`;
  const { accountSid, authToken } = twilio;
  const fromNumber = env.TWILIO_PHONE_NUMBER!;
  for (const name of Object.keys(env)) if (/^(TWILIO|SMS_PUBLIC)_/.test(name)) env[name] = "";
  /** Runs a command line of the page and expects it to succeed. */
  const run = async (line: string) => {
    const words = line.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
    const ran = await world.run(...words.map((word) => word.replace(/^\.\//, `${stateDir}/`)));
    assertEquals(ran.code, 0, `${line}\n${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  };
  const answer = async () => (await twilio.nextMessage()).body;

  // Quick Setup
  assertStringIncludes(await run("plugins install @openclaw/sms"), "Nothing to install");
  const sms = { enabled: true, accountSid, authToken, fromNumber, publicWebhookUrl: publicUrl };
  const patch = { channels: { sms: { ...sms, dmPolicy: "pairing" } } };
  await Deno.writeTextFile(`${stateDir}/sms.patch.json5`, JSON.stringify(patch));
  assertStringIncludes(await run("config patch --file ./sms.patch.json5 --dry-run"), "Would write");
  assertStringIncludes(await run("config patch --file ./sms.patch.json5"), "Wrote");
  const program = await world.serve({}, "gateway");
  tunnel.leadTo(`http://127.0.0.1:${program.port}`);
  twilio.connectWebhook({
    publicUrl,
    targetUrl: `http://127.0.0.1:${program.port}/webhooks/sms`,
  });
  await program.event("gateway.ready");
  await twilio.inbound({ from: ANN, text: "hello" });
  const code = (await answer()).match(/approve ([A-Z2-9]{8})/)![1]!;
  assertStringIncludes(await run("pairing list sms"), code);
  assertStringIncludes(await run(`pairing approve sms ${code}`), "may now text the assistant");

  // Sending SMS
  await run(`message send --channel sms --target sms:${ANN} --message "hello"`);
  assertEquals(await answer(), "hello");
  await run(`message send --target twilio-sms:${ANN} --message "hello"`);
  assertEquals(await answer(), "hello");

  // Verify Setup
  assertMatch(await run("channels capabilities --channel sms"), /Sends texts +yes/);
  const status = JSON.parse(await run("channels status --channel sms --probe --json"));
  assertEquals([status.running, status.ready, status.probe.ok], [true, true, true]);
  await twilio.inbound({ from: ANN, text: "again" });
  assertEquals(await answer(), "echo: again");
  assertEquals(gateway.sessions.turns.map(({ message }) => message), ["again"]);
  await run(`message send --channel sms --target sms:${BOB} --message "OpenClaw SMS test"`);
  assertEquals(await answer(), "OpenClaw SMS test");

  // End-to-end test from macOS
  await twilio.inbound({ from: BOB, text: "OpenClaw SMS E2E" });
  const second = (await answer()).match(/approve ([A-Z2-9]{8})/)![1]!;
  assertStringIncludes(await run("pairing list sms"), second);
  await run(`pairing approve sms ${second}`);
  await twilio.inbound({ from: BOB, text: "reply exactly SMS pong" });
  assertEquals(await answer(), "echo: reply exactly SMS pong");

  // Troubleshooting
  const later = JSON.parse(await run("channels status --channel sms --probe --json"));
  assertEquals(later.accounts[0].allowedSenders, 2);
  assert(later.accounts[0].lastOutboundAtMs > 0);
  await program.end("SIGTERM");
  await tunnel.close();
});
