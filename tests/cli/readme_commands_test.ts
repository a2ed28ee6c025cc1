/**
 * Every command line of README's that the program has, run against a whole bridge between a fake Twilio and
 * a fake Gateway, and what its other lines rely on.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { allRows } from "../../src/config/rows/setting_rows.ts";
import { signForm } from "../../src/twilio/signature.ts";
import { startFakeEngine } from "../store/connect/fake_engine.ts";
import { type BridgeWorld, createBridgeWorld, type Ran } from "./bridge_world.ts";

const ROOT = new URL("../../", import.meta.url);
const README = (await Deno.readTextFile(new URL("README.md", ROOT))).split("\n## Commands")[0]!;
const ANN = "+15551234567";
const TERMINAL = { stdin: true, stdout: true, stderr: true };

/** The lines of README's shell blocks, without comments. */
const LINES = [...README.matchAll(/^ *```sh\n([^]*?)^ *```/gm)]
  .flatMap(([, text]) => text!.replace(/\\\n\s*/g, "").split("\n"))
  .map((line) => line.trim().replace(/ +#.*$/, ""))
  .filter((line) => line !== "");
/** Commands in the text. */
const INLINE = [...README.matchAll(/`(sms-bridge [^`]+)`/g)].map(([, line]) =>
  line!.replace(/\s+/g, " ")
);
const OURS = LINES.filter((line) => /(^|\| |sudo )sms-bridge /.test(line));

/** Words of a line as a shell has them. */
function wordsOf(line: string): string[] {
  const words = line.replace(/^.*sms-bridge /, "").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}

/** Lines that end otherwise than with 0, and why. */
const ENDS: Readonly<Record<string, number>> = {
  // Nobody who is paused.
  "sms-bridge pair resume NUMBER": 5,
};
/** Lines that have a world of their own below, or in another test. */
const ELSEWHERE: readonly RegExp[] = [
  /^sms-bridge (serve|setup|config (adopt|return)|store move|config set bridge\.store)\b/,
  /^(sudo )?sms-bridge (upgrade|service)\b/,
  /^sms-bridge webhook set --fallback/,
  /^sms-bridge pair approve/,
];

async function stubs(world: BridgeWorld, ...names: string[]): Promise<string> {
  const bin = `${world.stateDir}/bin`;
  await Deno.mkdir(bin, { recursive: true });
  for (const name of names) {
    const text = `#!/bin/sh\necho "${name} $*" >> "${world.stateDir}/calls"\n`;
    await Deno.writeTextFile(`${bin}/${name}`, text, { mode: 0o755 });
  }
  world.env.PATH = `${bin}:/usr/bin:/bin`;
  return `${world.stateDir}/calls`;
}

