import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../../src/system/clock.ts";
import type { FakeTwilioOptions } from "../../../src/sim/twilio.ts";
import { startFakeEngine } from "../../store/connect/fake_engine.ts";
import { type BridgeWorld, createBridgeWorld, type Ran } from "../bridge_world.ts";

const ANN = "+12025550101";
const TERMINAL = { stdin: true, stdout: true, stderr: true };

/** A world of somebody who has configured nothing but where the fakes are. */
async function newcomer(twilio: FakeTwilioOptions = {}): Promise<BridgeWorld> {
  const world = await createBridgeWorld({}, twilio);
  const { env } = world;
  const kept = /^(HOME|SMS_BRIDGE_(STATE_DIR|TWILIO_API_URL))$/;
  for (const name of Object.keys(env)) if (!kept.test(name)) delete env[name];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  env.SMS_BRIDGE_LISTEN = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  listener.close();
  world.tunnel.leadTo(`http://${env.SMS_BRIDGE_LISTEN}`);
  return world;
}

/** What a newcomer answers up to the public URL, which the tunnel has. */
function upToUrl({ twilio, gateway, tunnel }: BridgeWorld): string[] {
  const number = twilio.account.numbers[0]!.phoneNumber;
  const noKey = "";
  const { accountSid, authToken } = twilio;
  return [accountSid, authToken, noKey, number, gateway.url, "test-token", tunnel.origin, ""];
}

function setUp(world: BridgeWorld, answers: readonly string[]): Promise<Ran> {
  return world.runIn({ terminal: TERMINAL, answers, columns: 80 }, "setup");
}

Deno.test("setup asks, tries each answer out, writes the file, and points Twilio at the bridge", async () => {
  await using world = await newcomer();
  const { twilio, tunnel, stateDir } = world;
  const number = twilio.account.numbers[0]!;
  const { code, err } = await setUp(world, [
    ...upToUrl(world),
    ANN,
    "", // secrets into the file itself
    "y", // write
    "y", // set the webhook
  ]);
  assertEquals(code, 0, err);
  const shown = err;
  assertStringIncludes(shown, "✓ Twilio credentials");
  assertStringIncludes(shown, "✓ Gateway: connected to OpenClaw");
  assertStringIncludes(shown, "✓ A signed request through the public URL: arrived");
  assertMatch(shown, /\n {2}tailscale funnel --bg --set-path \/webhooks\/sms http:\/\/127/);
  assert(!shown.includes(twilio.authToken) && !shown.includes("test-token"));

  const path = `${stateDir}/config.json5`;
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  assertEquals(number.smsUrl, `${tunnel.origin}/webhooks/sms`);
  assertEquals((await world.run("config", "check")).code, 0);
  await world.start();
  assertEquals((await world.run("status", "--probe", "--json")).code, 0);
  const { allowed } = JSON.parse((await world.run("pair", "allowed", "--json", "--full")).out);
  assertEquals([allowed[0].phone, allowed[0].owner], [ANN, true]);
});

Deno.test("setup lists numbers and Messaging Services, and takes one by its place", async () => {
  const messagingServiceSid = `MG${"5".repeat(32)}`;
  await using world = await newcomer({ messagingServiceSid });
  const { twilio, gateway, tunnel, stateDir } = world;
  const number = twilio.account.numbers[0]!.phoneNumber;
  const answers = [twilio.accountSid, twilio.authToken, "", "9", "1", "2", "1"];
  const { code, err } = await setUp(world, [
    ...answers,
    gateway.url,
    "test-token",
    tunnel.origin,
    "",
    ANN,
    "",
    "y",
    "n",
  ]);
  assertEquals(code, 0, err);
  assertStringIncludes(err, `1: ${number}`);
  assertStringIncludes(err, `1: ${messagingServiceSid} fake service`);
  assertStringIncludes(err, "Give its place in the list, its SID, or none.");
  const written = await Deno.readTextFile(`${stateDir}/config.json5`);
  assertStringIncludes(written, number);
  assertStringIncludes(written, messagingServiceSid);
});

