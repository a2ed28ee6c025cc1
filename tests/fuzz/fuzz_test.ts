import { seededRandom } from "../../src/system/random.ts";
import { SOCKET_TARGETS } from "./socket_targets.ts";
import { TARGETS } from "./targets.ts";

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.test(`the fuzzer finds nothing in a few cases of ${name}`, () => {
    for (let seed = 1; seed <= 300; seed++) target(seededRandom(seed));
  });
}

for (const [name, attack] of Object.entries(SOCKET_TARGETS)) {
  Deno.test(`the fuzzer finds nothing in a few cases of ${name}, by its socket`, async () => {
    await attack(async (play) => {
      for (let seed = 1; seed <= 100; seed++) await play(seededRandom(seed));
    });
  });
}
