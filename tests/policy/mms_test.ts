import { assertEquals } from "@std/assert";
import { mmsBytesMax, mmsReaches, mmsType } from "../../src/policy/mms.ts";
import type { Phone } from "../../src/policy/phone.ts";

Deno.test("mmsBytesMax() lets pictures be larger than what Twilio cannot make smaller", () => {
  assertEquals(mmsBytesMax("image/png"), 4_990_000);
  for (
    const type of [
      "application/pdf",
      "audio/mpeg",
      "image/heic",
      "image/heif",
      "text/csv",
      "text/rtf",
      "video/mpeg",
      mmsType("audio/wav"),
    ]
  ) assertEquals(mmsBytesMax(type), 600_000, type);
});

Deno.test("mmsBytesMax() refuses what Twilio does not take by MMS", () => {
  for (const type of ["text/plain", "image/webp", "application/zip", "application/octet-stream"]) {
    assertEquals(mmsBytesMax(type), null, type);
  }
});

Deno.test("mmsReaches() knows between which countries Twilio sends MMS", () => {
  const to = (phone: string) => phone as Phone;
  assertEquals(mmsReaches("+12025550123", to("+14165550123")), true);
  assertEquals(mmsReaches("+61491570156", to("+61491570157")), true);
  assertEquals(mmsReaches("+12025550123", to("+4915112345678")), false);
  assertEquals(mmsReaches("+4915112345678", to("+4915112345679")), false);
});
