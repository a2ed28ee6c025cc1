import { assertEquals } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { createHmac } from "node:crypto";
import { seededRandom } from "../../src/system/random.ts";
import { type HmacHash, prepareHmac } from "../../src/twilio/hmac.ts";

function code(hash: HmacHash, key: string, text: string): string {
  return encodeHex(prepareHmac(hash, key)(text));
}

Deno.test("prepareHmac() gives the codes of RFC 2202 and RFC 4231", () => {
  const text = "what do ya want for nothing?";
  assertEquals(code("sha1", "Jefe", text), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  assertEquals(
    code("sha256", "Jefe", text),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

Deno.test("prepareHmac() agrees with the platform's HMAC for keys and texts of all lengths", () => {
  const random = seededRandom(6);
  const characters = ["a", "0", " ", "\u0000", "é", "☕", "🎉"];
  const some = (length: number) =>
    Array.from({ length }, () => characters[random.below(characters.length)]).join("");
  for (const hash of ["sha1", "sha256"] as const) {
    for (let length = 0; length <= 130; length++) {
      const [key, text] = ["k".repeat(length) + some(length % 3), some(length)];
      const platform = createHmac(hash, key).update(text, "utf8").digest("hex");
      assertEquals(code(hash, key, text), platform, `${hash}, key of ${length}`);
    }
  }
});

Deno.test("prepareHmac() gives the same code for a text however many came before it", () => {
  const hmac = prepareHmac("sha1", "Jefe");
  const first = hmac("what do ya want for nothing?");
  hmac("something else");
  assertEquals(hmac("what do ya want for nothing?"), first);
});
