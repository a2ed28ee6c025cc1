import { seededRandom } from "../../src/system/random.ts";
import { TARGETS } from "./targets.ts";

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.test(`the fuzzer finds nothing in a few cases of ${name}`, () => {
    for (let seed = 1; seed <= 300; seed++) target(seededRandom(seed));
  });
}
