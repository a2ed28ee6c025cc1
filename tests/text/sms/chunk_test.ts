import { assert, assertEquals, assertThrows } from "@std/assert";
import { BREAK, breakAt } from "../../../src/text/breaks.ts";
import { chunkText } from "../../../src/text/sms/chunk.ts";
import { chunkTextWithin, TRUNCATION_NOTICE } from "../../../src/text/sms/truncate.ts";

const bodies = (text: string, limit: number) => chunkText(text, { limit }).map(({ body }) => body);
const sentence = "This sentence has exactly fifty characters, I think.";

Deno.test("breakAt() tells paragraphs, lines, sentences and words apart", () => {
  const text = 'One two. "Three?" Mt. Tam 3.\nNext\n\nLast';
  const kinds = (word: string) => breakAt(text, text.indexOf(word), false);
  assertEquals(kinds("two"), BREAK.word);
  assertEquals(kinds('"Three'), BREAK.sentence);
  assertEquals(kinds("Mt."), BREAK.sentence);
  assertEquals(kinds("Tam"), BREAK.word);
  assertEquals(kinds("Next"), BREAK.line);
  assertEquals(kinds("Last"), BREAK.paragraph);
  assertEquals(kinds("hree"), BREAK.none);
});

Deno.test("breakAt() finds sentences in Chinese, which has no spaces", () => {
  assertEquals(breakAt("好的。请看", 3, false), BREAK.sentence);
  assertEquals(breakAt("好的，请看", 3, false), BREAK.word);
  assertEquals(breakAt("好的请看", 2, false), BREAK.none);
});

Deno.test("chunkText() leaves a text that fits alone", () => {
  assertEquals(chunkText("Hi there.", { limit: 70 }), [{ body: "Hi there.", mark: "" }]);
  assertEquals(chunkText(" \n ", { limit: 70 }), []);
});

Deno.test("chunkText() numbers the bodies from two on, within the limit", () => {
  const text = "word ".repeat(40).trim();
  const found = bodies(text, 70);
  assertEquals(found.map((body) => body.slice(0, 6)), ["(1/4) ", "(2/4) ", "(3/4) ", "(4/4) "]);
  assert(found.every((body) => body.length <= 70));
  const unmarked = chunkText(text, { limit: 70, partMarks: "off" });
  assertEquals(unmarked.map(({ body }) => body.length), [64, 64, 69]);
});

Deno.test("chunkText() cuts at a paragraph rather than nearer the middle", () => {
  const first = `${sentence} ${sentence}`;
  const second = `${sentence}\n${sentence}`;
  assertEquals(bodies(`${first}\n\n${second}`, 160), [`(1/2) ${first}`, `(2/2) ${second}`]);
});

Deno.test("chunkText() cuts at a line, else at a sentence, else at a word", () => {
  const word = "x".repeat(30);
  assertEquals(bodies(`${word} ${word}\n${word} ${word}`, 100), [
    `(1/2) ${word} ${word}`,
    `(2/2) ${word} ${word}`,
  ]);
  assertEquals(bodies(`${word} ${word}. ${word} ${word}`, 100)[0], `(1/2) ${word} ${word}.`);
  assertEquals(bodies(`${word} ${word} ${word} ${word}`, 100)[0], `(1/2) ${word} ${word}`);
});

Deno.test("chunkText() balances: no last body is a single word", () => {
  const found = bodies("pebble ".repeat(46).trim(), 160);
  assertEquals(found.map((body) => body.length), [110, 110, 117]);
});

Deno.test("chunkText() does not count the white space behind a full body", () => {
  const words = ["ab", "cde f", "ghijk", "12345"];
  assertEquals(bodies(words.join(" "), 5), words);
});

Deno.test("chunkText() does not cut a URL that fits in a body", () => {
  const url = `https://example.com/${"a-b_".repeat(30)}`;
  const found = bodies(`${"word ".repeat(20)}${url} ${"word ".repeat(20)}`, 160);
  assert(found.some((body) => body.includes(url)));
});

Deno.test("chunkText() leaves the marks off where they would force a cut through a URL", () => {
  const url = `https://example.com/${"x".repeat(138)}`;
  const found = bodies(`See ${url} ${"word ".repeat(20)}`, 160);
  assertEquals(found[1], url);
});

