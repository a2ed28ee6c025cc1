import { chunkText } from "../../src/text/sms/chunk.ts";
import { toPlainText } from "../../src/text/markdown/plain.ts";
import { renderReply } from "../../src/text/sms/render.ts";
import { countSegments } from "../../src/text/sms/segments.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { forTexts, proseText, replyText, shrink, unspacedText, wildText } from "./generate.ts";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const squash = (text: string) => text.replace(/\s+/gu, "");

/** Lengths, without white space, at which the graphemes of `text` end. */
function graphemeEnds(text: string): Set<number> {
  const ends = new Set([0]);
  let length = 0;
  for (const { segment } of segmenter.segment(text)) {
    length += squash(segment).length;
    ends.add(length);
  }
  return ends;
}

function chunkProblem(text: string, limit: number): string | null {
  const chunks = chunkText(text, { limit });
  const parts = chunks.map(({ body, mark }) => body.slice(mark.length));
  if (chunks.some(({ body }) => body.length > limit)) return `a body is over ${limit}`;
  if (parts.some((part) => part.trim() === "")) return "a body is blank";
  if (squash(parts.join("")) !== squash(text)) return "the bodies do not rejoin to the text";
  const ends = graphemeEnds(text);
  let length = 0;
  for (const part of parts) {
    length += squash(part).length;
    if (!ends.has(length)) return `a grapheme is cut at ${length}`;
  }
  return null;
}

Deno.test("toPlainText() takes anything and leaves clean text", () => {
  forTexts(3_000, wildText, (text) => {
    const plain = toPlainText(text);
    if (plain !== plain.trim()) return "white space around it";
    if (/\n{4}/.test(plain)) return "more than two empty lines";
    if (!plain.isWellFormed()) return "a lone surrogate";
    // deno-lint-ignore no-control-regex
    return /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/.test(plain)
      ? "a control"
      : null;
  });
});

Deno.test("toPlainText() keeps every word of a reply, in order", () => {
  forTexts(1_000, replyText, (text) => {
    const words = (of: string) => of.match(/\bw\d+/g)?.join(" ");
    const plain = toPlainText(text);
    return words(plain) === words(text) ? null : `became ${JSON.stringify(plain)}`;
  });
});

Deno.test("toPlainText() leaves text without Markdown as it is", () => {
  forTexts(1_000, proseText, (text) => {
    const plain = toPlainText(text);
    if (squash(plain) !== squash(text)) return `became ${JSON.stringify(plain)}`;
    return toPlainText(plain) === plain ? null : "the second time differs";
  });
});

Deno.test("chunkText() keeps prose whole at every limit", () => {
  for (const limit of [70, 97, 160, 1_500]) {
    forTexts(150, proseText, (text) => chunkProblem(text, limit));
  }
});

Deno.test("chunkText() cuts text without spaces between graphemes", () => {
  for (const limit of [70, 160]) {
    forTexts(150, unspacedText, (text) => chunkProblem(text, limit));
  }
});

Deno.test("renderReply() never makes a body over the limit, and counts what it sends", () => {
  forTexts(300, (random) => [...replyText(random), ...wildText(random)], (text) => {
    for (const { body, encoding, segments } of renderReply(text, { textChunkLimit: 90 }).chunks) {
      if (body.length > 90) return `a body has ${body.length}`;
      const count = countSegments(body);
      if (count.encoding !== encoding || count.segments !== segments) return "wrongly counted";
    }
    return null;
  });
});

Deno.test("forTexts() names the seed and the fewest pieces that fail", () => {
  const error = assertThrows(() =>
    forTexts(50, wildText, (text) => text.includes("**") ? "bold" : null)
  );
  assertEquals(/^Error: seed \d+: bold: "\*\*+"$/.test(String(error)), true);
  assertEquals(shrink(["a", "b", "c"], (text) => text.includes("b")), ["b"]);
});
