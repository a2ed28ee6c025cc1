/**
 * Where commands take the store from when the settings that would tell are not right.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { startFakeEngine } from "../store/connect/fake_engine.ts";
import { createBridgeWorld } from "./bridge_world.ts";

const ANN = "+12025550101";
const ON_THE_STORE = [
  ["backup", "COPY"],
  ["queue", "list"],
  ["queue", "export", "COPY"],
  ["pair", "list"],
  ["pair", "allow", "+12025550102"],
  ["people"],
  ["messages"],
  ["spend"],
  ["status"],
];

async function worldWithStore() {
  const world = await createBridgeWorld();
  assertEquals((await world.run("pair", "allow", ANN)).code, 0);
  const configPath = `${world.stateDir}/config.json5`;
  const copy = `${world.stateDir}/copy.kv`;
  const run = (command: readonly string[], ...more: string[]) =>
    world.run(...command.map((word) => word === "COPY" ? copy : word), ...more);
  return { world, configPath, copy, run, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

Deno.test("no command takes the file for the store while the settings cannot be read", async () => {
  await using home = await worldWithStore();
  await Deno.writeTextFile(home.configPath, "{ bridge: { store: ");
  for (const command of ON_THE_STORE) {
    const { code, err } = await home.run(command);
    assertEquals([command, code], [command, 3]);
    assertStringIncludes(err, "the settings cannot be read, and may name one elsewhere");
    assertStringIncludes(err, "sms-bridge config check");
  }
  const doctor = await home.run(["doctor", "--json"]);
  const { checks } = JSON.parse(doctor.out) as { checks: { id: string; state: string }[] };
  assertEquals(checks.find(({ id }) => id === "state.store")?.state, "skipped");
});

Deno.test("a state directory that is named is where the store is, while the settings cannot be read", async () => {
  await using home = await worldWithStore();
  await Deno.writeTextFile(home.configPath, "{ bridge: { store: ");
  const { stateDir } = home.world;
  const { code, out } = await home.run(["backup", "COPY"], "--state-dir", stateDir, "--json");
  assertEquals([code, JSON.parse(out).file], [0, home.copy]);
});

Deno.test("no command takes the file for the store that wrong settings have elsewhere", async () => {
  await using home = await worldWithStore();
  home.world.env.SMS_BRIDGE_STORE = "https://kv.example.net";
  home.world.env.TWILIO_AUTH_TOKEN = "";
  for (const command of ON_THE_STORE) {
    const { code, err } = await home.run(command);
    assertEquals([command, code], [command, 3]);
    assertStringIncludes(err, "bridge.store names one elsewhere, and the settings are wrong");
  }
});

Deno.test("commands say what mends a store elsewhere that cannot be used", async () => {
  await using home = await worldWithStore();
  const { env } = home.world;
  await using engine = startFakeEngine();
  await using broken = startFakeEngine();
  broken.fate = () => "broken";
  const troubles = [
    [engine.url, "another-token-0123", "sms-bridge config set bridge.storeToken TOKEN"],
    ["http://127.0.0.1:9", engine.token, "start the engine there"],
    [broken.url, broken.token, "look at the log of the engine"],
  ] as const;
  for (const [url, token, mends] of troubles) {
    Object.assign(env, { SMS_BRIDGE_STORE: url, SMS_BRIDGE_STORE_TOKEN: token });
    for (const command of ON_THE_STORE) {
      const { code, err } = await home.run(command);
      assertEquals([command, code], [command, 1]);
      assertStringIncludes(err, "Cannot use the store: ");
      assertStringIncludes(err, mends);
    }
    const { checks } = JSON.parse((await home.run(["doctor", "--json"])).out) as {
      checks: { id: string; fix: string }[];
    };
    assertStringIncludes(checks.find(({ id }) => id === "state.store")!.fix, mends);
  }
});
