import { assert, assertEquals } from "@std/assert";
import type { Phone } from "../../src/policy/phone.ts";
import { createDoorRates, createRateLimiter } from "../../src/policy/rate.ts";
import { seededRandom } from "../../src/system/random.ts";

const NOW_MS = 1_795_000_000_000;
const ANN = "+12025559999" as Phone;
const sender = (i: number) => `+1202${5_550_000 + i}` as Phone;

Deno.test("createRateLimiter() frees a key when its oldest request is a window old", () => {
  const limiter = createRateLimiter({ limit: 3, windowMs: 1_000, keysMax: 10 });
  for (const atMs of [0, 100, 200]) {
    assertEquals(limiter.waitMs("a", atMs), 0);
    limiter.count("a", atMs);
  }
  assertEquals(limiter.waitMs("a", 300), 700);
  assertEquals(limiter.waitMs("a", 999), 1);
  assertEquals(limiter.waitMs("b", 300), 0);
  assertEquals(limiter.waitMs("a", 1_000), 0);
  limiter.count("a", 1_000);
  assertEquals(limiter.waitMs("a", 1_000), 100);
});

Deno.test("createRateLimiter() lets no more than the limit into any window", () => {
  const seed = 41;
  const random = seededRandom(seed);
  const limiter = createRateLimiter({ limit: 30, windowMs: 60_000, keysMax: 10 });
  const passed: number[] = [];
  for (let nowMs = 0; nowMs < 3_600_000; nowMs += random.below(2_000)) {
    const waitMs = limiter.waitMs("a", nowMs);
    if (waitMs > 0) {
      assertEquals(limiter.waitMs("a", nowMs + waitMs), 0, `seed ${seed}`);
      continue;
    }
    limiter.count("a", nowMs);
    passed.push(nowMs);
    const thirtyBefore = passed.at(-31);
    assert(thirtyBefore === undefined || nowMs - thirtyBefore >= 60_000, `seed ${seed}: ${nowMs}`);
  }
  assert(passed.length > 1_000);
});

Deno.test("createRateLimiter() forgets the key that was quiet for longest", () => {
  const limiter = createRateLimiter({ limit: 1, windowMs: 1_000, keysMax: 2 });
  limiter.count("a", 0);
  limiter.count("b", 1);
  limiter.count("a", 2);
  limiter.count("c", 3);
  assertEquals(limiter.size, 2);
  assertEquals([limiter.waitMs("a", 4), limiter.waitMs("b", 4)], [998, 0]);
});

Deno.test("createRateLimiter() holds a bounded number of keys under 100,000 clients", () => {
  const limiter = createRateLimiter({ limit: 30, windowMs: 60_000, keysMax: 1_000 });
  for (let i = 0; i < 100_000; i++) limiter.count(`client ${i}`, i);
  assertEquals(limiter.size, 1_000);
});

Deno.test("createRateLimiter() does not lock a key out when the clock is set back", () => {
  const limiter = createRateLimiter({ limit: 1, windowMs: 1_000, keysMax: 2 });
  limiter.count("a", 1_000_000);
  assertEquals(limiter.waitMs("a", 0), 0);
});

Deno.test("createDoorRates() meters texts by their sender, and says when to come again", () => {
  const rates = createDoorRates();
  for (let i = 0; i < 30; i++) assertEquals(rates.valid(ANN, NOW_MS + i), { kind: "ok" });
  assertEquals(rates.valid(ANN, NOW_MS + 30), { kind: "limited", retryAfterS: 60 });
  assertEquals(rates.valid(ANN, NOW_MS + 59_999), { kind: "limited", retryAfterS: 1 });
  assertEquals(rates.valid(sender(1), NOW_MS + 30), { kind: "ok" });
  assertEquals(rates.valid(ANN, NOW_MS + 60_000), { kind: "ok" });
});

Deno.test("createDoorRates() meters all texts together, refused ones not counted", () => {
  const rates = createDoorRates();
  for (let i = 0; i < 100; i++) rates.valid(ANN, NOW_MS);
  for (let i = 0; i < 270; i++) assertEquals(rates.valid(sender(i), NOW_MS), { kind: "ok" });
  assertEquals(rates.valid(sender(270), NOW_MS), { kind: "limited", retryAfterS: 60 });
  assertEquals(rates.valid(sender(270), NOW_MS + 60_000), { kind: "ok" });
});

Deno.test("createDoorRates() keeps invalid requests from using up what valid ones have", () => {
  const rates = createDoorRates();
  const refused = (client: string) => rates.invalid("/webhooks/sms", client, NOW_MS).kind;
  for (let i = 0; i < 300; i++) assertEquals(refused("192.0.2.1"), "ok");
  assertEquals(refused("192.0.2.1"), "limited");
  assertEquals(refused("192.0.2.2"), "ok");
  assertEquals(rates.invalid("/other", "192.0.2.1", NOW_MS).kind, "ok");
  assertEquals(rates.valid(ANN, NOW_MS).kind, "ok");
  assertEquals(rates.report(NOW_MS).kind, "ok");
});

Deno.test("createDoorRates() gives delivery reports a budget of their own", () => {
  const rates = createDoorRates();
  for (let i = 0; i < 3_000; i++) assertEquals(rates.report(NOW_MS).kind, "ok");
  assertEquals(rates.report(NOW_MS).kind, "limited");
  assertEquals(rates.valid(ANN, NOW_MS).kind, "ok");
});
