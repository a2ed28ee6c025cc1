import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Check } from "../../../src/checks/check.ts";
import { displayWidth } from "../../../src/cli/terminal/width.ts";
import type { FakeGatewayOptions } from "../../../src/sim/gateway.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { type BridgeWorld, createBridgeWorld, type Ran } from "../bridge_world.ts";
import type { TestContextOptions } from "../test_context.ts";

/** Something that is set up wrongly, and what doctor must say of it. */
interface Misconfiguration {
  readonly name: string;
  /** Breaks the world; the daemon starts after it, unless `stopped`. */
  readonly seed?: (world: BridgeWorld) => Promise<void> | void;
  /** Breaks the world after the daemon has started. */
  readonly after?: (world: BridgeWorld) => Promise<void> | void;
  readonly stopped?: true;
  readonly gateway?: Partial<FakeGatewayOptions>;
  readonly context?: TestContextOptions;
  /** The check that finds it. */
  readonly id: string;
  readonly state?: "warning";
  /** What it says was found. */
  readonly detail: RegExp;
  /** What its fix or command says. */
  readonly fix: RegExp;
}

const number = ({ twilio }: BridgeWorld) => twilio.account.numbers[0]!;

const MISCONFIGURATIONS: readonly Misconfiguration[] = [
  {
    name: "an Auth Token that is missing",
    stopped: true,
    seed: ({ env }) => void delete env.TWILIO_AUTH_TOKEN,
    id: "config",
    detail: /authToken is missing/,
    fix: /TWILIO_AUTH_TOKEN=/,
  },
  {
    name: "an Account SID of another form",
    stopped: true,
    seed: ({ env }) => void (env.TWILIO_ACCOUNT_SID = "SK123"),
    id: "config",
    detail: /TWILIO_ACCOUNT_SID must be/,
    fix: /AC/,
  },
  {
    name: "signatures that are not validated",
    seed: ({ env }) => void (env.SMS_DANGEROUSLY_DISABLE_SIGNATURE_VALIDATION = "true"),
    id: "config",
    state: "warning",
    detail: /signature validation is OFF/,
    fix: /config show/,
  },
  {
    name: "a Gateway that would answer the same number",
    stopped: true,
    async seed({ env, stateDir }) {
      env.OPENCLAW_CONFIG_PATH = `${stateDir}/openclaw.json`;
      const config = {
        plugins: { entries: { sms: { enabled: true } } },
        channels: { sms: { enabled: true, accountSid: env.TWILIO_ACCOUNT_SID } },
      };
      await Deno.writeTextFile(env.OPENCLAW_CONFIG_PATH, JSON.stringify(config), { mode: 0o600 });
    },
    id: "config",
    detail: /the Gateway would serve the same number/,
    fix: /config adopt/,
  },
  {
    name: "a configuration file with a secret that others may read",
    stopped: true,
    async seed({ env, stateDir }) {
      delete env.TWILIO_AUTH_TOKEN;
      const path = `${stateDir}/config.json5`;
      await Deno.writeTextFile(path, `{ channels: { sms: { authToken: "0123456789abcdef" } } }`);
      await Deno.chmod(path, 0o644);
    },
    id: "config",
    detail: /others may read it/,
    fix: /chmod 600/,
  },
  {
    name: "a misspelt setting",
    after: ({ stateDir }) =>
      Deno.writeTextFile(`${stateDir}/config.json5`, "{ bridge: { lisen: 1 } }", { mode: 0o600 }),
    id: "config",
    detail: /bridge\.lisen is not a setting/,
    fix: /did you mean bridge\.listen\?/,
  },
  {
    name: "a bridge that does not run",
    stopped: true,
    id: "bridge",
    detail: /does not run/,
    fix: /sms-bridge serve/,
  },
  {
    name: "an opt-out word that was taken away at Twilio",
    after: async ({ twilio }) => {
      await twilio.inbound({ from: "+12025550199", text: "STOP", extra: [["OptOutType", "STOP"]] });
      await twilio.inbound({ from: "+12025550199", text: "Cancel" });
    },
    id: "opt-out.words",
    state: "warning",
    detail: /"cancel" opted somebody out here, while Twilio took it for a text/,
    fix: /bridge\.optOutKeywords/,
  },
  {
    name: "an opt-out word of one's own at Twilio",
    after: async ({ twilio }) => {
      await twilio.inbound({
        from: "+12025550199",
        text: "Arret",
        extra: [["OptOutType", "STOP"]],
      });
    },
    id: "opt-out.words",
    state: "warning",
    detail: /Twilio takes "arret" for an opt-out/,
    fix: /bridge\.optOutKeywords/,
  },
  {
    name: "a state directory that others may read",
    after: ({ stateDir }) => Deno.chmod(stateDir, 0o755),
    id: "state.permissions",
    detail: /others on this machine/,
    fix: /chmod -R go= /,
  },
  {
    name: "a store that others may read",
    after: ({ stateDir }) => Deno.chmod(`${stateDir}/bridge.kv`, 0o644),
    id: "state.permissions",
    detail: /others on this machine .*bridge\.kv/,
    fix: /chmod -R go= /,
  },
  {
    name: "a store that a newer version has written",
    stopped: true,
    async seed({ stateDir }) {
      await Deno.chmod(stateDir, 0o700);
      using kv = await Deno.openKv(`${stateDir}/bridge.kv`);
      await kv.set(["schema"], 99);
    },
    id: "state.store",
    detail: /schema must be at most/,
    fix: /update sms-bridge/,
  },
  {
    name: "a clock that is ten minutes ahead",
    context: { clock: { ...systemClock, now: () => Date.now() + 600_000 } },
    id: "clock",
    detail: /6\d\d s ahead/,
    fix: /timedatectl set-ntp true/,
  },
  {
    name: "a service unit whose program is gone",
    async seed({ stateDir }) {
      const folder = `${stateDir}/.config/systemd/user`;
      await Deno.mkdir(folder, { recursive: true });
      const unit = "[Service]\nExecStart=/opt/gone/sms-bridge serve\n";
      await Deno.writeTextFile(`${folder}/sms-bridge.service`, unit);
    },
    id: "service",
    detail: /\/opt\/gone\/sms-bridge, which is not there/,
    fix: /sms-bridge service install/,
  },
  {
    name: "a Gateway that is down",
    seed: ({ gateway }) => gateway.close(),
    id: "gateway.handshake",
    detail: /nothing that speaks its protocol answers at ws:/,
    fix: /openclaw gateway status/,
  },
  {
    name: "a Gateway token that is wrong",
    seed: ({ env }) => void (env.SMS_BRIDGE_GATEWAY_TOKEN = "wrong"),
    id: "gateway.handshake",
    detail: /refuses the bridge \(token\)/,
    fix: /gateway\.auth\.token/,
  },
  {
    name: "a Gateway of another protocol",
    gateway: { protocol: 5 },
    id: "gateway.handshake",
    detail: /refuses the bridge \(protocol\)/,
    fix: /openclaw update/,
  },
  {
    name: "a Twilio Auth Token that is wrong",
    seed: ({ env }) => void (env.TWILIO_AUTH_TOKEN = "f".repeat(32)),
    id: "twilio.credentials",
    detail: /refuses the credentials \(20003/,
    fix: /copy the Account SID and the Auth Token/,
  },
  {
    name: "a trial account",
    seed: ({ twilio }) => void (twilio.account.type = "Trial"),
    id: "twilio.credentials",
    state: "warning",
    detail: /trial account/,
    fix: /upgrade the account/,
  },
  {
    name: "an empty balance",
    seed: ({ twilio }) => void (twilio.account.balance = "0.00"),
    id: "twilio.balance",
    detail: /nothing can be sent/,
    fix: /top the account up/,
  },
  {
    name: "a number of another account",
    seed: ({ env }) => void (env.TWILIO_PHONE_NUMBER = "+12025550199"),
    id: "twilio.sender",
    detail: /does not belong to this Twilio account/,
    fix: /fromNumber \(TWILIO_PHONE_NUMBER\)/,
  },
  {
    name: "a number that cannot send SMS",
    seed: (world) => void (number(world).capabilities.sms = false),
    id: "twilio.sender",
    detail: /cannot send SMS/,
    fix: /capability SMS/,
  },
  {
    name: "a webhook that points elsewhere",
    after: (world) => void (number(world).smsUrl += "/"),
    id: "twilio.webhook-url",
    detail: /differ at character \d+: "\/" there, the end here/,
    fix: /set "A message comes in" to Webhook, http:.*\/webhooks\/sms, HTTP POST/,
  },
  {
    name: "a number without a webhook",
    after: (world) => void (number(world).smsUrl = ""),
    id: "twilio.webhook-url",
    detail: /has none: texts go nowhere/,
    fix: /set "A message comes in"/,
  },
  {
    name: "a TwiML App in place of the webhook",
    after: (world) => void (number(world).smsApplicationSid = `AP${"0".repeat(32)}`),
    id: "twilio.webhook-url",
    detail: /asks a TwiML App/,
    fix: /choose "Webhook" in place of "TwiML App"/,
  },
  {
    name: "GET in place of POST",
    after: (world) => void (number(world).smsMethod = "GET"),
    id: "twilio.webhook-method",
    detail: /uses GET/,
    fix: /HTTP POST/,
  },
  {
    name: "alerts that the webhook failed",
    after: ({ twilio, env }) =>
      void twilio.account.alerts.push({
        sid: `NO${"0".repeat(32)}`,
        errorCode: 11200,
        requestUrl: env.SMS_PUBLIC_WEBHOOK_URL!,
        atMs: Date.now() - 60_000,
      }),
    id: "twilio.alerts",
    state: "warning",
    detail: /1 × 11200/,
    fix: /Twilio must reach publicWebhookUrl/,
  },
  {
    name: "a public URL that is http",
    seed: ({ env }) => void (env.SMS_PUBLIC_WEBHOOK_URL = "http://sms.example.com/webhooks/sms"),
    id: "public.url",
    detail: /in the clear/,
    fix: /https:\/\/sms\.example\.com\/webhooks\/sms/,
  },
  {
    name: "a port that Funnel does not serve",
    seed: ({ env }) =>
      void (env.SMS_PUBLIC_WEBHOOK_URL = "https://box.tail1.ts.net:8787/webhooks/sms"),
    id: "public.url",
    detail: /port 8787 is not one of Tailscale Funnel's/,
    fix:
      /tailscale funnel --bg --set-path \/webhooks\/sms http:\/\/127\.0\.0\.1:\d+\/webhooks\/sms/,
  },
  {
    name: "a public URL with a wrong path",
    seed: ({ env, tunnel }) => void (env.SMS_PUBLIC_WEBHOOK_URL = `${tunnel.origin}/sms`),
    id: "public.request",
    detail: /404: the URL has the path \/sms, webhookPath is \/webhooks\/sms/,
    fix: /set publicWebhookUrl .* to http.*\/webhooks\/sms/,
  },
  {
    name: "a slash at the end",
    seed: ({ env }) => void (env.SMS_PUBLIC_WEBHOOK_URL += "/"),
    id: "public.request",
    detail: /differ by a slash at the end/,
    fix: /set publicWebhookUrl .* to http.*\/webhooks\/sms,/,
  },
  {
    name: "Funnel that is off",
    after: ({ tunnel }) => tunnel.close(),
    id: "public.request",
    detail: /the tunnel or proxy is off/,
    fix: /tailscale funnel --bg --set-path \/webhooks\/sms http:\/\/127/,
  },
  {
    name: "a mount path that Funnel strips",
    after: ({ tunnel }) => tunnel.rewrite((path) => path.replace("/webhooks/sms", "/")),
    id: "public.request",
    detail: /its target must repeat it/,
    fix: /tailscale funnel --bg --set-path \/webhooks\/sms http:\/\/127.*\/webhooks\/sms/,
  },
  {
    name: "a proxy that does not reach the bridge",
    after: ({ tunnel }) => tunnel.leadTo("http://127.0.0.1:1"),
    id: "public.request",
    detail: /answered 502/,
    fix: /hand \/webhooks\/sms on to http:\/\/127/,
  },
  {
    name: "two services on one URL",
    after: ({ tunnel }) => tunnel.answer(() => new Response("<Response/>")),
    id: "public.request",
    detail: /not by this bridge/,
    fix: /turn the other one off/,
  },
  {
    name: "another bridge, with another Auth Token, behind the URL",
    after: ({ tunnel }) => tunnel.answer(() => new Response("Forbidden", { status: 403 })),
    id: "public.request",
    detail: /the signature does not match there/,
    fix: /byte for byte/,
  },
  {
    name: "a token that the running bridge does not have",
    after({ twilio, env }) {
      twilio.account.authToken = env.TWILIO_AUTH_TOKEN = "e".repeat(32);
    },
    id: "public.request",
    detail: /the signature does not match there/,
    fix: /restart the bridge after changing the token/,
  },
  {
    name: "two accounts with one number",
    stopped: true,
    async seed({ env, stateDir }) {
      const { TWILIO_ACCOUNT_SID: accountSid, SMS_PUBLIC_WEBHOOK_URL: url } = env;
      const fromNumber = env.TWILIO_PHONE_NUMBER;
      const account = (webhookPath: string) => ({
        accountSid,
        authToken: "$TWILIO_AUTH_TOKEN",
        fromNumber,
        webhookPath,
        publicWebhookUrl: url,
      });
      const accounts = { home: account("/webhooks/sms"), work: account("/webhooks/work") };
      const text = JSON.stringify({ channels: { sms: { accounts } } });
      await Deno.writeTextFile(`${stateDir}/config.json5`, text, { mode: 0o600 });
      delete env.TWILIO_PHONE_NUMBER;
    },
    id: "accounts.number",
    detail: /home and work both have the number \+1•••••0123/,
    fix: /config set channels\.sms\.accounts\.work\.enabled false/,
  },
  {
    name: "traces that carry the account",
    stopped: true,
    seed: ({ env }) => void (env.OTEL_DENO = "true"),
    id: "telemetry",
    state: "warning",
    detail: /carry the Account SID/,
    fix: /OTEL_DENO_TRACING=false/,
  },
  {
    name: "a proxy that redirects",
    after: ({ tunnel }) =>
      tunnel.answer(() => new Response(null, { status: 301, headers: { location: "/login" } })),
    id: "public.request",
    detail: /301, a redirect to \/login/,
    fix: /publicWebhookUrl/,
  },
];

async function diagnose(one: Misconfiguration): Promise<Ran> {
  await using world = await createBridgeWorld(one.gateway);
  await Deno.chmod(world.stateDir, 0o700);
  await one.seed?.(world);
  if (one.stopped !== true) await world.start();
  await one.after?.(world);
  return await world.runIn(one.context ?? {}, "doctor", "--json");
}

for (const one of MISCONFIGURATIONS) {
  Deno.test(`doctor finds ${one.name}, and says how to mend it`, async () => {
    const startedMs = performance.now();
    const { code, out } = await diagnose(one);
    const tookMs = performance.now() - startedMs;
    const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: Check[] };
    const state = one.state ?? "problem";
    const found = checks.filter((check) => check.id === one.id && check.state === state);
    const fitting = found.find(({ detail }) => one.detail.test(detail));
    assert(fitting !== undefined, JSON.stringify(checks, null, 2));
    assertMatch(`${fitting.fix}\n${fitting.command ?? ""}`, one.fix);
    if (state === "problem") assertEquals([ok, code], [false, 1]);
    assert(tookMs < 10_000, `${tookMs} ms`);
  });
}