Deno.test("setup asks again when an answer is wrong, and keeps it only when told to", async () => {
  await using world = await newcomer();
  const { twilio, gateway, tunnel } = world;
  const { code, err } = await setUp(world, [
    "AC123",
    twilio.accountSid,
    "wrong-token",
    "", // do not keep it
    twilio.accountSid,
    twilio.authToken,
    "",
    "0123",
    "+12025550199",
    "n",
    twilio.account.numbers[0]!.phoneNumber,
    "http://gateway",
    gateway.url,
    "not-the-token",
    "no",
    gateway.url,
    "test-token",
    tunnel.origin,
    "",
    "",
    "",
    "y",
    "n",
  ]);
  assertEquals(code, 0, err);
  const written = await Deno.readTextFile(`${world.stateDir}/config.json5`);
  for (const right of [twilio.authToken, twilio.account.numbers[0]!.phoneNumber, "test-token"]) {
    assertStringIncludes(written, `"${right}"`);
  }
  const shown = err;
  for (
    const said of [
      'An Account SID is "AC" and 32 hexadecimal digits.',
      "refuses the credentials",
      "Write it with country code",
      "does not belong to this Twilio account",
      "It begins with ws:// or wss://",
      "refuses the bridge (token)",
    ]
  ) assertStringIncludes(shown.replace(/\s+/g, " "), said);
});

Deno.test("setup says that Funnel is off, and tries again when that is mended", async () => {
  await using world = await newcomer();
  const { twilio, gateway, tunnel } = world;
  let strip = true;
  tunnel.rewrite((path) => strip ? "/" : path);
  const answers = [
    twilio.accountSid,
    twilio.authToken,
    "",
    twilio.account.numbers[0]!.phoneNumber,
    gateway.url,
    "test-token",
    `${tunnel.origin}/webhooks/sms`,
    "",
    "y", // try again
    `${tunnel.origin}/webhooks/sms`,
    "",
    "",
    "plain",
    "y",
    "n",
  ];
  let at = 0;
  const ask = (question: string) => {
    if (question.startsWith("Try again")) strip = false;
    return Promise.resolve(answers[at++] ?? null);
  };
  const { code, err } = await world.runIn({ terminal: TERMINAL, ask, askSecret: ask }, "setup");
  assertEquals(code, 0, err);
  assertStringIncludes(err.replace(/\s+/g, " "), "its target must repeat it");
});

Deno.test("setup writes nothing when input ends, and needs a terminal", async () => {
  await using world = await newcomer();
  const ended = await setUp(world, [world.twilio.accountSid]);
  assertEquals(ended.code, 130);
  assertStringIncludes(ended.err, "nothing was written");
  const piped = await world.run("setup", "--json");
  assertEquals(piped.code, 2);
  assertEquals(await Deno.stat(`${world.stateDir}/config.json5`).catch(() => null), null);
});

Deno.test("setup offers what is configured already, and takes the Gateway's token from its file", async () => {
  await using world = await newcomer();
  const { twilio, gateway, tunnel, env, stateDir } = world;
  env.OPENCLAW_CONFIG_PATH = `${stateDir}/openclaw.json`;
  const port = Number(new URL(gateway.url).port);
  const openclaw = { gateway: { port, auth: { mode: "token", token: "test-token" } } };
  await Deno.writeTextFile(env.OPENCLAW_CONFIG_PATH, JSON.stringify(openclaw), { mode: 0o600 });
  const sms = { accountSid: twilio.accountSid, fromNumber: twilio.account.numbers[0]!.phoneNumber };
  const own = `// mine\n${JSON.stringify({ channels: { sms } })}\n`;
  await Deno.writeTextFile(`${stateDir}/config.json5`, own, { mode: 0o600 });
  const { code, err } = await setUp(world, [
    "",
    twilio.authToken,
    "",
    "",
    "",
    tunnel.origin,
    "",
    "",
    "",
    "y",
    "n",
  ]);
  assertEquals(code, 0, err);
  assertStringIncludes(err, "Its token is configured already.");
  const text = await Deno.readTextFile(`${stateDir}/config.json5`);
  assertStringIncludes(text, "// mine");
  assert(!text.includes("test-token"), "the token stays in the Gateway's file");
  await world.start();
  assertEquals((await world.run("config", "check")).code, 0);
});

