import { assertEquals, assertStringIncludes } from "@std/assert";
import { createWorld, type World } from "./program.ts";
import { postSigned } from "./signed_post.ts";

const ANN = "+12025550101";

async function write(world: World, config: unknown): Promise<void> {
  const path = `${world.stateDir}/config.json5`;
  await Deno.writeTextFile(`${path}.next`, JSON.stringify(config), { mode: 0o600 });
  await Deno.rename(`${path}.next`, path);
}

/** Posts a text signed with a token; the status it is answered with. */
async function post(
  port: number,
  path: string,
  token: string,
  form: Record<string, string>,
): Promise<number> {
  const response = await postSigned(port, path, token, form);
  await response.body?.cancel();
  return response.status;
}

/** The texts that an answer echoes: those that came while the one before was answered are one. */
const echoed = (body: string) => body.replace("echo: ", "").split("\n");

Deno.test("serve checks each account's texts against its own token, on its own path", async () => {
  await using world = await createWorld();
  const { twilio } = world;
  const account = (path: string, authToken: string, fromNumber: string) => ({
    accountSid: twilio.accountSid,
    authToken,
    fromNumber,
    webhookPath: path,
    publicWebhookUrl: `https://sms.example.com${path}`,
  });
  const tokens = { "/a": "a".repeat(32), "/b": "b".repeat(32) };
  await write(world, {
    channels: {
      sms: {
        accounts: {
          a: account("/a", tokens["/a"], "+12025550131"),
          b: account("/b", tokens["/b"], "+12025550132"),
        },
      },
    },
  });
  const none = { TWILIO_ACCOUNT_SID: "", TWILIO_AUTH_TOKEN: "", TWILIO_PHONE_NUMBER: "" };
  const program = await world.serve({ ...none, SMS_PUBLIC_WEBHOOK_URL: "" });
  for (const [path, to] of [["/a", "+12025550131"], ["/b", "+12025550132"]] as const) {
    for (const [other, token] of Object.entries(tokens)) {
      const form = {
        MessageSid: `SM${crypto.randomUUID().replaceAll("-", "")}`,
        AccountSid: twilio.accountSid,
        From: ANN,
        To: to,
        Body: "hi",
      };
      assertEquals(await post(program.port, path, token, form), other === path ? 200 : 403);
    }
  }
});

Deno.test("serve takes changed settings at once, refuses invalid ones whole, and loses no text", async () => {
  await using world = await createWorld();
  const { twilio } = world;
  await write(world, { channels: { sms: { dmPolicy: "allowlist", allowFrom: ["+12025550100"] } } });
  const program = await world.serve({ SMS_BRIDGE_REPLIES_PER_SENDER_MINUTE_MAX: "0" });
  await twilio.inbound({ from: ANN, text: "not yet" });

  await write(world, { channels: { sms: { dmPolicy: "allowlist", allowFrom: [ANN] } } });
  await program.event("settings.reloaded");
  const texts = Array.from({ length: 12 }, (_, i) => `text ${i}`);
  const sending = (async () => {
    for (const text of texts) await twilio.inbound({ from: ANN, text });
  })();
  await write(world, { channels: { sms: { dmPolicy: "nobody" } } });
  await program.event("settings.refused");
  await write(world, {
    channels: { sms: { dmPolicy: "open", allowFrom: ["*"] } },
    bridge: { messagesPerSecond: 100 },
  });
  Deno.kill(program.pid, "SIGHUP");
  await program.event(
    "settings.reloaded",
    () => program.events.filter(({ event }) => event === "settings.reloaded").length === 2,
  );
  await sending;
  const answers: string[] = [];
  while (answers.length < texts.length) {
    answers.push(...echoed((await twilio.nextMessage()).body));
  }
  assertEquals(answers, texts);
  assertStringIncludes(program.stderr(), "dmPolicy");
});

