import { assertEquals } from "@std/assert";
import type { Phone } from "../../src/policy/phone.ts";
import {
  amountOf,
  costAt,
  destinationOf,
  learn,
  type Learnt,
  readPrice,
  unitPrice,
  usdOf,
} from "../../src/policy/price.ts";

const SMS = { segments: 3, mms: false };
const MMS = { segments: 1, mms: true };

Deno.test("amountOf() keeps five decimals, so that sums are exact", () => {
  const sum = Array.from({ length: 1_000 }, () => amountOf(0.0079)).reduce((a, b) => a + b);
  assertEquals(usdOf(sum), 7.9);
  assertEquals([amountOf(0.00001), amountOf(0.1 + 0.2)], [1, 30_000]);
});

Deno.test("readPrice() reads US dollars only", () => {
  assertEquals(readPrice("0.0079 USD"), 790);
  assertEquals(readPrice("0 USD"), 0);
  assertEquals([readPrice("0.0079 EUR"), readPrice("much USD"), readPrice("")], [null, null, null]);
});

Deno.test("destinationOf() tells islands from the rest of North America", () => {
  const of = (phone: string) => destinationOf(phone as Phone);
  assertEquals(of("+12025550101"), "+1");
  assertEquals(of("+18765550101"), "+1876");
  assertEquals([of("+4915112345678"), of("+35312345678")], ["+49", "+353"]);
});

Deno.test("unitPrice() is the table's until Twilio has billed, then the median of what it billed", () => {
  assertEquals([unitPrice("+1", "sms", []), unitPrice("+1", "mms", [])], [830, 2_200]);
  assertEquals(unitPrice("+999", "sms", []) > unitPrice("+49", "sms", []), true);
  let learnt: Learnt = [];
  for (const usd of [0.0237, 0.0237, 0.9]) learnt = learn(learnt, amountOf(usd), SMS);
  assertEquals(unitPrice("+1", "sms", learnt), 790, "one odd price does not count");
  for (let i = 0; i < 50; i++) learnt = learn(learnt, amountOf(0.03), SMS);
  assertEquals([learnt.length, unitPrice("+1", "sms", learnt)], [9, 1_000]);
});

Deno.test("learn() takes an MMS as one, and nothing from what was free", () => {
  assertEquals(learn([], 2_000, MMS), [2_000]);
  assertEquals(learn([790], 0, SMS), [790]);
  assertEquals(learn([790], 2_370, { segments: 0, mms: false }), [790]);
  assertEquals([costAt(790, SMS), costAt(2_000, { segments: 4, mms: true })], [2_370, 2_000]);
});
