import { assertEquals } from "@std/assert";
import { cleanText } from "../../src/text/clean.ts";

Deno.test("cleanText() removes controls, lone surrogates and bidirectional overrides", () => {
  assertEquals(cleanText("a\u0000b\u001b[1mc\u007fd\u009be"), "ab[1mcde");
  assertEquals(cleanText("a\ud800b\udc00c\ufeffd"), "abcd");
  assertEquals(cleanText("pay \u202etxt.exe\u202c \u2066x\u2069"), "pay txt.exe x");
});

Deno.test("cleanText() makes one line break of every kind of line break", () => {
  assertEquals(cleanText("a\r\nb\rc\u2028d\u0085e\nf"), "a\nb\nc\nd\ne\nf");
});

Deno.test("cleanText() keeps tabs, right-to-left marks, joined emoji and accents", () => {
  const text = "\tשלום\u200f (a)\u200e 👨‍👩‍👧‍👦 🏴󠁧󠁢󠁳󠁣󠁴󠁿 e\u0301 你好";
  assertEquals(cleanText(text), text);
});
