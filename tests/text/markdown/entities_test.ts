import { assertEquals } from "@std/assert";
import { decodeEntities, entityAt, unescapeTarget } from "../../../src/text/markdown/entities.ts";
import { namedEntity } from "../../../src/text/markdown/entity_names.ts";

Deno.test("namedEntity() knows every name of HTML, by its case", () => {
  assertEquals(namedEntity("amp"), "&");
  assertEquals(namedEntity("Dcaron"), "Ď");
  assertEquals(namedEntity("ngE"), "≧̸");
  assertEquals(namedEntity("CounterClockwiseContourIntegral"), "∳");
  assertEquals(namedEntity("AMP"), "&");
  assertEquals(namedEntity("Amp"), undefined);
  assertEquals(namedEntity("constructor"), undefined);
});

Deno.test("entityAt() reads names and numbers, and tells where they end", () => {
  assertEquals(entityAt("x&copy;", 1), { text: "©", end: 7 });
  assertEquals(entityAt("&#8364;", 0), { text: "€", end: 7 });
  assertEquals(entityAt("&#X1f600;", 0), { text: "😀", end: 9 });
  for (const text of ["&copy", "& copy;", "&#;", "&#x;", "&#12345678;", "&nope;"]) {
    assertEquals(entityAt(text, 0), null);
  }
});

Deno.test("entityAt() lets in nothing that may not travel", () => {
  assertEquals(entityAt("&#0;", 0)?.text, "\ufffd");
  assertEquals(entityAt("&#x110000;", 0)?.text, "\ufffd");
  assertEquals(entityAt("&#x202e;", 0)?.text, "");
  assertEquals(entityAt("&#xd800;", 0)?.text, "");
  assertEquals(entityAt("&#27;", 0)?.text, "");
});

Deno.test("unescapeTarget() undoes escapes, and decodes what is not escaped", () => {
  assertEquals(decodeEntities("a &lt; b &x;"), "a < b &x;");
  assertEquals(unescapeTarget("\\*a\\* \\&lt; &amp; \\q"), "*a* &lt; & \\q");
});

Deno.test("unescapeTarget() percent-encodes what a reference brings into a URL", () => {
  assertEquals(unescapeTarget("foo%20b&auml;"), "foo%20b%C3%A4");
  assertEquals(
    unescapeTarget("https://e.org/a&#32;b&quot;c&#x1f600;"),
    "https://e.org/a%20b%22c%F0%9F%98%80",
  );
  assertEquals(
    unescapeTarget("https://e.org/ü?a=1&amp;b=2&nosuch;"),
    "https://e.org/ü?a=1&b=2&nosuch;",
  );
});

Deno.test("unescapeTarget() leaves no space in a URL, where a phone would end the link", () => {
  assertEquals(unescapeTarget("https://example.com/a b c"), "https://example.com/a%20b%20c");
  assertEquals(unescapeTarget("tel:+1 202 555 0123"), "tel:+1 202 555 0123");
});
