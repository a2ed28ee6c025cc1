import { assertEquals, assertNotEquals } from "@std/assert";
import { simulate } from "./simulate.ts";
import { simulateShared } from "./simulate_shared.ts";

const SEEDS = 500;
const SHARED_SEEDS = 60;

Deno.test("the simulator finds no promise broken in 500 seeds", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { findings } = await simulate(seed);
    assertEquals(findings, [], `replay: deno task sim --seed ${seed} --trace`);
  }
});

Deno.test("the simulator finds no promise broken where bridges share a store, in 60 seeds", async () => {
  for (let seed = 1; seed <= SHARED_SEEDS; seed++) {
    const { findings } = await simulateShared(seed);
    assertEquals(findings, [], `replay: deno task sim --seed ${seed} --trace --shared`);
  }
});

Deno.test("the simulator plays a seed of several bridges the same way again", async () => {
  const [one, again] = [await simulateShared(14), await simulateShared(14)];
  assertEquals(one.trace, again.trace);
});

Deno.test("the simulator plays the same seed the same way, and another one otherwise", async () => {
  const [one, again, other] = [await simulate(42), await simulate(42), await simulate(43)];
  assertEquals(one.trace, again.trace);
  assertEquals(one.traceHash, again.traceHash);
  assertNotEquals(one.traceHash, other.traceHash);
});
