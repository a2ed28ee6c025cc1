import { assert } from "@std/assert";
import { chunkText } from "../../src/text/sms/chunk.ts";
import { toPlainText } from "../../src/text/markdown/plain.ts";
import { countSegments } from "../../src/text/sms/segments.ts";
import { isLinear } from "./linear_time.ts";

const TRAPS: readonly [name: string, piece: string][] = [
  ["opening brackets", "["],
  ["brackets within brackets", "[[a]](b)"],
  ["links without end", "[a](b"],
  ["images without end", "![a]("],
  ["links within images", "![i[l](u)"],
  ["reference links", "[x][y]"],
  ["definitions", "[a]: 'b\n"],
  ["stars", "*"],
  ["emphasis that cannot close", "**a *b_ "],
  ["emphasis of all kinds", "_*~~a"],
  ["backticks of rising number", "`a``b```c````d"],
  ["quotes", "> "],
  ["lists in one line", "- "],
  ["tags without end", "<a b='"],
  ["comments without end", "<!-- -- "],
  ["declarations without end", "<!A "],
  ["entities", "&amp"],
  ["cells", "|a|b|\n|-|-|\n"],
  ["bare URLs", "http://a "],
  ["bare URLs in brackets", "[http://a( "],
  ["dollars", "$a"],
  ["formulas", "\\(a"],
  ["spaces", " "],
  ["headings underlined", "[a]: b\n===\n"],
  ["footnotes", "[^1]: a\n"],
  ["graphemes", "👨‍👩‍👧‍👦"],
  ["accents", "\u0301"],
];

for (const [name, piece] of TRAPS) {
  const make = (length: number) => piece.repeat(Math.ceil(length / piece.length));
  Deno.test(`toPlainText() takes linear time for ${name}`, () => {
    assert(isLinear(make, toPlainText));
  });
  Deno.test(`chunkText() and countSegments() take linear time for ${name}`, () => {
    assert(isLinear(make, (text) => [chunkText(text, { limit: 160 }), countSegments(text)]));
  });
}

Deno.test("toPlainText() takes linear time for lists nested ever deeper", () => {
  const make = (length: number) => {
    let text = "";
    for (let depth = 0; text.length < length; depth++) text += `${"  ".repeat(depth)}- a\n`;
    return text;
  };
  assert(isLinear(make, toPlainText));
});

Deno.test("toPlainText() takes linear time for empty lines in deep lists", () => {
  assert(isLinear((length) => `${"- ".repeat(200)}a${"\n".repeat(length)}`, toPlainText));
});

Deno.test("toPlainText() takes linear time for brackets all opened, then all closed", () => {
  const make = (length: number) => "[".repeat(length >> 1) + "](b)".repeat(length >> 3);
  assert(isLinear(make, toPlainText));
});

Deno.test("toPlainText() takes linear time for runs of backticks of which no two are equal", () => {
  const make = (length: number) => {
    let text = "";
    for (let ticks = 1; text.length < length; ticks++) text += `${"`".repeat(ticks)}a`;
    return text;
  };
  assert(isLinear(make, toPlainText));
});