Deno.test("serve takes up and gives up an account while texts of another go on, and loses none", async () => {
  await using world = await createWorld({}, { numbers: ["+12025550123", "+12025550132"] });
  const { twilio } = world;
  const home = { webhookPath: "/webhooks/sms" };
  const work = {
    fromNumber: "+12025550132",
    webhookPath: "/work",
    publicWebhookUrl: "https://sms.example.com/work",
  };
  const channel = {
    accountSid: twilio.accountSid,
    authToken: twilio.authToken,
    dmPolicy: "open",
    allowFrom: ["*"],
  };
  const bridge = { messagesPerSecond: 1000, limits: { repliesPerSenderMinuteMax: 0 } };
  const settings = (accounts: Record<string, unknown>) => ({
    channels: { sms: { ...channel, accounts } },
    bridge,
  });
  await write(world, settings({ default: home }));
  const program = await world.serve();
  const reloads = (count: number) =>
    program.event(
      "settings.reloaded",
      () => program.events.filter(({ event }) => event === "settings.reloaded").length === count,
    );
  const workText = () => ({
    MessageSid: `SM${crypto.randomUUID().replaceAll("-", "")}`,
    AccountSid: twilio.accountSid,
    From: ANN,
    To: work.fromNumber,
    Body: "to work",
  });
  const toWork = () => post(program.port, "/work", twilio.authToken, workText());
  assertEquals(await toWork(), 404);

  let going = true;
  const sent: string[] = [];
  const traffic = (async () => {
    while (going) {
      const text = `home ${sent.length}`;
      await twilio.inbound({ from: ANN, text });
      sent.push(text);
    }
  })();
  await write(world, settings({ default: home, work }));
  Deno.kill(program.pid, "SIGHUP");
  await reloads(1);
  assertEquals(await toWork(), 200);
  const heard: { from: string; body: string }[] = [];
  while (!heard.some(({ body }) => body === "echo: to work")) {
    heard.push(await twilio.nextMessage());
  }
  assertEquals(heard.at(-1)!.from, work.fromNumber);
  await write(world, settings({ default: home }));
  Deno.kill(program.pid, "SIGHUP");
  await reloads(2);
  assertEquals(await toWork(), 404);
  going = false;
  await traffic;
  const atHome = () =>
    heard.filter(({ from }) => from !== work.fromNumber).flatMap(({ body }) => echoed(body));
  while (atHome().length < sent.length) heard.push(await twilio.nextMessage());
  assertEquals(atHome(), sent);
});

Deno.test("config commands change the file that serve reads", async () => {
  await using world = await createWorld();
  const path = `${world.stateDir}/config.json5`;
  const set = await world.run("config", "set", "bridge.limits.segmentsPerDayMax", "7");
  assertEquals(set.code, 0, set.stderr);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  const get = await world.run("config", "get", "bridge.limits.segmentsPerDayMax", "--json");
  assertEquals(JSON.parse(get.stdout).value, 7);
  assertStringIncludes(JSON.parse(get.stdout).origin, path);
  assertEquals((await world.run("config", "check")).code, 0);
  const wrong = await world.run("config", "set", "bridge.limits.segmentsPerDayMx", "7");
  assertEquals(wrong.code, 5);
  assertStringIncludes(wrong.stderr, "did you mean bridge.limits.segmentsPerDayMax?");
});

Deno.test("status says that changed settings were refused, or wait for a restart, until they are mended", async () => {
  await using world = await createWorld();
  await write(world, {});
  const program = await world.serve();
  const warnings = async () => {
    const { stdout } = await world.run("status", "--json");
    return (JSON.parse(stdout).warnings as string[]).join("\n");
  };
  await write(world, { channels: { sms: { dmPolicy: "nobody" } } });
  await program.event("settings.refused");
  assertStringIncludes(await warnings(), "is refused; the former one stays in force");
  await write(world, { bridge: { logLevel: "debug" } });
  await program.event("settings.reloaded");
  const waiting = await warnings();
  assertStringIncludes(waiting, "waiting for a restart");
  assertStringIncludes(waiting, "logLevel");
  await write(world, {});
  const twice = () => program.events.filter(({ event }) => event === "settings.reloaded").length;
  await program.event("settings.reloaded", () => twice() === 2);
  assertEquals(/refused|restart/.test(await warnings()), false);
});