Deno.test("chunkText() does not cut what it shall keep together, if that fits", () => {
  const before = "word ".repeat(22);
  const code = "line one of it\nline two of it\nline three of it\nline four of it";
  const text = `${before}\n\n${code}\n\n${before}`;
  const start = text.indexOf(code);
  const found = chunkText(text, {
    limit: 160,
    keepTogether: [{ start, end: start + code.length }],
  });
  assert(found.some(({ body }) => body.includes(code)));
  assert(!bodies(text, 160).some((body) => body.includes(code)));
});

Deno.test("chunkText() keeps the indentation of code that it has to cut", () => {
  const code = Array.from({ length: 10 }, (_, i) => `    step_${i}(with_some_argument)`).join("\n");
  const found = chunkText(code, { limit: 100, keepTogether: [{ start: 0, end: code.length }] });
  for (const { body, mark } of found) assert(body.slice(mark.length).startsWith("    step_"));
});

Deno.test("chunkText() gets through indented code of one endless word", () => {
  const code = `    ${"x".repeat(400)}\n    ${"y".repeat(400)}`;
  const found = chunkText(code, { limit: 100, keepTogether: [{ start: 0, end: code.length }] });
  const text = found.map(({ body, mark }) => body.slice(mark.length).trim()).join("");
  assertEquals(text, "x".repeat(400) + "y".repeat(400));
  assert(found.every(({ body }) => body.length <= 100));
});

Deno.test("chunkText() refuses a limit that is no positive integer", () => {
  for (const limit of [0, -1, 1.5, NaN]) {
    assertThrows(() => chunkText("x", { limit }), RangeError, "limit must be a positive integer");
  }
});

Deno.test("chunkTextWithin() ends a text that is too long at a sentence, and says so", () => {
  const { chunks, truncated } = chunkTextWithin(`${sentence} `.repeat(40), 3, { limit: 160 });
  assertEquals(truncated, true);
  assertEquals(chunks.length, 3);
  assert(chunks.at(-1)!.body.endsWith(`I think.\n\n${TRUNCATION_NOTICE}`));
});

Deno.test("chunkTextWithin() leaves a text that fits as it is", () => {
  const text = `${sentence} ${sentence}`;
  assertEquals(chunkTextWithin(text, 2, { limit: 100 }).truncated, false);
  assertEquals(chunkTextWithin(text, 1, { limit: 100 }).truncated, true);
});

Deno.test("chunkTextWithin() truncates text without any break", () => {
  const { chunks } = chunkTextWithin("😀".repeat(5_000), 2, { limit: 151 });
  assertEquals(chunks.length, 2);
  assert(chunks.every(({ body }) => body.length <= 151 && body.isWellFormed()));
});

const LONG_URL = `https://example.com/${"a1b2c3d4/".repeat(20)}`;

Deno.test("chunkText() never cuts a URL that fits the URL limit, whatever the limit", () => {
  const options = { limit: 160, urlLimit: 1_600 };
  for (const url of [LONG_URL, LONG_URL.replace("https://", "www.")]) {
    assertEquals(chunkText(url, options).map(({ body }) => body), [url]);
  }
  const words = "Some words that go on for a while. ".repeat(8);
  for (
    const text of [`${words}${LONG_URL}`, `${LONG_URL} ${words}`, `${words}(${LONG_URL}) ${words}`]
  ) {
    const bodies = chunkText(text, options).map(({ body }) => body);
    assertEquals(bodies.filter((body) => body.includes(LONG_URL)).length, 1);
    assert(bodies.every((body) => body.length <= 160 || body.includes(LONG_URL)));
  }
  const most = `https://e.org/${"x".repeat(1_586)}`;
  assertEquals(chunkText(`see ${most} and more`, options).map(({ body }) => body), [
    "see",
    most,
    "and more",
  ]);
});

Deno.test("chunkText() cuts in front of a URL that stands in a text without spaces", () => {
  const url = "https://example.com/seite/eins";
  const bodies = chunkText(`${"語".repeat(60)}${url}${"語".repeat(60)}`, {
    limit: 70,
    partMarks: "off",
  });
  assert(bodies.some(({ body }) => body.includes(url)));
});

Deno.test("chunkText() keeps a URL of Twilio's 1,600 whole in brackets, and at a sentence's end", () => {
  const url = `https://example.com/${"a".repeat(1_580)}`;
  for (const text of [`(${url})`, `${url}.`, `"${url}",`, `See (${url}).`]) {
    for (const limit of [160, 1_500]) {
      const bodies = chunkText(text, { limit, urlLimit: 1_600 }).map(({ body }) => body);
      assertEquals(bodies.filter((body) => body === url).length, 1, text.slice(0, 8));
    }
  }
});
