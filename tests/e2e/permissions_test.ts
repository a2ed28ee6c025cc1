import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createWorld, until, type World } from "./program.ts";

async function configure(world: World, secrets: unknown, authToken: unknown): Promise<void> {
  const path = `${world.stateDir}/config.json5`;
  const config = { secrets, channels: { sms: { authToken } } };
  await Deno.writeTextFile(path, JSON.stringify(config), { mode: 0o600 });
}

const ANN = "+12025550101";
const NO_TOKEN = { TWILIO_AUTH_TOKEN: "" };

Deno.test({
  name: "serve cannot run a program any more once it has started without need of one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using world = await createWorld();
    await Deno.writeTextFile(`${world.stateDir}/config.json5`, "{}", { mode: 0o600 });
    const program = await world.serve();
    const script = `${world.stateDir}/give-secret`;
    await Deno.writeTextFile(script, `#!/bin/sh\ntouch ${world.stateDir}/it-ran\necho secret\n`);
    await Deno.chmod(script, 0o700);
    const providers = { p: { source: "exec", command: script, jsonOnly: false } };
    await configure(world, { providers }, { source: "exec", provider: "p", id: "token" });
    Deno.kill(program.pid, "SIGHUP");
    await program.event("settings.refused");
    const ran = await Deno.stat(`${world.stateDir}/it-ran`).then(() => true, () => false);
    assertEquals(ran, false);
  },
});

Deno.test({
  name:
    "the running service reaches no host and no folder that its settings did not name when it started",
  ignore: Deno.build.os === "windows",
  async fn() {
    const elsewhere = await Deno.makeTempDir({ prefix: "sms-bridge-elsewhere-" });
    const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]);
    await Deno.writeFile(`${elsewhere}/pic.png`, png);
    await using world = await createWorld({
      respond: (message) => ({ text: "", mediaUrls: [message], delayMs: 0, failure: null }),
    });
    const path = `${world.stateDir}/config.json5`;
    const configured = (config: unknown) =>
      Deno.writeTextFile(path, JSON.stringify(config), { mode: 0o600 });
    await configured({});
    await world.run("pair", "allow", ANN);
    const program = await world.serve();
    const reloaded = async (config: unknown, missing: string) => {
      await configured(config);
      Deno.kill(program.pid, "SIGHUP");
      await program.event("settings.reloaded", ({ needRestart }) => needRestart === missing);
    };
    await reloaded({ bridge: { mediaRoots: [elsewhere] } }, "folders");
    await world.twilio.inbound({ from: ANN, text: "pic.png" });
    assertStringIncludes((await world.twilio.nextMessage()).body, "could not be sent: pic.png");
    assertEquals((await program.end("SIGTERM")).code, 0);
    await Deno.remove(elsewhere, { recursive: true });
  },
});

Deno.test({
  name:
    "the running service does not connect to a Gateway that it was not started for, and says so",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using world = await createWorld();
    const url = world.env.SMS_BRIDGE_GATEWAY_URL!;
    delete world.env.SMS_BRIDGE_GATEWAY_URL;
    const path = `${world.stateDir}/config.json5`;
    const configured = (gateway: string) =>
      Deno.writeTextFile(path, JSON.stringify({ gateway: { url: gateway } }), { mode: 0o600 });
    await configured(url);
    const program = await world.serve();
    await program.event("gateway.ready");
    await configured("wss://gateway.example.com");
    await program.event("settings.reloaded", ({ needRestart }) => needRestart === "hosts");
    await program.event("gateway.forbidden");
    await configured(url);
    const before = world.gateway.connections;
    await until(() => world.gateway.connections !== before);
    assertEquals((await program.end("SIGTERM")).code, 0);
  },
});

Deno.test({
  name: "serve starts with a secret that a program gives",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using world = await createWorld();
    const script = `${world.stateDir}/give-secret`;
    await Deno.writeTextFile(script, `#!/bin/sh\necho ${world.twilio.authToken}\n`);
    await Deno.chmod(script, 0o700);
    const providers = { p: { source: "exec", command: script, jsonOnly: false } };
    await configure(world, { providers }, { source: "exec", provider: "p", id: "token" });
    const program = await world.serve(NO_TOKEN);
    await world.run("pair", "allow", "+12025550101");
    await world.twilio.inbound({ from: "+12025550101", text: "hello" });
    assertEquals((await world.twilio.nextMessage()).body, "echo: hello");
    assertEquals((await program.end("SIGTERM")).code, 0);
  },
});

