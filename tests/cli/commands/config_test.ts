import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands/table.ts";
import { runCli } from "../../../src/cli/run.ts";
import { parseJson5, valueOf } from "../../../src/config/json5/json5.ts";
import { createFolder, type FolderOptions } from "../../config/folder.ts";
import { createTestContext, type TestContextOptions } from "../test_context.ts";
import page from "../../vectors/openclaw-sms-page.json" with { type: "json" };

async function world(options: FolderOptions = {}) {
  const folder = await createFolder(options);
  const variables = { HOME: folder.home, ...options.env };
  return {
    ...folder,
    async run(args: string[], more: TestContextOptions = {}) {
      const context = createTestContext({ variables, ...more });
      const exit = await runCli(args, context, COMMANDS);
      return { exit, out: context.out, err: context.err, asked: context.asked };
    },
    own: () => Deno.readTextFile(folder.ownPath),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test("config patch takes the patch of OpenClaw's page word for word, first dry, then wet", async () => {
  await using w = await world({ files: { "sms.patch.json5": page.blocks[0]! } });
  const file = ["--file", `${w.home}/sms.patch.json5`];
  const dry = await w.run(["config", "patch", ...file, "--dry-run"]);
  assertEquals(dry.exit, 0, dry.err);
  assertStringIncludes(dry.out, '+ channels.sms.fromNumber: "+15551234567"');
  assert(!dry.out.includes("twilio-auth-token"), "no secret is shown");
  await w.own().then(() => assert(false, "nothing was written"), () => {});
  assertEquals((await w.run(["config", "patch", ...file])).exit, 0);
  assertEquals((await Deno.stat(w.ownPath)).mode! & 0o777, 0o600);
  const read = parseJson5(await w.own());
  assert(read.kind === "node");
  const wanted = parseJson5(page.blocks[0]!);
  assert(wanted.kind === "node");
  assertEquals(valueOf(read.node), valueOf(wanted.node));
  const again = await w.run(["config", "patch", ...file, "--json"]);
  assertEquals(JSON.parse(again.out).changed, false);
});

Deno.test("config patch reads stdin, and refuses what is no setting, no value and no JSON5", async () => {
  await using w = await world();
  const patch = (input: string) => w.run(["config", "patch", "--stdin"], { input });
  assertEquals((await patch("{ bridge: { logFormat: 'json' } }")).exit, 0);
  assertStringIncludes(await w.own(), 'logFormat: "json"');
  assertStringIncludes(
    (await patch("{ bridge: { logformat: 1 } }")).err,
    "did you mean bridge.logFormat?",
  );
  assertStringIncludes((await patch("{ bridge: { logFormat: 1 } }")).err, "one of text, json");
  assertStringIncludes((await patch("{ bridge: ")).err, "stdin:1:11 is not JSON5");
  assertEquals((await w.run(["config", "patch"])).exit, 2);
});

Deno.test("config set and patch show no secret, wherever it was put", async () => {
  await using w = await world();
  const secret = "f00dfacef00dfacef00dfacef00dface";
  const provider =
    `{ source: "exec", command: "/bin/x", args: ["${secret}"], env: { KEY: "${secret}" } }`;
  const input = `{ secrets: { providers: { p: ${provider} } } }`;
  for (
    const [exit, args, more] of [
      [2, ["set", "channels.sms.accountSid", secret]],
      [2, ["set", "gateway.url", `wss://ann:${secret}@gateway.example.com`]],
      [2, ["set", "bridge.logLevel", secret]],
      [0, ["patch", "--stdin", "--dry-run"], { input }],
      [0, ["patch", "--stdin"], { input }],
    ] as const
  ) {
    const ran = await w.run(["config", ...args], more);
    assertEquals([args, ran.exit], [args, exit], ran.err);
    assert(!`${ran.out}${ran.err}`.includes(secret), `${ran.out}${ran.err}`);
  }
  assertStringIncludes(await w.own(), `KEY: "${secret}"`);
});

Deno.test("config adopt hands SMS over after asking, with a backup, and only when there is need", async () => {
  const gateway = '{\n  // mine\n  channels: { sms: { fromNumber: "+12025550123" } },\n}\n';
  await using w = await world({ gateway });
  const terminal = { stdin: true, stdout: true, stderr: true };
  const no = await w.run(["config", "adopt"], { terminal, answers: ["n"] });
  assertEquals(no.exit, 1);
  assertMatch(no.err, /^\+ .*enabled: false/m);
  assertEquals(await Deno.readTextFile(w.gatewayPath), gateway);
  const yes = await w.run(["config", "adopt", "--yes"]);
  assertEquals(yes.exit, 0, yes.err);
  assertEquals(
    await Deno.readTextFile(w.gatewayPath),
    gateway.replace('0123" }', '0123", enabled: false }'),
  );
  assertEquals(await Deno.readTextFile(`${w.gatewayPath}.bak`), gateway);
  assertStringIncludes((await w.run(["config", "adopt"])).out, "Nothing to hand over");
});

Deno.test("config adopt changes nothing when there is nobody to ask", async () => {
  const gateway = '{ channels: { sms: { fromNumber: "+12025550123" } } }';
  await using w = await world({ gateway });
  for (const args of [[], ["--json"]]) {
    const { exit, err } = await w.run(["config", "adopt", ...args]);
    assertEquals(exit, 2);
    assertStringIncludes(err, "--yes");
  }
  assertEquals(await Deno.readTextFile(w.gatewayPath), gateway);
});

Deno.test("config set takes values as people type them, and keys that have no row of their own", async () => {
  await using w = await world();
  const written = async (path: string, value: string) => {
    const { exit, err } = await w.run(["config", "set", path, value]);
    assertEquals(exit, 0, err);
    const read = parseJson5(await w.own());
    assert(read.kind === "node");
    return path.split(".").reduce<unknown>(
      (at, key) => (at as Record<string, unknown>)[key],
      valueOf(read.node),
    );
  };
  assertEquals(await written("channels.sms.fromNumber", "+12025550123"), "+12025550123");
  assertEquals(await written("channels.sms.allowFrom", "+12025550123"), ["+12025550123"]);
  assertEquals(await written("channels.sms.allowFrom", "[]"), []);
  assertEquals(await written("channels.sms.name", "7"), "7");
  assertEquals(await written("channels.sms.accounts.work.edge", "dublin"), "dublin");
  assertEquals(await written("bridge.accounts.work.region", "ie1"), "ie1");
  assertEquals(await written("channels.sms.defaultAccount", "work"), "work");
  assertEquals(await written("secrets.providers.vault", "{ source: 'env' }"), { source: "env" });
  assertEquals((await w.run(["config", "set", "channels.sms.accounts.work.nmae", "x"])).exit, 5);
});

Deno.test("config set and patch leave a file that is not JSON5 alone, and say where it is broken", async () => {
  const own = "{\n  bridge: [\n";
  await using w = await world({ own, files: { patch: "{ bridge: { catchUp: false } }" } });
  const runs = [["set", "bridge.catchUp", "false"], ["patch", "--file", `${w.home}/patch`]];
  for (const args of runs) {
    const { exit, err } = await w.run(["config", ...args]);
    assertEquals(exit, 3);
    assertStringIncludes(err, "line 3");
  }
  assertEquals(await w.own(), own);
});

Deno.test("config set and patch at the same moment each keep what the others wrote", async () => {
  await using w = await world();
  const set = (path: string, value: string) => w.run(["config", "set", path, value]);
  const ran = await Promise.all([
    set("bridge.logLevel", "debug"),
    set("bridge.storeBodies", "true"),
    set("channels.sms.name", "Home"),
    w.run(["config", "patch", "--stdin"], { input: "{ bridge: { catchUp: false } }" }),
    set("bridge.burstWindowMs", "7"),
  ]);
  assertEquals(ran.map(({ exit }) => exit), [0, 0, 0, 0, 0]);
  const read = parseJson5(await w.own());
  assertEquals(read.kind === "node" && valueOf(read.node), {
    bridge: { logLevel: "debug", storeBodies: true, catchUp: false, burstWindowMs: 7 },
    channels: { sms: { name: "Home" } },
  });
});

Deno.test("config show tells each value with its origin and no secret, also as JSON", async () => {
  await using w = await world({
    env: { TWILIO_AUTH_TOKEN: "hidden-token", SMS_BRIDGE_LISTEN: "127.0.0.1:9" },
  });
  const { out, err } = await w.run(["config", "show"]);
  assertMatch(out, /bridge\.listen +127\.0\.0\.1:9 +SMS_BRIDGE_LISTEN/);
  assertMatch(out, /channels\.sms\.authToken +••• +TWILIO_AUTH_TOKEN/);
  assert(!(out + err).includes("hidden-token"));
  const { values } = JSON.parse((await w.run(["config", "show", "--json"])).out);
  const listen = values.find(({ path }: { path: string }) => path === "bridge.listen");
  assertEquals(listen, {
    path: "bridge.listen",
    value: "127.0.0.1:9",
    origin: "SMS_BRIDGE_LISTEN",
  });
});

Deno.test("config show tells that a flag is stronger than a variable, and that than the file", async () => {
  const own = "{ bridge: { stateDir: '/file', logFormat: 'json', catchUp: false } }";
  await using w = await world({
    own,
    env: { SMS_BRIDGE_STATE_DIR: "/variable", SMS_BRIDGE_LOG_FORMAT: "text" },
  });
  const args = ["config", "show", "--json", "--config", w.ownPath, "--state-dir", "/flag"];
  const { values } = JSON.parse((await w.run(args)).out);
  const told = (key: string) => {
    const found = values.find(({ path }: { path: string }) => path === `bridge.${key}`);
    return [found.value, found.origin];
  };
  assertEquals(told("stateDir"), ["/flag", "--state-dir"]);
  assertEquals(told("logFormat"), ["text", "SMS_BRIDGE_LOG_FORMAT"]);
  assertEquals(told("catchUp"), [false, `${w.ownPath}:1`]);
  assertEquals(told("partMarks"), ["auto", "default"]);
});

Deno.test("config check ends with 3 and every problem, or says that all is right", async () => {
  await using w = await world({ own: "{ bridge: { listen: 'x' } }" });
  const { exit, out } = await w.run(["config", "check", "--json"]);
  assertEquals(exit, 3);
  const names = JSON.parse(out).problems.map(({ name }: { name: string }) => name);
  for (const name of ["bridge.listen", "channels.sms.accountSid", "gateway.auth.token"]) {
    assert(names.includes(name), names.join());
  }
});

Deno.test("config check prints nothing of a key that could steer the terminal, and no endless one", async () => {
  const own = `{ channels: { sms: { 'a\\u001b[31m\\u202eb': 1, ${"x".repeat(5_000)}: 2 } } }`;
  await using w = await world({ own });
  const { out } = await w.run(["config", "check"]);
  assertStringIncludes(out, "channels.sms.a [31m b is not a setting");
  for (const steering of ["\x1b", "\u202e"]) assert(!out.includes(steering));
  assert(out.length < 3_000, `${out.length}`);
});

Deno.test("config example is a file without a problem of its own, with every setting in it", async () => {
  await using w = await world();
  const { out } = await w.run(["config", "example"]);
  const bare = parseJson5(out);
  assertEquals(bare.kind, "node");
  const uncommented = out.replaceAll(
    /^( *)\/\/ +(?=[a-zA-Z}$])(?!Further|Where|sms-bridge)/gm,
    "$1",
  );
  const read = parseJson5(uncommented);
  assert(read.kind === "node", JSON.stringify(read));
  const value = valueOf(read.node) as { bridge: { limits: object }; gateway: object };
  assertEquals(Object.keys(value.gateway), ["url", "tls", "auth"]);
  assertEquals(Object.keys(value.bridge.limits).length, 8);
});

Deno.test("config schema names every setting and lets no other in", async () => {
  await using w = await world();
  const schema = JSON.parse((await w.run(["config", "schema", "--json"])).out);
  const sms = schema.properties.channels.properties.sms;
  assertEquals(sms.additionalProperties, false);
  assertEquals(sms.properties.textChunkLimit.maximum, 1600);
  assertEquals(
    schema.properties.bridge.properties.limits.properties.segmentsPerDayMax.default,
    500,
  );
});

Deno.test("config check explains what a number and a Messaging Service mean together", async () => {
  const sid = "0".repeat(32);
  const sms = (more: string) =>
    `{ channels: { sms: { accountSid: "AC${sid}", authToken: "t", fromNumber: "+12025550123"${more} } } }`;
  const service = `, messagingServiceSid: "MG${sid}"`;
  const env = {
    SMS_BRIDGE_GATEWAY_TOKEN: "t",
    SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
  };
  for (const more of ["", service]) {
    await using w = await world({ own: sms(more), env });
    const { out } = await w.run(["config", "check"]);
    const explained = /answered from the number that was texted; .* goes out from fromNumber/.test(
      out,
    );
    assertEquals(explained, more !== "", out);
  }
});
