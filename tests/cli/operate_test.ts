/**
 * What operators did, and what each is told: the true cause, and what mends it.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeForm, type FormPair } from "../../src/twilio/form.ts";
import { signForm } from "../../src/twilio/signature.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { runCli } from "../../src/cli/run.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createBridgeWorld } from "./bridge_world.ts";
import { createTestContext } from "./test_context.ts";

const ANN = "+12025550101";

interface Found {
  readonly id: string;
  readonly state: string;
  readonly detail: string;
  readonly fix: string | null;
  readonly command: string | null;
}

function checkOf(json: string, id: string): Found {
  const { checks } = JSON.parse(json) as { checks: Found[] };
  return checks.find((check) => check.id === id)!;
}

Deno.test("config set refuses an empty secret, such as an unset variable leaves", async () => {
  await using world = await createBridgeWorld();
  const { code, err } = await world.run("config", "set", "channels.sms.authToken", "");
  assertEquals(code, 2);
  assertStringIncludes(err, "it is empty");
});

Deno.test("config commands say that a folder is no file", async () => {
  await using world = await createBridgeWorld();
  for (
    const args of [
      ["config", "patch", "--file", world.stateDir],
      ["config", "set", "channels.sms.name", "x", "--config", world.stateDir],
    ]
  ) {
    const { code, err } = await world.run(...args);
    assertEquals([args, code], [args, 3]);
    assertStringIncludes(err, `${world.stateDir}: it is not a regular file`);
  }
});

Deno.test("doctor says that another program has the address of a bridge that does not run", async () => {
  await using world = await createBridgeWorld();
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr as Deno.NetAddr;
  world.env.SMS_BRIDGE_LISTEN = `127.0.0.1:${port}`;
  const bridge = checkOf((await world.run("doctor", "--json")).out, "bridge");
  assertStringIncludes(bridge.detail, `another program has 127.0.0.1:${port}`);
  assert(!`${bridge.fix} ${bridge.command}`.includes("start it"));
});

Deno.test("doctor says that a bridge cannot run as the path of its state directory is too long", async () => {
  await using world = await createBridgeWorld();
  const folder = world.env.SMS_BRIDGE_STATE_DIR = `${world.stateDir}/${"long".repeat(25)}`;
  await Deno.mkdir(folder, { mode: 0o700 });
  const { detail, fix } = checkOf((await world.run("doctor", "--json")).out, "bridge");
  assertStringIncludes(detail, "its path must be at most");
  assertStringIncludes(fix!, "SMS_BRIDGE_STATE_DIR");
});

Deno.test("doctor takes a 404 of Twilio's for a wrong Account SID", async () => {
  await using world = await createBridgeWorld();
  world.twilio.faults.next({ kind: "status", status: 404, code: 20404 }, { times: 20, on: "read" });
  const { detail, fix } = checkOf((await world.run("doctor", "--json")).out, "twilio.credentials");
  assertStringIncludes(detail, "no account with this Account SID");
  assertStringIncludes(fix!, "Account SID");
});

Deno.test("webhook verify does not blame the URL for what pasting adds around the body", async () => {
  await using world = await createBridgeWorld();
  const url = world.env.SMS_PUBLIC_WEBHOOK_URL!;
  const pairs: FormPair[] = [["From", "+12025550101"], ["Body", "hello"]];
  const signature = signForm(world.twilio.authToken, url, pairs);
  const body = `${world.stateDir}/body.txt`;
  const args = ["webhook", "verify", "--signature", signature, "--body", body, "--json"];
  for (
    const [before, after] of [["", "\n"], ["", "\r\n\n"], ["", " \t"], ["", "\ufeff"], [
      "\n ",
      "\n",
    ]]
  ) {
    await Deno.writeTextFile(body, `${before}${encodeForm(pairs)}${after}`);
    const { code, out } = await world.run(...args);
    assertEquals(code, 4);
    const { near, fix } = JSON.parse(out);
    assertEquals(near?.change, "no line break or blank around the body", JSON.stringify(after));
    assert(!fix.includes("publicWebhookUrl"), fix);
  }
});

Deno.test("a machine on which nothing is configured is told of setup, in one line", async () => {
  await using world = await createBridgeWorld();
  for (const name of Object.keys(world.env)) if (name !== "HOME") delete world.env[name];
  for (
    const args of [["serve"], ["status"], ["config", "check"], ["send", "+12025550101", "hello"]]
  ) {
    const { code, err } = await world.run(...args);
    assertEquals([args, code], [args, 3]);
    assertStringIncludes(err, "run `sms-bridge setup`");
    assertEquals(err.trim().split("\n").length, 2, err);
  }
  const config = checkOf((await world.run("doctor", "--json")).out, "config");
  assertEquals(config.command, "sms-bridge setup");
});

Deno.test("the demo says why nothing comes after STOP, at once", async () => {
  const answers = ["STOP", "are you there?", "START", "/quit"];
  const terminal = { stdin: true, stdout: true, stderr: false };
  const context = createTestContext({
    clock: systemClock,
    random: systemRandom,
    terminal,
    answers,
  });
  const startedAtMs = Date.now();
  assertEquals(await runCli(["demo"], context, COMMANDS), 0, context.err);
  assertEquals(context.out.match(/You have opted out \(STOP\)/g)?.length, 2, context.out);
  assert(!context.out.includes("(no answer came)"));
  assert(Date.now() - startedAtMs < 60_000, "nothing was waited for that does not come");
});

Deno.test("the demo ended by Ctrl-C at its prompt ends with 130, by /quit or at the end of input with 0", async () => {
  const stop = new AbortController();
  const ask = () => {
    stop.abort("SIGINT");
    return Promise.resolve(null);
  };
  const terminal = { stdin: true, stdout: true, stderr: false };
  const more = { clock: systemClock, random: systemRandom, terminal };
  const ended = createTestContext({ ...more, ask, signal: stop.signal });
  const left = createTestContext({ ...more, answers: [] });
  const codes = [ended, left].map((context) => runCli(["demo"], context, COMMANDS));
  assertEquals(await Promise.all(codes), [130, 0]);
});

Deno.test("send --wait ended by Ctrl-C says that the message still goes out, and it goes out once", async () => {
  await using world = await createBridgeWorld();
  await world.start();
  const controller = new AbortController();
  const after = (ms: number, run: () => void) => {
    if (ms === 250) controller.abort();
    return systemClock.after(ms, run);
  };
  const options = { signal: controller.signal, clock: { ...systemClock, after } };
  const { code, err } = await world.runIn(options, "send", ANN, "on my way", "--wait");
  assertEquals(code, 130);
  assertStringIncludes(
    err,
    "Interrupted: the waiting ended, not the message. Do not send it again.",
  );
  assertEquals((await world.twilio.nextMessage()).body, "on my way");
  assertEquals(world.twilio.messages.length, 1);
});

Deno.test("a state directory that is a typo is told by every command, and never made", async () => {
  await using world = await createBridgeWorld();
  const home = `${world.stateDir}/home`;
  const typo = `${world.stateDir}/typo`;
  const variables = { HOME: home, SMS_BRIDGE_STATE_DIR: "" };
  for (const name of Object.keys(world.env)) if (!/^HOME/.test(name)) delete world.env[name];
  for (
    const command of [
      "status",
      "doctor",
      "messages",
      "config check",
      "webhook show",
      "send +12025550101 hi",
    ]
  ) {
    const { code, out, err } = await world.runIn(
      { variables },
      ...command.split(" "),
      "--state-dir",
      typo,
    );
    assertStringIncludes(`${out}${err}`, `There is no state directory ${typo}`);
    assertEquals(code, command === "doctor" ? 1 : 5, command);
  }
  assertEquals(await Deno.stat(typo).catch(() => null), null);
});

Deno.test("an empty path, such as an unset variable leaves, is told by every command that takes one", async () => {
  for (
    const [name, ...args] of [
      ["--state-dir", "serve"],
      ["--state-dir", "pair", "allow", ANN],
      ["--config", "config", "set", "channels.sms.name", "x"],
      ["--file", "config", "patch"],
      ["--media", "send", ANN, "hi"],
      ["FILE", "backup", ""],
      ["FILE", "queue", "export", " "],
    ]
  ) {
    const context = createTestContext({ variables: { HOME: "/nonexistent" } });
    const given = name === "FILE" ? args : [...args, name!, ""];
    assertEquals([given, await runCli(given, context, COMMANDS)], [given, 2], context.err);
    assertStringIncludes(context.err, `Cannot use ${name} as it must be a path`);
  }
});

Deno.test("send --media says of whatever is no file that it cannot be sent", async () => {
  await using world = await createBridgeWorld();
  const file = `${world.stateDir}/plain`;
  await Deno.writeTextFile(file, "");
  for (
    const media of ["file://elsewhere/cat.jpg", "file:///%zz", `${file}/cat.jpg`, "x".repeat(300)]
  ) {
    const { code, err } = await world.run("send", ANN, "look", "--media", media);
    assertEquals([media, code], [media, 2], err);
    assertStringIncludes(err, "Cannot send ");
  }
});

Deno.test("whoever is told what is wrong in a file is not sent to another file to mend it", async () => {
  await using world = await createBridgeWorld();
  const home = world.env.HOME = `${world.stateDir}/home`;
  await Deno.mkdir(`${home}/.openclaw`, { recursive: true });
  await Deno.writeTextFile(`${home}/.openclaw/openclaw.json`, "{ channels: ", { mode: 0o600 });
  const broken = await world.run("send", ANN, "hi");
  assertEquals(broken.code, 3);
  assertStringIncludes(broken.err, "openclaw.json:1:13 is not JSON5");
  assert(!broken.err.includes("config.json5"), broken.err);
  delete world.env.TWILIO_AUTH_TOKEN;
  await Deno.remove(`${home}/.openclaw/openclaw.json`);
  assertStringIncludes(
    (await world.run("send", ANN, "hi")).err,
    "set these in the environment or in",
  );
});