Deno.test({
  name: "the compiled program cannot read what no configuration may ask for",
  ignore: Deno.build.os !== "linux" || Deno.env.get("SMS_BRIDGE_BIN") === undefined,
  async fn() {
    for (const path of ["/proc/self/environ", "/etc/shadow"]) {
      await using world = await createWorld();
      world.env.TWILIO_AUTH_TOKEN = "";
      const providers = { f: { source: "file", path, mode: "singleValue" } };
      await configure(world, { providers }, { source: "file", provider: "f", id: "value" });
      const { code, stdout, stderr } = await world.run("config", "check");
      const said = stdout + stderr;
      assertEquals(code, 3, said);
      assertStringIncludes(said, path);
      assert(!said.includes("root:"));
    }
  },
});

const LINUX = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "serve names what its settings ask for and it keeps itself away from",
  LINUX,
  async () => {
    await using world = await createWorld();
    const given = { ...world.env, SMS_BRIDGE_MEDIA_ROOTS: "/tmp" };
    for (
      const [name, value, said] of [
        ["SMS_BRIDGE_MEDIA_ROOTS", "/etc", "/etc;"],
        ["SMS_BRIDGE_MEDIA_ROOTS", "/", "/;"],
        ["SMS_BRIDGE_STATE_DIR", "/usr/lib/bridge", "/usr/lib/bridge,"],
        ["SMS_BRIDGE_GATEWAY_URL", "wss://169.254.169.254/", "169.254.169.254:443;"],
      ] as const
    ) {
      Object.assign(world.env, given, { [name]: value });
      const { code, stderr } = await world.run("serve", "--log-format", "json");
      assertEquals([value, code], [value, 3], stderr);
      const [, places = ""] = stderr.match(/sms-bridge keeps itself away from (.+)/) ?? [];
      assertStringIncludes(`${places};`, said);
      assertStringIncludes(stderr, "`sms-bridge config show`");
      const doctor = await world.run("doctor", "--json");
      assertStringIncludes(doctor.stdout, `it does not run: Cannot start: sms-bridge keeps itself`);
    }
  },
);

Deno.test(
  "commands say in their own words what they keep themselves away from",
  LINUX,
  async () => {
    await using world = await createWorld();
    for (
      const args of [
        ["text", "preview", "/etc/shadow"],
        ["config", "check", "--config", "/etc/shadow"],
        ["config", "patch", "--file", "/etc/shadow"],
        ["pair", "list", "--state-dir", "/etc/ssh"],
      ]
    ) {
      const { code, stdout, stderr } = await world.run(...args);
      assert(code !== 0, args.join(" "));
      const said = stdout + stderr;
      assert(!/Requires|deno|allow-|program failed/.test(said), said);
    }
  },
);

/** A program that every Linux has below /etc, if this one does. */
const BELOW_ETC = ["/etc/init.d/procps", "/etc/init.d/dbus", "/etc/cron.daily/dpkg"]
  .find(isThere);

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("a program below /etc may be asked for a secret, though /etc itself is out of reach", {
  ignore: BELOW_ETC === undefined,
}, async () => {
  await using world = await createWorld();
  const providers = { p: { source: "exec", command: BELOW_ETC, jsonOnly: false } };
  await configure(world, { providers }, { source: "exec", provider: "p", id: "token" });
  world.env.TWILIO_AUTH_TOKEN = "";
  const { code, stdout, stderr } = await world.run("config", "check");
  assert(!/program failed/.test(stderr), stderr);
  assert(code === 0 || stdout.includes(BELOW_ETC!), stdout);
});

Deno.test("serve says of a store that does not serve what mends it, as commands do", async () => {
  await using world = await createWorld();
  await Deno.writeTextFile(`${world.stateDir}/bridge.kv`, "no database at all ".repeat(100));
  const { code, stderr } = await world.run("serve");
  assertEquals(code, 1);
  assertStringIncludes(stderr, "bridge.kv is damaged: file is not a database");
  assertStringIncludes(stderr, "a backup made with `sms-bridge backup` can take its place");
  await Deno.writeTextFile(`${world.stateDir}/file`, "");
  world.env.SMS_BRIDGE_STATE_DIR = `${world.stateDir}/file`;
  const file = await world.run("serve");
  assertEquals(file.code, 3);
  assertStringIncludes(file.stderr, "file as it is not a directory");
  const set = await world.run("config", "set", "channels.sms.name", "x");
  assertEquals(set.code, 1);
  assert(!/program failed/.test(set.stderr), set.stderr);
});