Deno.test("setup run again offers everything as it stands, secrets by Enter, and changes nothing", async () => {
  await using world = await newcomer();
  const { twilio, stateDir } = world;
  const first = await setUp(world, [
    ...upToUrl(world),
    ANN,
    "",
    "y",
    "y",
  ]);
  assertEquals(first.code, 0, first.err);
  const path = `${stateDir}/config.json5`;
  const written = await Deno.readTextFile(path);
  // SID, token, API key, number, the Gateway's URL, public URL, owner, "Write?"
  const again = await setUp(world, ["", "", "", "", "", "", "", ""]);
  assertEquals(again.code, 0, again.err);
  assertEquals(await Deno.readTextFile(path), written);
  assertStringIncludes(again.err, "Twilio calls that URL already.");
  assertEquals(again.asked.filter((one) => one.startsWith("Your own")), [
    `Your own number [${ANN}]: `,
  ]);
  assert(!again.err.includes(twilio.authToken));
});

const KEY = { sid: `SK${"4".repeat(32)}`, secret: "the-secret-of-the-key" };

Deno.test("setup takes an API key to send with, and keeps secrets where the Gateway keeps its own", async () => {
  await using world = await newcomer({ apiKeys: { [KEY.sid]: KEY.secret } });
  const { twilio, gateway, tunnel, stateDir } = world;
  const dotenv = `${stateDir}/.openclaw/.env`;
  await Deno.mkdir(`${stateDir}/.openclaw`);
  await Deno.writeTextFile(dotenv, "OTHER=1\nexport TWILIO_AUTH_TOKEN=old\n");
  const { code, err } = await setUp(world, [
    twilio.accountSid,
    twilio.authToken,
    "SK1",
    KEY.sid,
    "not-the-secret",
    "", // do not keep it
    KEY.sid,
    KEY.secret,
    twilio.account.numbers[0]!.phoneNumber,
    gateway.url,
    "test-token",
    tunnel.origin,
    "",
    "",
    "elsewhere",
    "env",
    "y",
    "n",
  ]);
  assertEquals(code, 0, err);
  const shown = err.replace(/\s+/g, " ");
  for (const said of ["Twilio does not take it", "✓ API key: Twilio takes it", "plain or env."]) {
    assertStringIncludes(shown, said);
  }
  const secrets = [twilio.authToken, KEY.secret, "test-token"];
  const written = await Deno.readTextFile(`${stateDir}/config.json5`);
  for (const secret of secrets) assert(!`${written}${err}`.includes(secret), secret);
  assertEquals(
    await Deno.readTextFile(dotenv),
    `OTHER=1\nTWILIO_AUTH_TOKEN="${twilio.authToken}"\nTWILIO_API_SECRET="${KEY.secret}"\n` +
      'OPENCLAW_GATEWAY_TOKEN="test-token"\n',
  );
  assertEquals((await Deno.stat(dotenv)).mode! & 0o777, 0o600);
  await world.start();
  assertEquals((await world.run("status", "--probe", "--json")).code, 0);
  const again = await setUp(world, ["", "", "", "", "", "", "", "", ""]);
  assertEquals(again.code, 0, again.err);
  assertEquals(await Deno.readTextFile(`${stateDir}/config.json5`), written);
});

Deno.test("setup finds the token of a Gateway that serves SMS itself, and takes SMS over", async () => {
  await using world = await newcomer();
  const { twilio, gateway, tunnel, env, stateDir } = world;
  env.OPENCLAW_CONFIG_PATH = `${stateDir}/openclaw.json`;
  const port = Number(new URL(gateway.url).port);
  const sms = {
    enabled: true,
    accountSid: twilio.accountSid,
    authToken: twilio.authToken,
    fromNumber: twilio.account.numbers[0]!.phoneNumber,
  };
  const openclaw = {
    gateway: { port, auth: { mode: "token", token: "test-token" } },
    channels: { sms },
  };
  await Deno.writeTextFile(env.OPENCLAW_CONFIG_PATH, JSON.stringify(openclaw), { mode: 0o600 });
  const { code, err } = await setUp(world, [
    "",
    "",
    "",
    "",
    "",
    tunnel.origin,
    "",
    ANN,
    "",
    "y",
    "y",
  ]);
  assertEquals(code, 0, err);
  assertStringIncludes(err, "Its token is configured already.");
  assertStringIncludes(err, "+ channels.sms.enabled: false");
  assert(!err.includes(twilio.authToken));
  assertEquals((await world.run("config", "check")).code, 0);
});

Deno.test("setup that is ended late says what it has done", async () => {
  await using world = await newcomer();
  const ended = await setUp(world, [
    ...upToUrl(world),
    "",
    "",
    "y",
  ]);
  assertEquals(ended.code, 130);
  assertStringIncludes(ended.err, "config.json5 was written");
  assert(!ended.err.includes("nothing was written\n"));
});

