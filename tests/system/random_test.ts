import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { seededRandom, systemRandom } from "../../src/system/random.ts";

Deno.test("seededRandom() repeats itself for the same seed only", () => {
  const draw = (seed: number) => {
    const random = seededRandom(seed);
    return [...random.bytes(8), random.below(1_000_000), random.fraction()];
  };
  assertEquals(draw(1), draw(1));
  assertNotEquals(draw(1), draw(2));
});

for (
  const [name, random] of [["systemRandom", systemRandom], [
    "seededRandom()",
    seededRandom(7),
  ]] as const
) {
  Deno.test(`${name}.below() draws every number below the limit about as often`, () => {
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i++) counts[random.below(10)]!++;
    for (const count of counts) assert(Math.abs(count - 2_000) < 300, counts.join(" "));
  });

  Deno.test(`${name}.below() takes limits from 1 to 2^32 and no others`, () => {
    assertEquals(random.below(1), 0);
    const drawn = random.below(2 ** 32);
    assert(Number.isInteger(drawn) && drawn >= 0 && drawn < 2 ** 32);
    for (const limit of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
      assertThrows(() => random.below(limit), RangeError, `current value is ${limit}`);
    }
  });

  Deno.test(`${name}.fraction() stays from 0 to below 1 and spreads`, () => {
    let sum = 0;
    for (let i = 0; i < 10_000; i++) {
      const value = random.fraction();
      assert(value >= 0 && value < 1);
      sum += value;
    }
    assert(Math.abs(sum / 10_000 - 0.5) < 0.03, `${sum}`);
  });

  Deno.test(`${name}.bytes() gives as many bytes as asked for, of every value`, () => {
    assertEquals(random.bytes(0).length, 0);
    const seen = new Set(random.bytes(20_000));
    assertEquals(seen.size, 256);
  });
}

Deno.test("seededRandom().below() leaves no bias towards small numbers", () => {
  const random = seededRandom(9);
  const limit = 3 * 2 ** 30;
  let low = 0;
  for (let i = 0; i < 30_000; i++) if (random.below(limit) < 2 ** 30) low++;
  assert(Math.abs(low - 10_000) < 400, `${low}`);
});
