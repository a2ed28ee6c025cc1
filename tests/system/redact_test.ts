import { assert, assertEquals } from "@std/assert";
import { maskNumber, printable, redactText, shortSid, shownUrl } from "../../src/system/redact.ts";

Deno.test("maskNumber() shows the first digit and the last four", () => {
  assertEquals(maskNumber("+12025550123"), "+1•••••0123");
  assertEquals(maskNumber("+447700900123"), "+4•••••0123");
});

Deno.test("maskNumber() keeps the channel", () => {
  assertEquals(maskNumber("whatsapp:+34600123456"), "whatsapp:+3•••••3456");
  assertEquals(maskNumber("rcs:agent"), "rcs:•••nt");
});

Deno.test("maskNumber() shows two characters of anything short or odd", () => {
  assertEquals(maskNumber("32665"), "•••65");
  assertEquals(maskNumber("+1234567"), "•••67");
  assertEquals(maskNumber("12025550123"), "•••23");
  assertEquals(maskNumber(""), "•••");
});

Deno.test("maskNumber() lets no control character out", () => {
  assertEquals(maskNumber("+1202555\n0\x1b1"), "••• 1");
});

Deno.test("shortSid() shows the last six characters", () => {
  assertEquals(shortSid("SM65cf04f5fef04092f8adbb92c70e01fe"), "…0e01fe");
  assertEquals(shortSid("SM\n1"), "…SM 1");
});

Deno.test("printable() puts one space for control characters, line breaks and bidi overrides", () => {
  assertEquals(printable("a\r\n\x1b[31mb\u2028c\u202ed\u2066e\u009bf"), "a [31mb c d e f");
  assertEquals(printable("na\u00efve \u{1f600} \u4f60"), "na\u00efve \u{1f600} \u4f60");
});

Deno.test("printable() cuts what is longer than asked for", () => {
  assertEquals(printable("abcdef", 6), "abcdef");
  assertEquals(printable("abcdefg", 6), "abcde…");
  assertEquals(printable("x".repeat(1_000)).length, 300);
});

Deno.test("redactText() masks numbers however they are written", () => {
  assertEquals(redactText("to +12025550123 failed"), "to +1•••••0123 failed");
  assertEquals(redactText("call +1 (202) 555-0123."), "call +1•••••0123.");
  assertEquals(redactText("from 12025550123"), "from +1•••••0123");
  assertEquals(redactText("error 21610, HTTP 400"), "error 21610, HTTP 400");
});

Deno.test("redactText() hides the secrets it is given, wherever they are", () => {
  assertEquals(redactText("key=hunter2&x hunter2", ["hunter2", ""]), "key=•••&x •••");
});

Deno.test("redactText() hides long words that could be a secret", () => {
  const token = "1a0eeb9e53ddb964e3624bf68f22a7a5";
  assertEquals(redactText(`token ${token}!`), "token •••!");
  assertEquals(redactText("Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"), "Bearer •••");
  assertEquals(
    redactText("donaudampfschifffahrtsgesellschaft"),
    "donaudampfschifffahrtsgesellschaft",
  );
  assertEquals(redactText("TWILIO_MESSAGING_SERVICE_SID"), "TWILIO_MESSAGING_SERVICE_SID");
});

Deno.test("redactText() leaves no control characters, and is quick on hostile text", () => {
  assertEquals(redactText("a\nb"), "a b");
  const startMs = performance.now();
  for (const text of ["1 ", "1-(", "a-", "+1", "1a"]) redactText(text.repeat(50_000), ["zz"]);
  assert(performance.now() - startMs < 2_000);
});

Deno.test("shownUrl() shows a URL as it stands, without what could be a key or a number", () => {
  for (
    const url of [
      "",
      "https://sms.example.com/webhooks/sms",
      "https://203.0.113.10:8443/webhooks/sms?a=b#c",
      "https://machine-4f5e6d7c8b9a0f1e.tail1234.ts.net/webhooks/sms",
      "http://[2001:db8::1]:80/x",
    ]
  ) assertEquals(shownUrl(url), url);
  assertEquals(
    shownUrl("https://a.example/+15557654321?key=0123456789abcdef0123456789\x1b[31m"),
    "https://a.example/+1•••••4321?key=••• [31m",
  );
  assertEquals(shownUrl("javascript:+15557654321\u202e"), "javascript:+1•••••4321 ");
  assertEquals(shownUrl("https://+15557654321@a.example/"), "https://+1•••••4321@a.example/");
});
