/**
 * `store move` that breaks off, and places that it refuses.
 */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Failure } from "../../../src/system/failure.ts";
import { startFakeEngine } from "../../store/connect/fake_engine.ts";
import { createBridgeWorld } from "../bridge_world.ts";

const ANN = "+12025550101";

Deno.test("nothing uses a store that was moved in part, and a second move completes it", async () => {
  await using world = await createBridgeWorld();
  await using engine = startFakeEngine();
  // More rows than one commit carries.
  for (let i = 0; i < 130; i++) {
    assertEquals((await world.run("pair", "allow", `+1202555${1_000 + i}`)).code, 0);
  }
  world.env.SMS_BRIDGE_STORE_TOKEN = engine.token;
  let writes = 0;
  engine.fate = (method) => method === "atomic_write" && ++writes > 4 ? "broken" : "fine";
  const broken = await world.run("store", "move", "--to", engine.url);
  assertEquals(broken.code, 1);
  engine.fate = () => "fine";
  world.env.SMS_BRIDGE_STORE = engine.url;
  const error = await assertRejects(() => world.start(), Failure);
  assertStringIncludes(error.message, "moved here only in part");
  const copy = `${world.stateDir}/copy.kv`;
  for (const words of [["pair", "allow", ANN], ["pair", "allowed"], ["backup", copy]]) {
    const { code, err } = await world.run(...words);
    assertEquals([words, code], [words, 6]);
    assertStringIncludes(err, "moved here only in part");
    assertStringIncludes(err, "sms-bridge store move");
  }
  assertEquals((await world.run("store", "move", "--to", copy)).code, 6);
  const { checks } = JSON.parse((await world.run("doctor", "--json")).out);
  const found = checks.find(({ id }: { id: string }) => id === "state.store");
  assertStringIncludes(found.detail, "moved here only in part");
  assertStringIncludes(found.fix, "sms-bridge store move");
  delete world.env.SMS_BRIDGE_STORE;
  const again = await world.run("store", "move", "--to", engine.url, "--json");
  assertEquals([again.code, JSON.parse(again.out).counts.allowed], [0, 130]);
  world.env.SMS_BRIDGE_STORE = engine.url;
  await world.start();
  const refused = await world.run("store", "move", "--to", engine.url);
  assertEquals(refused.code, 6);
});

Deno.test("`store move` says that a bridge runs in the place where the store shall go", async () => {
  await using world = await createBridgeWorld();
  await using engine = startFakeEngine();
  await world.run("pair", "allow", "+12025550101");
  const file = world.env.SMS_BRIDGE_STATE_DIR!;
  const there = { SMS_BRIDGE_STORE: engine.url, SMS_BRIDGE_STATE_DIR: `${file}/second` };
  Object.assign(world.env, { SMS_BRIDGE_STORE_TOKEN: engine.token, ...there });
  await world.start();
  delete world.env.SMS_BRIDGE_STORE;
  world.env.SMS_BRIDGE_STATE_DIR = file;
  const { code, err } = await world.run("store", "move", "--to", engine.url);
  assertEquals(code, 6);
  assertStringIncludes(err, "a bridge runs on it already");
});

Deno.test("`store move` takes no URL with a password in it, and does not show it", async () => {
  await using world = await createBridgeWorld();
  await world.run("pair", "allow", "+12025550101");
  const { code, out, err } = await world.run("store", "move", "--to", "https://me:secret@kv.test");
  assertEquals(code, 2);
  assertStringIncludes(err, "kv.test with more in the URL than where it is");
  assertEquals((out + err).includes("secret"), false);
});
