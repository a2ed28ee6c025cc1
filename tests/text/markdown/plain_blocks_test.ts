import { assertEquals } from "@std/assert";
import { renderPlain, toPlainText } from "../../../src/text/markdown/plain.ts";

/** Checks what Markdown becomes, pair by pair. */
function check(pairs: readonly (readonly [markdown: string, plain: string])[]): void {
  for (const [markdown, plain] of pairs) assertEquals(toPlainText(markdown), plain, markdown);
}

Deno.test("toPlainText() shows headings as lines of their own", () => {
  check([
    ["# One\ntext\n## Two ##\n", "One\n\ntext\n\nTwo"],
    ["Title\n=====\ntext\n\nSub\n---\n", "Title\n\ntext\n\nSub"],
    ["#hashtag and #5", "#hashtag and #5"],
    ["####### seven", "####### seven"],
    ["# C# #", "C#"],
    ["#\n\ntext", "text"],
  ]);
});

Deno.test("toPlainText() drops rules", () => {
  check([["a\n\n---\n\nb\n\n* * *\nc", "a\n\nb\n\nc"]]);
});

Deno.test("toPlainText() keeps the lines of a paragraph and shrinks white space", () => {
  check([
    ["one\ntwo  \nthree\\\nfour", "one\ntwo\nthree\nfour"],
    ["  indented\n   more", "indented\nmore"],
    ["a\n\n\n\n\nb", "a\n\nb"],
    ["wide    gaps\tand tabs", "wide gaps and tabs"],
  ]);
});

Deno.test("toPlainText() shows bullets of all kinds as hyphens, nested by two spaces", () => {
  check([
    ["* a\n* b", "- a\n- b"],
    ["- a\n+ b\n* c", "- a\n- b\n- c"],
    ["+ salt\n+ 2 eggs", "- salt\n- 2 eggs"],
    ["Today:\n+ 5% Apple\n+ $3 Ford\n- 2% Tesla", "Today:\n+ 5% Apple\n+ $3 Ford\n\n- 2% Tesla"],
    ["- a\n    - b\n        - c\n- d", "- a\n  - b\n    - c\n- d"],
    ["- a\n\n- b", "- a\n- b"],
    ["- - a\n  - b", "- a\n  - b"],
    ["- a\nlazy", "- a\n  lazy"],
    ["-\n\n- b", "- b"],
  ]);
});

Deno.test("toPlainText() keeps the numbers of ordered lists", () => {
  check([
    ["1. a\n2. b", "1. a\n2. b"],
    ["1. a\n1. b\n1. c", "1. a\n2. b\n3. c"],
    ["3) a\n7) b", "3) a\n7) b"],
    ["0. a\n0. b", "0. a\n1. b"],
    ["In the year\n2026. Not a list", "In the year\n2026. Not a list"],
    ["42.", "42."],
    ["1. - a\n   - b", "1. - a\n  - b"],
  ]);
});

Deno.test("toPlainText() keeps what belongs to an item with it", () => {
  check([
    ["1. a\n\n   more\n2. b", "1. a\n\n  more\n\n2. b"],
    ["- run:\n  ```\n  x = 1\n    y\n  ```\n- done", "- run:\n  x = 1\n    y\n- done"],
    ["- [ ] pay\n- [x] book", "- [ ] pay\n- [x] book"],
  ]);
});

Deno.test("toPlainText() keeps code as it is, without its fence", () => {
  check([
    ["```python\nif a:\n    b  = c\n```", "if a:\n    b  = c"],
    ["~~~\n```\ninner\n```\n~~~", "```\ninner\n```"],
    ["````\n```\n````", "```"],
    ["```\nnever closed *a*", "never closed *a*"],
    ["text\n\n    code *b*\n\n    more\n\ntext", "text\n\ncode *b*\n\nmore\n\ntext"],
    ["```\na\n\n\nb\n```", "a\n\n\nb"],
    ["```\na\n\n \n\n\nb\n```", "a\n\n \n\n\nb"],
    ["```\n<b> &amp; [x](y)\n```", "<b> &amp; [x](y)"],
    ["> ```\n> a\nb", "a\n\nb"],
  ]);
});

Deno.test("renderPlain() tells where code stands", () => {
  const { text, keepTogether } = renderPlain("Try:\n\n```\n  a b\nc\n```\n\nor\n\n    d\n");
  assertEquals(keepTogether.map(({ start, end }) => text.slice(start, end)), ["  a b\nc", "d"]);
});

