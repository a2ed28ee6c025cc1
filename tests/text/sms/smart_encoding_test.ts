import { assertEquals } from "@std/assert";
import { isGsm7 } from "../../../src/text/sms/gsm7.ts";
import { smartEncode } from "../../../src/text/sms/smart_encoding.ts";
import vectors from "../../vectors/smart-encoding.json" with { type: "json" };

Deno.test("smartEncode() replaces what keeps a text out of GSM-7", () => {
  assertEquals(
    smartEncode("“It’s 3 – 4 km…”\u00a0• ½ Ａ５！", "auto"),
    '"It\'s 3 - 4 km..." - 1/2 A5!',
  );
  assertEquals(smartEncode("a → b, x ≤ 2 × y", "auto"), "a -> b, x <= 2 x y");
});

Deno.test("smartEncode() leaves a text that needs UCS-2 anyway as it is written", () => {
  assertEquals(smartEncode("“Привет” — да…", "auto"), "“Привет” — да…");
  assertEquals(smartEncode("“Привет” — да…", "always"), '"Привет" - да...');
});

Deno.test("smartEncode() replaces nothing when it is off", () => {
  assertEquals(smartEncode("“hi”", "off"), "“hi”");
});

Deno.test("smartEncode() composes accents before it judges", () => {
  assertEquals(smartEncode("cafe\u0301", "auto"), "café");
  assertEquals(smartEncode("c\u0327a", "auto"), "c\u0327a");
});

Deno.test("smartEncode() follows Twilio's list, but for wide spaces", () => {
  for (const { from, char, to } of vectors.cases) {
    const code = Number.parseInt(from, 16);
    // Control characters are gone before; wide spaces would become two or seven.
    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || /^ +$/.test(to)) continue;
    assertEquals(smartEncode(char, "always"), to, from);
  }
  assertEquals(smartEncode("a\u00a0b\u3000c", "auto"), "a b c");
  assertEquals(smartEncode("a\tb", "auto"), "a  b");
});

Deno.test("smartEncode() makes nothing that is itself outside GSM-7", () => {
  for (const { char } of vectors.cases) {
    const encoded = smartEncode(char, "always");
    if (encoded !== char) assertEquals(isGsm7(encoded), true, char);
  }
});

Deno.test("smartEncode() leaves the middle dot alone where it costs nothing", () => {
  assertEquals(smartEncode("Il col·legi", "auto"), "Il col·legi");
  const long = `Il col·legi ${"i molt més ".repeat(8)}`;
  assertEquals(smartEncode(long, "auto"), long.replace("·", "-"));
});

Deno.test("smartEncode() keeps a number and the fraction behind it apart", () => {
  assertEquals(smartEncode("1½ cups, ¼ l, 10¾ in", "auto"), "1 1/2 cups, 1/4 l, 10 3/4 in");
  assertEquals(smartEncode("1½ cups 👍", "auto"), "1½ cups 👍");
});

Deno.test("smartEncode() makes no difference of a product", () => {
  assertEquals(smartEncode("3•4, 2•(x), a ⋅ b, • item", "auto"), "3*4, 2*(x), a * b, - item");
  const long = `3·4 = 12, open · 5 km, ${"and so on ".repeat(8)}`;
  assertEquals(smartEncode(long, "auto"), long.replace("3·4", "3*4").replace("·", "-"));
});