Deno.test("doctor finds no problem where everything is right, and exits with 0", async () => {
  await using world = await createBridgeWorld();
  await Deno.chmod(world.stateDir, 0o700);
  await world.start();
  const { code, out } = await world.run("doctor", "--json");
  const { ok, checks } = JSON.parse(out) as { ok: boolean; checks: Check[] };
  const bad = checks.filter(({ state, id }) => state !== "ok" && id !== "service");
  assertEquals(bad, []);
  assertEquals([ok, code], [true, 0]);
  for (const check of checks) {
    assertEquals(Object.keys(check), [
      "id",
      "account",
      "title",
      "state",
      "detail",
      "fix",
      "command",
    ]);
  }
});

Deno.test("doctor takes what this shell lacks for no problem while a bridge runs that has it", async () => {
  await using world = await createBridgeWorld();
  await Deno.chmod(world.stateDir, 0o700);
  await world.start();
  delete world.env.TWILIO_AUTH_TOKEN;
  const { code, out } = await world.run("doctor", "--json");
  assertEquals(code, 0, out);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  const config = checks.filter(({ id }) => id === "config");
  assertEquals(config.map(({ state }) => state), ["warning"]);
  assert(checks.some(({ id, state }) => id === "public.request" && state === "ok"));
});

Deno.test("doctor fits into 80 columns, but for commands, and shows no secret", async () => {
  await using world = await createBridgeWorld();
  world.env.SMS_BRIDGE_GATEWAY_TOKEN = "a-wrong-token";
  const { code, out } = await world.run("doctor");
  assertEquals(code, 1);
  for (const line of out.split("\n")) {
    assert(displayWidth(line) <= 80 || line.startsWith("  $ "), line);
  }
  for (const secret of [world.twilio.authToken, "a-wrong-token"]) assert(!out.includes(secret));
});

Deno.test("doctor says within 10 s that nothing answers in time", async () => {
  await using world = await createBridgeWorld();
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of silent) held.push(connection);
  })();
  const origin = `127.0.0.1:${(silent.addr as Deno.NetAddr).port}`;
  world.env.SMS_BRIDGE_TWILIO_API_URL = `http://${origin}`;
  world.env.SMS_BRIDGE_GATEWAY_URL = `ws://${origin}`;
  world.env.SMS_PUBLIC_WEBHOOK_URL = `http://${origin}/webhooks/sms`;
  const startedMs = performance.now();
  const { code, out } = await world.run("doctor", "--json");
  const tookMs = performance.now() - startedMs;
  for (const connection of held) connection.close();
  silent.close();
  await accepting;
  assert(tookMs < 10_000, `${tookMs} ms`);
  assertEquals(code, 1);
  const { checks } = JSON.parse(out) as { checks: Check[] };
  const states = new Map(checks.map(({ id, state }) => [id, state]));
  for (const id of ["gateway.handshake", "twilio.credentials", "public.request"]) {
    assertEquals(states.get(id), "problem", id);
  }
});