Deno.test("setup from Tailscale to a service that runs needs no visit to Twilio's console", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using world = await newcomer();
  const { twilio, gateway, stateDir, env } = world;
  const bin = `${stateDir}/bin`;
  await Deno.mkdir(bin);
  for (const name of ["tailscale", "systemctl", "loginctl"]) {
    const text = `#!/bin/sh\necho "${name} $*" >> "${bin}/calls"\n` +
      `[ "$*" = "status --json" ] && echo '{"Self":{"DNSName":"box.tail1.ts.net."}}'\nexit 0\n`;
    await Deno.writeTextFile(`${bin}/${name}`, text, { mode: 0o755 });
  }
  env.XDG_CONFIG_HOME = `${stateDir}/config`;
  env.USER = "ann";
  env.PATH = `${bin}:${Deno.env.get("PATH")}`;
  const asked: string[] = [];
  const answers: Record<string, string> = {
    "Account SID": twilio.accountSid,
    "Auth Token": twilio.authToken,
    "Your Twilio": twilio.account.numbers[0]!.phoneNumber,
    "Its WebSocket": gateway.url,
    "Its token": "test-token",
    "Your own": ANN,
    // The name is of no machine here: what is asked for then is left as it is.
    "Try again": "n",
  };
  const ask = (question: string) => {
    asked.push(question);
    const known = Object.entries(answers).find(([start]) => question.startsWith(start));
    return Promise.resolve(known?.[1] ?? "");
  };
  const clock = {
    ...systemClock,
    // Only the looks whether the service answers are short.
    after: (ms: number, run: () => void) => systemClock.after(ms === 500 ? 0 : ms, run),
  };
  const { code, err } = await world.runIn(
    { terminal: TERMINAL, ask, askSecret: ask, clock },
    "setup",
  );
  assertEquals(code, 0, err);
  assertStringIncludes(asked.find((one) => one.startsWith("The URL"))!, "box.tail1.ts.net");
  const calls = await Deno.readTextFile(`${bin}/calls`);
  for (
    const call of [
      "tailscale funnel --bg --set-path /webhooks/sms http://127.0.0.1:",
      "systemctl --user enable --now sms-bridge.service",
      "loginctl enable-linger ann",
    ]
  ) assertStringIncludes(calls, call);
  assertEquals(
    twilio.account.numbers[0]!.smsUrl === "https://box.tail1.ts.net/webhooks/sms",
    false,
  );
  assertStringIncludes(err, "sms-bridge webhook set");
});

Deno.test("setup of a second bridge offers Twilio's fallback URL, and leaves the first one called first", async () => {
  await using world = await newcomer();
  await using engine = startFakeEngine();
  const { twilio, tunnel, env } = world;
  env.SMS_BRIDGE_STORE = engine.url;
  env.SMS_BRIDGE_STORE_TOKEN = engine.token;
  const number = twilio.account.numbers[0]!;
  number.smsUrl = "https://first.example.com/webhooks/sms";
  const first = await setUp(world, [
    ...upToUrl(world),
    "",
    "",
    "y",
    "y", // called when the first does not answer
  ]);
  assertEquals(first.code, 0, first.err);
  const url = `${tunnel.origin}/webhooks/sms`;
  assertEquals([number.smsUrl, number.smsFallbackUrl], [
    "https://first.example.com/webhooks/sms",
    url,
  ]);
  const again = await setUp(world, ["", "", "", "", "", "", "", "y"]);
  assertEquals(again.code, 0, again.err);
  assertStringIncludes(
    again.err.replace(/\s+/g, " "),
    "when https://first.example.com/webhooks/sms does not",
  );
});

Deno.test("setup makes no further account beside those that have names, and writes nothing", async () => {
  await using world = await newcomer();
  const { accountSid, authToken, account } = world.twilio;
  const shop = {
    fromNumber: account.numbers[0]!.phoneNumber,
    publicWebhookUrl: "https://a.example.net/x",
  };
  const config = { channels: { sms: { accountSid, authToken, accounts: { shop } } } };
  const path = `${world.stateDir}/config.json5`;
  await Deno.writeTextFile(path, JSON.stringify(config), { mode: 0o600 });
  const { code, err, asked } = await setUp(world, upToUrl(world));
  assertEquals([code, asked], [6, []]);
  assertStringIncludes(err, "beside those that are configured: shop");
  assertEquals(await Deno.readTextFile(path), JSON.stringify(config));
});
