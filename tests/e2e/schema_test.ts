import { assertEquals, assertStringIncludes } from "@std/assert";
import { SCHEMA_VERSION } from "../../src/store/kv.ts";
import { openPlace } from "../../src/store/shared/open_place.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createWorld } from "./program.ts";

Deno.test("serve and commands refuse a store that a newer version wrote, and say what to do", async () => {
  await using world = await createWorld();
  const { SMS_BRIDGE_STORE: url, SMS_BRIDGE_STORE_TOKEN: storeToken } = world.env;
  const place = { stateDir: world.stateDir, store: url, storeToken };
  const store = await openPlace(place, { clock: systemClock, random: systemRandom });
  await store.commit({ set: [{ key: ["schema"], value: SCHEMA_VERSION + 1 }] });
  store.close();
  for (const command of [["serve"], ["pair", "list"]]) {
    const { code, stderr } = await world.run(...command);
    assertEquals(code, 3, stderr);
    assertStringIncludes(stderr, "Cannot open the store as");
    assertStringIncludes(stderr, "update sms-bridge");
  }
});
