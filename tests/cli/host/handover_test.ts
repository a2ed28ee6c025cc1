import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { FakeGatewayOptions } from "../../../src/sim/gateway.ts";
import { type Plan, planReply } from "../../../src/sim/gateway_replies.ts";
import type { FakeTwilioOptions } from "../../../src/sim/twilio.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const EVE = "+12025550103";
const SECRET = "f00dfacef00dfacef00dfacef00dface";

/** A Gateway that serves SMS itself, on one line of its file, with people paired in its database. */
async function withPlugin({ people = [], gateway, twilio }: {
  readonly people?: readonly string[];
  readonly gateway?: Partial<FakeGatewayOptions>;
  readonly twilio?: FakeTwilioOptions;
} = {}) {
  const channel = { path: "" };
  const http = () => Deno.readTextFileSync(channel.path).includes("enabled: false") ? 404 : 403;
  const world = await createBridgeWorld({ http, ...gateway }, twilio);
  const { env, stateDir } = world;
  for (const name of ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"]) {
    delete env[name];
  }
  const folder = `${stateDir}/.openclaw`;
  env.SMS_BRIDGE_STATE_DIR = `${folder}/sms-bridge`;
  await Deno.mkdir(`${folder}/state`, { recursive: true });
  const path = `${folder}/openclaw.json`;
  channel.path = path;
  const text = `{ channels: { sms: { enabled: true, accountSid: "${world.twilio.accountSid}", ` +
    `authToken: "${SECRET}", fromNumber: "${world.twilio.account.numbers[0]!.phoneNumber}" } } }\n`;
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  const database = new DatabaseSync(`${folder}/state/openclaw.sqlite`);
  database.exec(
    "CREATE TABLE channel_pairing_allow_entries " +
      "(channel_key TEXT, account_id TEXT, entry TEXT, sort_order INTEGER, updated_at TEXT)",
  );
  const insert = database.prepare(
    "INSERT INTO channel_pairing_allow_entries VALUES (?, 'default', ?, 0, '')",
  );
  for (const one of people) insert.run("sms", one);
  insert.run("telegram", "12345678");
  database.exec(
    "CREATE TABLE channel_ingress_events (channel_id TEXT, account_id TEXT, event_id TEXT, " +
      "status TEXT, received_at INTEGER)",
  );
  database.close();
  return {
    world,
    path,
    text,
    run: world.run,
    /** The channel takes a text in. */
    take(messageSid: string, status = "completed") {
      using database = new DatabaseSync(`${folder}/state/openclaw.sqlite`);
      database.prepare("INSERT INTO channel_ingress_events VALUES ('sms', 'default', ?, ?, ?)")
        .run(messageSid, status, Date.now());
    },
    async allowed(): Promise<string[]> {
      const { allowed } = JSON.parse((await world.run("pair", "allowed", "--json", "--full")).out);
      return allowed.map(({ phone }: { phone: string }) => phone).toSorted();
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

Deno.test("config adopt shows no secret and takes over whom the Gateway's channel has let in", async () => {
  await using plugin = await withPlugin({ people: [ANN, `sms:${BOB}`] });
  const dry = await plugin.run("config", "adopt", "--dry-run");
  assertEquals(dry.code, 0, dry.err);
  assertStringIncludes(dry.err, "+ channels.sms.enabled: false");
  assertStringIncludes(dry.err, "+ let in +1•••••0101");
  assert(!`${dry.out}${dry.err}`.includes(SECRET));
  assertEquals(await Deno.readTextFile(plugin.path), plugin.text);
  assertEquals(await plugin.allowed(), []);
  const done = await plugin.run("config", "adopt", "--yes");
  assertEquals(done.code, 0, done.err);
  assert(!`${done.out}${done.err}`.includes(SECRET));
  assertEquals(await plugin.allowed(), [ANN, BOB]);
  assertStringIncludes(await Deno.readTextFile(plugin.path), "enabled: false");
});

Deno.test("config adopt can be run twice, and lets nobody in again who was turned out since", async () => {
  await using plugin = await withPlugin({ people: [ANN, BOB] });
  await plugin.run("config", "adopt", "--yes");
  await plugin.run("pair", "revoke", BOB);
  const again = await plugin.run("config", "adopt", "--yes");
  assertEquals(again.code, 0, again.err);
  assertStringIncludes(again.out, "Nothing to hand over");
  assertEquals(await plugin.allowed(), [ANN]);
});

Deno.test("config return gives SMS back as it was, with those who were let in since", async () => {
  await using plugin = await withPlugin({ people: [ANN] });
  assertStringIncludes((await plugin.run("config", "return")).out, "Nothing to give back");
  await plugin.run("config", "adopt", "--yes");
  await plugin.run("pair", "allow", EVE);
  const adopted = await Deno.readTextFile(plugin.path);
  const dry = await plugin.run("config", "return", "--dry-run");
  assertStringIncludes(dry.err, "+ allowFrom +1•••••0103");
  assertEquals(await Deno.readTextFile(plugin.path), adopted);
  assertEquals((await plugin.run("config", "return", "--yes")).code, 0);
  const text = await Deno.readTextFile(plugin.path);
  assertStringIncludes(text, "enabled: true");
  assertStringIncludes(text.replace(/\s+/g, " "), EVE);
  assert(!text.includes(ANN), "the Gateway still has them");
  assertStringIncludes((await plugin.run("config", "return", "--yes")).out, "Nothing to give back");
});

Deno.test("config return changes nothing where the Gateway's file or its own note is not as it was left", async () => {
  await using plugin = await withPlugin({ people: [ANN] });
  await plugin.run("config", "adopt", "--yes");
  const adopted = await Deno.readTextFile(plugin.path);
  await Deno.remove(plugin.path);
  const absent = await plugin.run("config", "return", "--yes");
  assertEquals(absent.code, 5);
  assertStringIncludes(absent.err, `${plugin.path}, from which it was taken over, is not there`);
  await Deno.writeTextFile(plugin.path, adopted, { mode: 0o600 });
  const note = `${plugin.world.env.SMS_BRIDGE_STATE_DIR}/adopted.json`;
  const noted = await Deno.readTextFile(note);
  for (const text of ["", "{", "[]", '{"gatewayPath":5}', '{"gatewayPath":"/x","people":[{}]}']) {
    await Deno.writeTextFile(note, text);
    const { code, err } = await plugin.run("config", "return", "--yes");
    assertEquals([text, code], [text, 3]);
    assertStringIncludes(err, "adopted.json: it is not as `config adopt` wrote it");
  }
  assertEquals(await Deno.readTextFile(plugin.path), adopted);
  await Deno.writeTextFile(note, noted);
  assertEquals((await plugin.run("config", "return", "--yes")).code, 0);
});

Deno.test("config return keeps whom the common list lets in, and names whom the Gateway would let in again", async () => {
  await using plugin = await withPlugin({ people: [ANN, BOB] });
  const common = plugin.text.replace(
    "sms: {",
    `sms: { allowFrom: ["+12025550109"], accounts: { work: {} },`,
  );
  await Deno.writeTextFile(plugin.path, common, { mode: 0o600 });
  assertEquals((await plugin.run("config", "adopt", "--yes")).code, 0);
  await plugin.run("pair", "revoke", BOB, "--account", "default");
  await plugin.run("pair", "allow", EVE, "--account", "work");
  const done = await plugin.run("config", "return", "--yes");
  assertEquals(done.code, 0, done.err);
  assertStringIncludes(done.err, "still paired at the Gateway: +1•••••0102");
  assert(!done.err.includes("0101"), "who is let in here too is no news");
  const text = (await Deno.readTextFile(plugin.path)).replace(/\s+/g, "");
  assertStringIncludes(text, `work:{allowFrom:["+12025550109","${EVE}"]`);
});

/** A `tailscale` that keeps what Funnel serves in a file, and notes what it is asked. */
async function withFunnel(plugin: Awaited<ReturnType<typeof withPlugin>>, target: string) {
  const { env, stateDir } = plugin.world;
  const bin = `${stateDir}/bin`;
  await Deno.mkdir(bin);
  const script = `#!/bin/sh
cd "${bin}"
echo "$*" >> calls
case "$*" in
  "status --json") echo '{"Self":{"DNSName":"box.tail1.ts.net."}}' ;;
  "funnel status --json")
    [ -s target ] && echo "{\\"Web\\":{\\"box.tail1.ts.net:443\\":{\\"Handlers\\":{\\"/webhooks/sms\\":{\\"Proxy\\":\\"$(cat target)\\"}}}}}" || echo '{}' ;;
  "funnel --bg --set-path /webhooks/sms "*) printf %s "$5" > target ;;
  "funnel --set-path /webhooks/sms off") : > target ;;
  *) exit 1 ;;
esac
`;
  await Deno.writeTextFile(`${bin}/tailscale`, script, { mode: 0o755 });
  await Deno.writeTextFile(`${bin}/target`, target);
  env.PATH = `${bin}:${Deno.env.get("PATH")}`;
  env.SMS_PUBLIC_WEBHOOK_URL = "https://box.tail1.ts.net/webhooks/sms";
  env.SMS_BRIDGE_LISTEN = "127.0.0.1:8787";
  return {
    target: () => Deno.readTextFile(`${bin}/target`),
    async changes() {
      const calls = (await Deno.readTextFile(`${bin}/calls`)).trim().split("\n");
      return calls.filter((call) => !call.endsWith("--json"));
    },
  };
}

const GATEWAY = "http://127.0.0.1:18789/webhooks/sms";
const BRIDGE = "http://127.0.0.1:8787/webhooks/sms";

Deno.test("config adopt leads Funnel's path here and runs doctor, config return leads it back", async () => {
  for (const former of [GATEWAY, ""]) {
    await using plugin = await withPlugin();
    const funnel = await withFunnel(plugin, former);
    const dry = await plugin.run("config", "adopt", "--dry-run");
    const shown = former || "nothing";
    assertStringIncludes(dry.err, `- Funnel leads /webhooks/sms to ${shown}`);
    assertStringIncludes(dry.err, `+ Funnel leads /webhooks/sms to ${BRIDGE}`);
    assertEquals(await funnel.changes(), []);
    const done = await plugin.run("config", "adopt", "--yes");
    assertEquals(done.code, 0, done.err);
    assertEquals(await funnel.target(), BRIDGE);
    assertMatch(done.out, /Bridge: it does not run/, "doctor had a look");
    const again = await plugin.run("config", "adopt", "--yes");
    assertStringIncludes(again.out, "Nothing to hand over");
    assertEquals((await funnel.changes()).length, 1);

    const wouldBe = await plugin.run("config", "return", "--dry-run", "--json");
    assertEquals(JSON.parse(wouldBe.out).ways[0].to, shown);
    assertEquals(await funnel.target(), BRIDGE);
    assertEquals((await plugin.run("config", "return", "--yes")).code, 0);
    assertEquals(await funnel.target(), former);
    assertStringIncludes((await plugin.run("config", "return", "--yes")).out, "Nothing to give");
    assertEquals((await funnel.changes()).length, 2);
  }
});

Deno.test("config adopt that could not move Funnel says so, and moves it when run again", async () => {
  await using plugin = await withPlugin({ people: [ANN] });
  const funnel = await withFunnel(plugin, GATEWAY);
  const script = `${plugin.world.stateDir}/bin/tailscale`;
  const text = await Deno.readTextFile(script);
  await Deno.writeTextFile(script, text.replace("--bg", "--never"), { mode: 0o755 });
  const failed = await plugin.run("config", "adopt", "--yes", "--json");
  assertEquals(JSON.parse(failed.out).complete, false);
  assertEquals(await plugin.allowed(), [ANN], "the rest was done");
  await Deno.writeTextFile(script, text, { mode: 0o755 });
  assertEquals(
    JSON.parse((await plugin.run("config", "adopt", "--yes", "--json")).out).changed,
    true,
  );
  assertEquals(await funnel.target(), BRIDGE);
  await plugin.run("config", "return", "--yes");
  assertEquals(await funnel.target(), GATEWAY);
});

Deno.test("config adopt sets Twilio's URL only where it changes, and config return sets it back", async () => {
  await using plugin = await withPlugin();
  const { world: { twilio, tunnel, env }, path, text } = plugin;
  await Deno.writeTextFile(path, text.replace(SECRET, twilio.authToken), { mode: 0o600 });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  env.SMS_BRIDGE_LISTEN = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  listener.close();
  const number = twilio.account.numbers[0]!;
  const former = "https://gateway.example.com/webhooks/sms";
  number.smsUrl = former;

  const unproved = await plugin.run("config", "adopt", "--yes");
  assertStringIncludes(unproved.err, "Cannot point Twilio there yet");
  assertEquals(number.smsUrl, former);
  tunnel.leadTo(`http://${env.SMS_BRIDGE_LISTEN}`);
  const done = await plugin.run("config", "adopt", "--yes");
  assertStringIncludes(done.err, `Twilio calls ${tunnel.origin}/webhooks/sms now.`);
  assertEquals(number.smsUrl, `${tunnel.origin}/webhooks/sms`);
  const same = await plugin.run("config", "adopt", "--yes");
  assertStringIncludes(same.out, "Nothing to hand over");
  await plugin.run("config", "return", "--yes");
  assertEquals(number.smsUrl, former);
});

Deno.test("what the Gateway's channel answered is not answered again, what came to nobody is, also when SMS was given back before", async () => {
  let agoMs = 0;
  const past = { ...systemClock, now: () => Date.now() - agoMs };
  const asked: string[] = [];
  const respond = (message: string): Plan => (asked.push(message), planReply("[[say:ok]]"));
  const parts = { people: [ANN], gateway: { respond }, twilio: { clock: past } };
  await using plugin = await withPlugin(parts);
  const { world, path, text } = plugin;
  const { twilio } = world;
  await Deno.writeTextFile(path, text.replace(SECRET, twilio.authToken), { mode: 0o600 });
  const at = (ago: number, ...args: string[]) => {
    agoMs = ago;
    return args.length === 0 ? undefined : world.runIn({ clock: past }, ...args);
  };
  const texts = (ago: number, body: string) => (at(ago), twilio.inbound({ from: ANN, text: body }));
  await at(600_000, "config", "adopt", "--yes");
  await at(500_000, "config", "return", "--yes");
  plugin.take((await texts(400_000, "answered by the plugin")).messageSid);
  await at(300_000, "config", "adopt", "--yes");
  await texts(200_000, "came to nobody");
  const daemon = await world.start();
  const { body } = await twilio.nextMessage();
  assertEquals(body, "ok");
  await daemon.stop();
  assertEquals(asked.filter((one) => one.includes("answered by the plugin")), []);
  assertEquals(asked.filter((one) => one.includes("came to nobody")).length, 1);
});

Deno.test("what comes while the Gateway still serves SMS is its own, what it has not taken in is ours", async () => {
  const asked: string[] = [];
  const respond = (message: string): Plan => (asked.push(message), planReply("[[say:ok]]"));
  const come = async (text: string, taken: boolean) => {
    const { messageSid } = await plugin.world.twilio.inbound({ from: ANN, text });
    if (taken) plugin.take(messageSid);
  };
  const statuses = [404, 403, 403];
  const http = async () => {
    const status = statuses.pop() ?? 404;
    await come(`taken ${status} ${statuses.length}`, status === 403);
    if (status === 403) await come(`refused ${statuses.length}`, false);
    return status;
  };
  await using plugin = await withPlugin({ people: [ANN], gateway: { respond, http } });
  const { world, path, text } = plugin;
  await Deno.writeTextFile(path, text.replace(SECRET, world.twilio.authToken), { mode: 0o600 });
  await come("taken before", true);
  const done = await plugin.run("config", "adopt", "--yes");
  assertEquals(done.code, 0, done.err);
  await come("after", false);
  const daemon = await world.start();
  while (!asked.some((one) => one.includes("after"))) await world.twilio.nextMessage();
  await daemon.stop();
  const ours = asked.join("\n").match(/taken [\w ]+|refused \d|after/g);
  assertEquals(ours?.toSorted(), ["after", "refused 1", "refused 2", "taken 404 0"]);
});

Deno.test("config return leads texts back once the Gateway takes them, and the bridge has answered its own", async () => {
  let given = false;
  const ways: string[] = [];
  const http = async () => {
    if (!given) return 404;
    ways.push(await funnel.target());
    if (ways.length < 3) return 404;
    await plugin.world.twilio.inbound({ from: ANN, text: "[[slow:200]] still ours" });
    return 403;
  };
  await using plugin = await withPlugin({ people: [ANN], gateway: { http } });
  const { world, path, text } = plugin;
  const { twilio } = world;
  await Deno.writeTextFile(path, text.replace(SECRET, twilio.authToken), { mode: 0o600 });
  const funnel = await withFunnel(plugin, GATEWAY);
  await plugin.run("config", "adopt", "--yes");
  const target = await funnel.target();
  await world.start();
  given = true;
  const done = await plugin.run("config", "return", "--yes");
  assertEquals(done.code, 0, done.err);
  assertEquals(ways, [target, target, target]);
  assertEquals(await funnel.target(), GATEWAY);
  assertEquals(twilio.messages.filter(({ to }) => to === ANN).length, 1, "answered before the end");
});

Deno.test("config adopt makes the state directory that is named, and shows it first", async () => {
  await using plugin = await withPlugin({ people: [ANN] });
  const stateDir = `${plugin.world.stateDir}/elsewhere`;
  plugin.world.env.SMS_BRIDGE_STATE_DIR = stateDir;
  const dry = await plugin.run("config", "adopt", "--dry-run");
  assertEquals(dry.code, 0, dry.err);
  assertStringIncludes(dry.err, `+ ${stateDir} (new: the bridge's state directory)`);
  assertEquals(await Deno.stat(stateDir).catch(() => null), null);
  const done = await plugin.run("config", "adopt", "--yes");
  assertEquals(done.code, 0, done.err);
  assertEquals(await plugin.allowed(), [ANN]);
  assertEquals(((await Deno.stat(stateDir)).mode ?? 0) & 0o777, 0o700);
});
