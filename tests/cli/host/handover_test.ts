import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const EVE = "+12025550103";
const SECRET = "f00dfacef00dfacef00dfacef00dface";

/** A Gateway that serves SMS itself, on one line of its file, with people paired in its database. */
async function withPlugin(...people: string[]) {
  const world = await createBridgeWorld();
  const { env, stateDir } = world;
  for (const name of ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_PHONE_NUMBER"]) {
    delete env[name];
  }
  const folder = `${stateDir}/.openclaw`;
  env.SMS_BRIDGE_STATE_DIR = `${folder}/sms-bridge`;
  await Deno.mkdir(`${folder}/state`, { recursive: true });
  const path = `${folder}/openclaw.json`;
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
  database.close();
  return {
    world,
    path,
    text,
    run: world.run,
    async allowed(): Promise<string[]> {
      const { allowed } = JSON.parse((await world.run("pair", "allowed", "--json", "--full")).out);
      return allowed.map(({ phone }: { phone: string }) => phone).toSorted();
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

Deno.test("config adopt shows no secret and takes over whom the Gateway's channel has let in", async () => {
  await using plugin = await withPlugin(ANN, `sms:${BOB}`);
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
  await using plugin = await withPlugin(ANN, BOB);
  await plugin.run("config", "adopt", "--yes");
  await plugin.run("pair", "revoke", BOB);
  const again = await plugin.run("config", "adopt", "--yes");
  assertEquals(again.code, 0, again.err);
  assertStringIncludes(again.out, "Nothing to hand over");
  assertEquals(await plugin.allowed(), [ANN]);
});

Deno.test("config return gives SMS back as it was, with those who were let in since", async () => {
  await using plugin = await withPlugin(ANN);
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

Deno.test("config return keeps whom the common list lets in, and names whom the Gateway would let in again", async () => {
  await using plugin = await withPlugin(ANN, BOB);
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
