import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Check } from "../../src/cli/checks.ts";
import { createWorld, type Program, type World } from "./program.ts";

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A world in which nothing is wrong: the public URL is the listener itself. */
async function healthy(): Promise<{ world: World; program: Program; url: string }> {
  const world = await createWorld();
  const url = `http://127.0.0.1:${freePort()}/webhooks/sms`;
  Object.assign(world.env, {
    SMS_PUBLIC_WEBHOOK_URL: url,
    SMS_BRIDGE_LISTEN: new URL(url).host,
  });
  const program = await world.serve();
  world.twilio.connectWebhook({ publicUrl: url, targetUrl: url });
  return { world, program, url };
}

async function doctor(world: World): Promise<{ code: number; checks: Check[] }> {
  const { code, stdout, stderr } = await world.run("doctor", "--json");
  assert(stdout !== "", stderr);
  return { code, checks: JSON.parse(stdout).checks };
}

/** A misconfiguration, and what must be said of it. */
interface Seed {
  readonly name: string;
  readonly seed: (world: World, url: string, program: Program) => Promise<void> | void;
  readonly id: string;
  readonly message: RegExp;
  readonly fix: RegExp;
  readonly level?: "warning";
}

const number = (world: World) => world.twilio.account.numbers[0]!;

const SEEDS: readonly Seed[] = [
  {
    name: "a wrong Auth Token",
    seed: (world) => void (world.env.TWILIO_AUTH_TOKEN = "f".repeat(32)),
    id: "twilio-credentials",
    message: /refuses.*20003/,
    fix: /Auth Token/,
  },
  {
    name: "a number of another account",
    seed: (world) => void (world.env.TWILIO_PHONE_NUMBER = "+12025550188"),
    id: "twilio-sender",
    message: /not the account's/,
    fix: /fromNumber/,
  },
  {
    name: "a webhook elsewhere",
    seed: (world, url) => void (number(world).smsUrl = url.replace("/sms", "/sns")),
    id: "twilio-webhook",
    message: /differ at character \d+: "ns" at Twilio, "ms" here/,
    fix: /A message comes in/,
  },
  {
    name: "no webhook at all",
    seed: (world) => void (number(world).smsUrl = ""),
    id: "twilio-webhook",
    message: /no URL for incoming messages/,
    fix: /A message comes in/,
  },
  {
    name: "GET instead of POST",
    seed: (world) => void (number(world).smsMethod = "GET"),
    id: "twilio-method",
    message: /uses GET, not POST/,
    fix: /HTTP POST/,
  },
  {
    name: "a slash too many in the public URL",
    seed: (world, url) => void (world.env.SMS_PUBLIC_WEBHOOK_URL = `${url}/`),
    id: "public-path",
    message: /\/webhooks\/sms\/, the bridge listens on \/webhooks\/sms/,
    fix: /slash/,
    level: "warning",
  },
  {
    name: "a public URL whose path leads nowhere",
    seed: (world, url) => void (world.env.SMS_PUBLIC_WEBHOOK_URL = url.replace("/sms", "/none")),
    id: "public-reach",
    message: /no webhook \(404\)/,
    fix:
      /tailscale funnel --bg --set-path \/webhooks\/sms http:\/\/127\.0\.0\.1:\d+\/webhooks\/sms/,
  },
  {
    name: "a public URL with another port",
    seed: (world, url) =>
      void (world.env.SMS_PUBLIC_WEBHOOK_URL = url.replace(/:\d+/, `:${freePort()}`)),
    id: "public-reach",
    message: /cannot be reached/,
    fix: /tailscale funnel/,
  },
  {
    name: "a public URL without encryption",
    seed: (world) => void (world.env.SMS_PUBLIC_WEBHOOK_URL = "http://sms.invalid/webhooks/sms"),
    id: "public-url",
    message: /http: texts would travel in the clear/,
    fix: /https:\/\/sms\.invalid/,
  },
  {
    name: "a token that the running bridge does not have",
    seed: (world) => {
      world.env.TWILIO_AUTH_TOKEN = "e".repeat(32);
      (world.twilio.account as { authToken: string }).authToken = "e".repeat(32);
    },
    id: "public-reach",
    message: /signature is refused/,
    fix: /restart the bridge/,
  },
  {
    name: "a bridge that does not run",
    seed: async (_world, _url, program) => void await program.end("SIGTERM"),
    id: "daemon",
    message: /does not run/,
    fix: /sms-bridge serve/,
  },
  {
    name: "a Gateway that is down",
    seed: (world) => world.gateway.close(),
    id: "gateway",
    message: /does not answer/,
    fix: /openclaw gateway/,
  },
  {
    name: "a wrong Gateway token",
    seed: (world) => void (world.env.SMS_BRIDGE_GATEWAY_TOKEN = "wrong"),
    id: "gateway",
    message: /refuses the connection: token/,
    fix: /gateway\.auth\.token/,
  },
  {
    name: "a misspelt setting",
    seed: (world) =>
      Deno.writeTextFile(`${world.stateDir}/config.json5`, "{ bridge: { lisen: 1 } }", {
        mode: 0o600,
      }),
    id: "config",
    message: /bridge\.lisen is not a setting/,
    fix: /did you mean bridge\.listen\?/,
  },
  {
    name: "a secret in a file that others can read",
    seed: async (world) => {
      const path = `${world.stateDir}/config.json5`;
      await Deno.writeTextFile(path, '{ gateway: { auth: { token: "x" } } }');
      await Deno.chmod(path, 0o644);
      delete world.env.SMS_BRIDGE_GATEWAY_TOKEN;
    },
    id: "config",
    message: /others may read it/,
    fix: /chmod 600/,
  },
  {
    name: "a store that others can read",
    seed: (world) => Deno.chmod(`${world.stateDir}/bridge.kv`, 0o644),
    id: "state",
    message: /bridge\.kv can be read by others/,
    fix: /chmod 600/,
  },
  {
    name: "a Gateway that serves the same number",
    seed: async (world) => {
      const path = `${world.stateDir}/openclaw.json`;
      await Deno.writeTextFile(path, '{ channels: { sms: { fromNumber: "+12025550123" } } }');
      world.env.OPENCLAW_CONFIG_PATH = path;
    },
    id: "config",
    message: /the Gateway would serve the same number/,
    fix: /config adopt/,
  },
  {
    name: "webhooks that Twilio could not reach of late",
    seed: (world) =>
      void world.twilio.account.alerts.push({
        sid: `NO${"1".repeat(32)}`,
        errorCode: 11200,
        logLevel: "error",
        requestUrl: "https://sms.example.com",
        atMs: Date.now() - 60_000,
      } as never),
    id: "twilio-alerts",
    message: /1 alerts 11200/,
    fix: /doctor|publicWebhookUrl/,
    level: "warning",
  },
  {
    name: "an empty purse",
    seed: (world) => void ((world.twilio.account as { balance: string }).balance = "0.00"),
    id: "twilio-balance",
    message: /balance is 0\.00/,
    fix: /add funds/,
  },
];