Deno.test("toPlainText() shows quotes as text, and alerts with their name", () => {
  check([
    ["> a\n> b\nlazy\n\nc", "a\nb\nlazy\n\nc"],
    ["> a\n>> b", "a\n\nb"],
    ["> [!WARNING]\n> Disk full.", "WARNING: Disk full."],
    ["> - a\n>   - b", "- a\n  - b"],
  ]);
});

Deno.test("toPlainText() shows two columns as `name: value`", () => {
  check([
    [
      "| Step | Command |\n|---|---|\n| **one** | `a_b` |\n| two | |",
      "Step: Command\none: a_b\ntwo",
    ],
    ["a | b\n:-: | --:\nx \\| y | `\\|`", "a: b\nx | y: |"],
    ["| Total: | 5 |\n|-|-|", "Total: 5"],
    ["| only |\n|---|\n| x |", "only\nx"],
    ["| |  |\n|-|-|\n| a | b | c |", "a: b, c"],
  ]);
});

Deno.test("toPlainText() shows more columns as a block a row", () => {
  check([
    [
      "| Day | High | Low |\n|---|---|---|\n| Mon | 21 | 12 |\n| Tue | | 9 |",
      "Day: Mon\nHigh: 21\nLow: 12\n\nDay: Tue\nLow: 9",
    ],
    ["| a | b | c |\n|---|---|---|", "a, b, c"],
  ]);
});

Deno.test("toPlainText() leaves what only looks like a table", () => {
  check([
    ["a | b\nc | d", "a | b\nc | d"],
    ["| a | b |\n|---|", "| a | b |\n|---|"],
    ["text\n| a | b |\n|---|---|\n| c | d |", "text\n\na: b\nc: d"],
  ]);
});

Deno.test("toPlainText() shows footnotes by their label", () => {
  check([
    [
      "See[^1].\n\n[^1]: A *note*.\n[^2]: Other\n    more",
      "See[1].\n\n[1] A note.\n[2] Other\nmore",
    ],
    ["No[^x].", "No[^x]."],
    ["Wow![^a]\n\n[^a]: Yes", "Wow![a]\n\n[a] Yes"],
  ]);
});

Deno.test("toPlainText() shows HTML blocks as text", () => {
  check([
    ["<div>\n**a**\n</div>", "a"],
    ["<details>\n<summary>More</summary>\n\nText\n\n</details>", "More\n\nText"],
    ["<!-- hidden\n\nstill -->\nshown", "shown"],
    ["<pre>\na  b\n  c &lt;\n</pre>\nd", "a  b\n  c <\n\nd"],
    ["<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>", "- a\n- b"],
    ["<!-- never closed\n\ntext", "<!-- never closed\ntext"],
    ["<your-name>\n\ntext", "<your-name>\n\ntext"],
  ]);
});

Deno.test("toPlainText() drops a model's thoughts, but not what is left open", () => {
  check([
    ["<think>secret\n\nplan</think>\n\nThe **answer**.", "The answer."],
    ["<thinking>x</thinking> Hi", "Hi"],
    ["```\n<think>code</think>\n```", "<think>code</think>"],
    ["<think>never closed", "never closed"],
  ]);
});

Deno.test("toPlainText() drops definitions that are used, and keeps others that lead somewhere", () => {
  check([
    ["[a]\n\n[a]: https://e.com 'T'", "a (https://e.com)"],
    [
      "Text.\n\n[1]: https://a.com\n[b]: https://b.com",
      "Text.\n\n[1] https://a.com\nb: https://b.com",
    ],
    ["[//]: # (a comment)\ntext", "text"],
    ["Text.\n\n[File]: report.pdf", "Text.\n\nFile: report.pdf"],
  ]);
});

Deno.test("toPlainText() loses nothing of what somebody says behind a name in brackets", () => {
  const talk = "[Ann]: Hello\n[Bob]: Hi...\n[Ann]: How are you?\n[10:05]: done.";
  assertEquals(toPlainText(talk), talk);
  const sheet = "[Date]: 5/12\n[Price]: $5.50\n[Mail]: ann@e.com\n[Name]: <your name>";
  assertEquals(toPlainText(sheet), sheet);
  check([
    ["[Source]: [Docs](https://e.com)", "[Source]: Docs (https://e.com)"],
    ["[Ann]: **yes/no**", "[Ann]: yes/no"],
  ]);
});

Deno.test("toPlainText() goes through any depth", () => {
  assertEquals(toPlainText(`${"> ".repeat(5_000)}deep`), "deep");
  assertEquals(toPlainText(`${"[".repeat(5_000)}x`).length, 5_001);
  assertEquals(toPlainText(`${"- ".repeat(30)}deep`), "- deep");
});
