import { assertEquals, assertNotEquals } from "@std/assert";
import { simulate } from "./simulate.ts";

const SEEDS = 500;

Deno.test("the simulator finds no promise broken in 500 seeds", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { findings } = await simulate(seed);
    assertEquals(findings, [], `replay: deno task sim --seed ${seed} --trace`);
  }
});

Deno.test("the simulator plays the same seed the same way, and another one otherwise", async () => {
  const [one, again, other] = [await simulate(42), await simulate(42), await simulate(43)];
  assertEquals(one.trace, again.trace);
  assertEquals(one.traceHash, again.traceHash);
  assertNotEquals(one.traceHash, other.traceHash);
});
