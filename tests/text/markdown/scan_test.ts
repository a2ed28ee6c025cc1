import { assertEquals } from "@std/assert";
import { takeDefinitions } from "../../../src/text/markdown/definitions.ts";
import { tagEnd } from "../../../src/text/markdown/html.ts";
import { lookAhead, restOf, skipColumns, startOf } from "../../../src/text/markdown/lines.ts";
import { autolinkAt, inlineTarget, linkText } from "../../../src/text/markdown/links.ts";
import {
  destinationEnd,
  labelEnd,
  normalizeLabel,
  titleEnd,
} from "../../../src/text/markdown/scan.ts";
import { delimiterColumns, splitRow } from "../../../src/text/markdown/tables.ts";

Deno.test("labelEnd() reads a label without brackets in it, up to 999 characters", () => {
  assertEquals(labelEnd("[a b]x", 0), 5);
  assertEquals(labelEnd("[a\\]b]", 0), 6);
  assertEquals(labelEnd("[a[b]]", 0), -1);
  assertEquals(labelEnd(`[${"a".repeat(999)}]`, 0), 1_001);
  assertEquals(labelEnd(`[${"a".repeat(1_000)}]`, 0), -1);
});

Deno.test("normalizeLabel() folds case and white space", () => {
  assertEquals(normalizeLabel("  Foo\n BAR ẞ "), normalizeLabel("foo bar SS"));
});

Deno.test("destinationEnd() balances parentheses and stops at white space", () => {
  assertEquals(destinationEnd("a(b)c) d", 0), 5);
  assertEquals(destinationEnd("a(b c", 0), -1);
  assertEquals(destinationEnd("a\\)b) c", 0), 4);
  assertEquals(destinationEnd("<a b>c", 0), 5);
  assertEquals(destinationEnd("<a\nb>", 0), -1);
  assertEquals(destinationEnd(`${"(".repeat(33)}${")".repeat(33)}`, 0), -1);
});

Deno.test("titleEnd() reads the three kinds of titles", () => {
  for (const title of ['"a"', "'a\nb'", "(a\\)b)"]) assertEquals(titleEnd(title, 0), title.length);
  for (const title of ['"a', "(a(b)", "a"]) assertEquals(titleEnd(title, 0), -1);
});

Deno.test("inlineTarget() reads a destination and an optional title", () => {
  assertEquals(inlineTarget("(/a 'b')c", 0), { url: "/a", end: 8 });
  assertEquals(inlineTarget("( </a b> )", 0), { url: "/a b", end: 10 });
  assertEquals(inlineTarget("()", 0), { url: "", end: 2 });
  assertEquals(inlineTarget("(/a b)", 0), null);
  assertEquals(inlineTarget("(/a", 0), null);
});

Deno.test("autolinkAt() reads URLs and addresses in angle brackets", () => {
  assertEquals(autolinkAt("<https://e.com/a_b>", 0)?.url, "https://e.com/a_b");
  assertEquals(
    autolinkAt("<https://e.com/?a=1&amp;b=&uuml;>", 0)?.url,
    "https://e.com/?a=1&b=%C3%BC",
  );
  assertEquals(autolinkAt("<a.b+c@d.org>", 0)?.url, "a.b+c@d.org");
  for (const text of ["<b>", "<a b:c>", "<@d.org>", "<https://e.com"]) {
    assertEquals(autolinkAt(text, 0), null);
  }
});

Deno.test("linkText() says each thing once", () => {
  assertEquals(linkText("docs", "https://e.com"), "docs (https://e.com)");
  assertEquals(linkText("E.com/", "https://e.com"), "https://e.com");
  assertEquals(linkText("", "mailto:a@b.c"), "a@b.c");
  assertEquals(linkText("x", "data:image/png;base64,AAAA"), "x");
  assertEquals(linkText("$& $1", "https://e.com"), "$& $1 (https://e.com)");
});

Deno.test("takeDefinitions() takes those at the start of a paragraph; the first of a label counts", () => {
  const definitions = new Map();
  const rest = takeDefinitions("[A]: /a 'T'\n[a]: /b\n[c]: /c x\ntext", definitions);
  assertEquals(rest, "[c]: /c x\ntext");
  assertEquals([...definitions], [["A", { label: "A", url: "/a" }]]);
});

Deno.test("tagEnd() reads open and closing tags, and nothing else", () => {
  for (const tag of ["<a>", "</a >", "<a b>", "<a b=c d='>' e=\"f\n\" />", "<x-y:z=1/>"]) {
    assertEquals(tagEnd(tag, 0), tag === "<x-y:z=1/>" ? -1 : tag.length, tag);
  }
  for (const text of ["<a", "< a>", "<1>", "</a b>", "<a b='c>", "<a b=>", "<a / >", "<a'>"]) {
    assertEquals(tagEnd(text, 0), -1, text);
  }
});

Deno.test("splitRow() parts cells at pipes that are not escaped", () => {
  assertEquals(splitRow("| a | b \\| c |"), ["a", "b | c"]);
  assertEquals(splitRow("a|b|"), ["a", "b"]);
  assertEquals(splitRow("|a||"), ["a", ""]);
});

Deno.test("delimiterColumns() counts the columns of a delimiter row", () => {
  assertEquals(delimiterColumns("| :-- | --: | :-: |"), 3);
  assertEquals(delimiterColumns("---|---"), 2);
  for (const line of ["| a | - |", "| :: |", "|||", "- - -"]) {
    assertEquals(delimiterColumns(line), 0, line);
  }
});

Deno.test("skipColumns() can take a part of a tab", () => {
  const cursor = startOf("\t\tx");
  skipColumns(cursor, 2);
  assertEquals(lookAhead(cursor).indent, 6);
  assertEquals(restOf(cursor), "  \tx");
  skipColumns(cursor, 5);
  assertEquals(restOf(cursor), " x");
});