/** A bridge that runs in its usual place, with what the lines name. */
async function readersWorld() {
  const world = await createBridgeWorld();
  const { env, stateDir } = world;
  await stubs(world, "tailscale", "systemctl", "loginctl", "journalctl");
  env.SMS_BRIDGE_STATE_DIR = `${stateDir}/.openclaw/sms-bridge`;
  const url = env.SMS_PUBLIC_WEBHOOK_URL!;
  const body = `From=%2B15551234567&To=${encodeURIComponent(env.TWILIO_PHONE_NUMBER!)}&Body=hi`;
  const signature = signForm(world.twilio.authToken, url, [...new URLSearchParams(body)]);
  const files: Record<string, string> = {
    "reply.md": "**Done.** See https://example.com",
    "form.txt": body,
    "sms.patch.json5": '{ channels: { sms: { name: "ours" } } }',
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${stateDir}/${name}`, text);
  }
  const real: Record<string, string> = { NUMBER: ANN, "…": signature };
  for (const name of [...Object.keys(files), "before-upgrade.kv", "FILE"]) {
    real[name] = real[`./${name}`] = `${stateDir}/${name}`;
  }
  const number = world.twilio.account.numbers[0]!;
  number.smsUrl = url;
  return {
    world,
    env,
    /** Runs a line, with what stands for something in its place. */
    async run(line: string, more: Record<string, string> = {}): Promise<Ran> {
      const [, left] = line.match(/^(.*) \| sms-bridge/) ?? [];
      const args = wordsOf(line).map((word) => more[word] ?? real[word] ?? word);
      if (left === undefined) return await world.run(...args);
      const { stdout } = await new Deno.Command("sh", { args: ["-c", left] }).output();
      return await world.runIn({ input: new TextDecoder().decode(stdout) }, ...args);
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

Deno.test("every sms-bridge command of README's runs beside a bridge", async () => {
  await using readers = await readersWorld();
  await readers.world.start();
  const lines = new Set(
    [...OURS, ...INLINE].filter((line) => !ELSEWHERE.some((one) => one.test(line))),
  );
  assert(lines.size > 25, `${lines.size}`);
  for (const line of lines) {
    const { code, out, err } = await readers.run(line);
    assertEquals([line, code], [line, ENDS[line] ?? 0], `${out}\n${err}`);
  }
});

Deno.test("README's way from a stranger's text to an approved number goes through", async () => {
  await using readers = await readersWorld();
  const { twilio } = readers.world;
  await readers.world.start();
  const approvals = new Set([...OURS, ...INLINE].filter((one) => /pair approve/.test(one)));
  assertEquals(approvals.size, 2);
  let stranger = 12_025_550_140;
  for (const line of approvals) {
    const from = `+${stranger++}`;
    await twilio.inbound({ from, text: "hello" });
    await twilio.nextMessage(({ to }) => to === from);
    const { requests } = JSON.parse((await readers.world.run("pair", "list", "--json")).out);
    const { code: pairingCode } = requests.at(-1);
    const approved = await readers.run(line, { ABCD2345: pairingCode, CODE: pairingCode });
    assertEquals([line, approved.code], [line, 0], approved.err);
    await twilio.inbound({ from, text: "now?" });
    await twilio.nextMessage(({ to, body }) => to === from && body.includes("now?"));
  }
});

Deno.test("README's queue commands run on what is there", async () => {
  await using readers = await readersWorld();
  const { twilio, run } = readers.world;
  await run("pair", "allow", ANN);
  readers.env.SMS_BRIDGE_GATEWAY_URL = "ws://127.0.0.1:9";
  await readers.world.start();
  await twilio.inbound({ from: ANN, text: "waits for the agent" });
  const { items } = JSON.parse((await run("queue", "list", "--json")).out);
  const id = items[0].id;
  const told = [...README.matchAll(/`(queue (?:show|retry|drop|export|import) [^`]+)`/g)];
  const ends: Record<string, number> = { "queue retry ID": 6 };
  const isLast = (line: string) => Number(line.includes("drop"));
  const lines = [...new Set(told.map(([, line]) => line!))].toSorted((a, b) =>
    isLast(a) - isLast(b)
  );
  assert(lines.length > 5, lines.join());
  for (const line of lines) {
    const { code, err } = await readers.run(`sms-bridge ${line}`, { ID: id });
    assertEquals([line, code], [line, ends[line] ?? 0], err);
  }
});

Deno.test({
  name: "README's service commands run with a stub of systemd",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await using readers = await readersWorld();
    const { env, world: { stateDir } } = readers;
    env.XDG_CONFIG_HOME = `${stateDir}/config`;
    env.SMS_BRIDGE_ETC = `${stateDir}/etc`;
    env.USER = "ann";
    await Deno.mkdir(`${stateDir}/etc`);
    await Deno.writeTextFile(
      `${stateDir}/etc/passwd`,
      `openclaw:x:${Deno.uid()}:${Deno.gid()}::${stateDir}/openclaw:/bin/sh\n`,
    );
    const lines = [...OURS, ...INLINE].filter((line) => /sms-bridge service/.test(line));
    assert(lines.length > 3);
    for (const line of lines) {
      const { code, err } = await readers.run(line);
      assertEquals([line, code], [line, 0], err);
    }
    const calls = await Deno.readTextFile(`${stateDir}/calls`);
    for (const call of ["enable", "restart", "loginctl enable-linger ann"]) {
      assertStringIncludes(calls, call);
    }
  },
});

