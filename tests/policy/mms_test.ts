import { assertEquals } from "@std/assert";
import { mmsFault, mmsReaches } from "../../src/policy/mms.ts";
import type { Phone } from "../../src/policy/phone.ts";

Deno.test("mmsFault() lets pictures be larger than what Twilio cannot make smaller", () => {
  assertEquals(mmsFault("image/png", 4_000_000), null);
  assertEquals(mmsFault("image/png", 6_000_000), "size");
  assertEquals(mmsFault("application/pdf", 500_000), null);
  assertEquals(mmsFault("application/pdf", 4_000_000), "size");
});

Deno.test("mmsFault() refuses what Twilio does not take by MMS", () => {
  for (const type of ["text/plain", "image/webp", "application/zip", "application/octet-stream"]) {
    assertEquals(mmsFault(type, 1), "type", type);
  }
});

Deno.test("mmsReaches() knows between which countries Twilio sends MMS", () => {
  const to = (phone: string) => phone as Phone;
  assertEquals(mmsReaches("+12025550123", to("+14165550123")), true);
  assertEquals(mmsReaches("+61491570156", to("+61491570157")), true);
  assertEquals(mmsReaches("+12025550123", to("+4915112345678")), false);
  assertEquals(mmsReaches("+4915112345678", to("+4915112345679")), false);
});