Deno.test("doctor finds nothing to mend where nothing is wrong", async () => {
  const { world } = await healthy();
  await using _ = world;
  const { code, checks } = await doctor(world);
  const wrong = checks.filter(({ level }) => level === "problem");
  assertEquals(wrong, []);
  assertEquals(code, 0);
  const ids = new Set(checks.map(({ id }) => id));
  for (const id of ["config", "state", "disk", "daemon", "clock", "gateway", "public-reach"]) {
    assert(ids.has(id), id);
  }
});

Deno.test("doctor finds each misconfiguration within ten seconds, with the step that mends it", async (t) => {
  for (const { name, seed, id, message, fix, level = "problem" } of SEEDS) {
    await t.step(name, async () => {
      const { world, program, url } = await healthy();
      await using _ = world;
      await seed(world, url, program);
      const beganMs = performance.now();
      const { code, checks } = await doctor(world);
      assert(performance.now() - beganMs < 10_000);
      const found = checks.find((check) => check.id === id && check.level === level);
      assert(found !== undefined, JSON.stringify(checks, null, 1));
      assertMatch(found.message, message);
      assertMatch(found.fix, fix);
      if (level === "problem") assertEquals(code, 1);
    });
  }
});

Deno.test("status tells how the bridge is, also as OpenClaw spells it, and in JSON", async () => {
  const { world, program } = await healthy();
  await using _ = world;
  await world.run("pair", "allow", "+12025550101");
  await world.twilio.inbound({ from: "+12025550102", text: "hello" });
  const plain = await world.run("status");
  assertEquals(plain.code, 0, plain.stderr);
  assertStringIncludes(plain.stdout, "connected to OpenClaw");
  assertStringIncludes(plain.stdout, "1 let in, 1 waiting");
  const json = await world.run("channels", "status", "--channel", "sms", "--probe", "--json");
  const status = JSON.parse(json.stdout);
  assertEquals([status.running, status.ready, status.gateway.state], [true, true, "ready"]);
  assertEquals(status.accounts[0].segmentsPerDayMax, 500);
  assert(status.probe.some(({ id }: { id: string }) => id === "public-reach"));
  await program.end("SIGTERM");
  const stopped = await world.run("status", "--json");
  assertEquals(stopped.code, 1);
  assertEquals(JSON.parse(stopped.stdout).reasons, ["not-running"]);
  const able = await world.run("channels", "capabilities", "--channel", "sms", "--json");
  assertEquals(JSON.parse(able.stdout).chatTypes, ["direct"]);
});

Deno.test("webhook verify tells which URL and token match, and why nothing does", async () => {
  const { world, url } = await healthy();
  await using _ = world;
  const form = "Body=hi&From=%2B12025550101";
  const { signForm } = await import("../../src/twilio/signature.ts");
  const signature = signForm(world.twilio.authToken, `${url}`, [
    ["Body", "hi"],
    ["From", "+12025550101"],
  ]);
  const file = `${world.stateDir}/form.txt`;
  await Deno.writeTextFile(file, `${form}\n`);
  const right = await world.run("webhook", "verify", "--signature", signature, "--body", file);
  assertEquals(right.code, 0, right.stdout);
  assertStringIncludes(right.stdout, "authToken");
  const wrong = await world.run(
    ..."webhook verify --url https://other.example.com/x".split(" "),
    "--signature",
    signature,
    "--body",
    file,
  );
  assertEquals(wrong.code, 4);
  assertStringIncludes(wrong.stdout, "tried https://other.example.com:443/x");
});

Deno.test("webhook simulate shows what happens to a stranger's text and to a friend's", async () => {
  const { world } = await healthy();
  await using _ = world;
  const simulate = (from: string) =>
    world.run("webhook", "simulate", "--from", from, "--text", "hi");
  const stranger = await simulate("+12025550102");
  assertEquals(stranger.code, 0, stranger.stderr);
  assertMatch(
    stranger.stdout,
    /Answered 200.*\n3\. .* is not let in yet: `sms-bridge pair approve/,
  );
  await world.run("pair", "allow", "+12025550101");
  const friend = await simulate("+12025550101");
  assertStringIncludes(friend.stdout, "4. The text was answered");
});