Deno.test("README's way to a store that two bridges share goes through", async () => {
  await using readers = await readersWorld();
  await using engine = startFakeEngine();
  assertEquals((await readers.world.run("pair", "allow", ANN)).code, 0);
  readers.env.SMS_BRIDGE_STORE_TOKEN = engine.token;
  const lines = OURS.filter((line) => /store move|bridge\.store /.test(line));
  assertEquals(lines.length, 2);
  for (const line of lines) {
    const { code, err } = await readers.run(line, { "https://kv.example.net": engine.url });
    assertEquals([line, code], [line, 0], err);
  }
  const allowed = await readers.world.run("pair", "allowed", "--full");
  assertStringIncludes(allowed.out, ANN);
  await readers.world.start();
  const { twilio } = readers.world;
  twilio.account.numbers[0]!.smsUrl = "https://first.example.com/webhooks/sms";
  const fallback = await readers.run("sms-bridge webhook set --fallback");
  assertEquals(fallback.code, 0, fallback.err);
});

Deno.test("README's way from the plugin and back goes through, asked on a terminal", async () => {
  await using readers = await readersWorld();
  const { stateDir, runIn } = readers.world;
  await Deno.mkdir(`${stateDir}/.openclaw`, { recursive: true });
  const path = `${stateDir}/.openclaw/openclaw.json`;
  await Deno.writeTextFile(path, "{ channels: { sms: { enabled: true } } }\n", { mode: 0o600 });
  const lines = OURS.filter((line) => /config (adopt|return)/.test(line));
  assertEquals(lines.length, 3);
  for (const line of lines) {
    const done = await runIn({ terminal: TERMINAL, answers: ["y"] }, ...wordsOf(line));
    assertEquals([line, done.code], [line, 0], done.err);
  }
  assertStringIncludes(await Deno.readTextFile(path), "enabled: true");
});

Deno.test("README's lines for the control socket are answered by the bridge", async () => {
  await using readers = await readersWorld();
  await readers.world.start();
  const lines = LINES.filter((line) => line.startsWith("curl "));
  assertEquals(lines.length, 3);
  let id = "";
  for (const line of lines) {
    const { success, stdout } = await new Deno.Command("sh", {
      args: ["-c", line.replace("curl", "curl -sSf").replace("/ID", `/${id}`)],
      env: { HOME: readers.world.stateDir },
    }).output();
    assertEquals([line, success], [line, true]);
    id = JSON.parse(new TextDecoder().decode(stdout)).message?.id ?? id;
  }
});

Deno.test("README's other lines name what there is", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const variables = new Set(allRows().flatMap(({ row }) => row.variables));
  for (const line of LINES) {
    const [, task] = line.match(/\bdeno(?:@\S+)? task (\S+)/) ?? [];
    if (task !== undefined) assert(task in tasks, line);
    const [, variable] = line.match(/^export (\w+)=/) ?? [];
    if (variable !== undefined) assert(variables.has(variable), line);
  }
  await using world = await createBridgeWorld();
  Object.assign(world.env, {
    SMS_PUBLIC_WEBHOOK_URL: "https://gateway.example.ts.net/webhooks/sms",
    SMS_BRIDGE_LISTEN: "127.0.0.1:8787",
  });
  const { out } = await world.run("funnel", "print");
  assert(LINES.includes(out.trim().replace("sudo ", "")), out);
});

Deno.test("README's certificate is one that the bridge can be given", async () => {
  const line = LINES.find((one) => one.startsWith("openssl req"))!;
  const cwd = await Deno.makeTempDir({ prefix: "sms-bridge-readme-" });
  const text = await new Deno.Command("sh", {
    args: ["-c", `${line} 2>&1 && openssl x509 -in gateway.pem -noout -text`],
    cwd,
  }).output().then(({ stdout }) => new TextDecoder().decode(stdout));
  await Deno.remove(cwd, { recursive: true });
  assertStringIncludes(text, "CA:FALSE");
  assertStringIncludes(text, "DNS:gateway.example.com");
});
