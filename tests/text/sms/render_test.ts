import { assert, assertEquals, assertThrows } from "@std/assert";
import { costlyCharacters, previewReply } from "../../../src/text/sms/preview.ts";
import { renderReply } from "../../../src/text/sms/render.ts";

Deno.test("renderReply() makes one body of a short reply", () => {
  assertEquals(renderReply("**Sure!** See [docs](https://e.com)."), {
    chunks: [{ body: "Sure! See docs (https://e.com).", encoding: "GSM-7", segments: 1 }],
    truncated: false,
  });
});

Deno.test("renderReply() makes no body of a reply without text", () => {
  assertEquals(renderReply(" \n---\n<!-- x -->").chunks, []);
});

Deno.test("renderReply() chooses the encoding body by body", () => {
  const markdown = `${"It’s “fine” here. ".repeat(6)}\n\n${"Это “хорошо” тут. ".repeat(6)}`;
  const { chunks } = renderReply(markdown, { textChunkLimit: 120 });
  assertEquals(chunks.map(({ encoding }) => encoding), ["GSM-7", "UCS-2"]);
  assert(chunks[0]!.body.includes('It\'s "fine"'));
  assert(chunks[1]!.body.includes("“хорошо”"));
});

Deno.test("renderReply() leaves room for replacements that are longer", () => {
  const { chunks } = renderReply("Wait… ".repeat(60), { textChunkLimit: 160 });
  for (const { body, encoding } of chunks) {
    assertEquals(encoding, "GSM-7");
    assert(body.length <= 160);
  }
});

Deno.test("renderReply() does not cut a code block that fits", () => {
  const code = "def add(a, b):\n    # adds\n\n    c = a + b\n\n    return c";
  const prose = "Some words to read first. ".repeat(3);
  const markdown = `${prose}\n\`\`\`py\n${code}\n\`\`\`\n${prose}`;
  const { chunks } = renderReply(markdown, { textChunkLimit: 120 });
  assert(chunks.some(({ body }) => body.includes(code)));
});

Deno.test("renderReply() never makes more bodies than allowed", () => {
  const { chunks, truncated } = renderReply("One more sentence. ".repeat(2_000));
  assertEquals(chunks.length, 10);
  assertEquals(truncated, true);
});

Deno.test("renderReply() refuses settings out of range, and says the range", () => {
  for (const textChunkLimit of [69, 1_601, 100.5, NaN]) {
    assertThrows(
      () => renderReply("x", { textChunkLimit }),
      RangeError,
      "textChunkLimit must be an integer from 70 to 1600",
    );
  }
  assertThrows(() => renderReply("x", { maxChunksPerReply: 0 }), RangeError, "maxChunksPerReply");
});

Deno.test("previewReply() tells what a reply costs", () => {
  const preview = previewReply(`${"word ".repeat(40)}\n\nпривет`, { pricePerSegment: 0.0083 });
  assertEquals(preview.chunks.length, 1);
  assertEquals(preview.encoding, "UCS-2");
  assertEquals(preview.segments, 4);
  assertEquals(preview.cost, 0.0332);
  assertEquals(preview.characters, preview.chunks[0]!.body.length);
});

Deno.test("previewReply() names the characters that force UCS-2", () => {
  const [chunk] = previewReply("Done 👍 — 👍", { smartEncoding: "off" }).chunks;
  assertEquals(chunk!.costly, [
    { character: "👍", codePoint: "U+1F44D", count: 2 },
    { character: "—", codePoint: "U+2014", count: 1 },
  ]);
  assertEquals(costlyCharacters("plain €"), []);
});

Deno.test("previewReply() has no cost without a price, and refuses a wrong one", () => {
  assertEquals(previewReply("x").cost, null);
  for (const pricePerSegment of [-1, NaN, Infinity]) {
    assertThrows(() => previewReply("x", { pricePerSegment }), RangeError, "pricePerSegment");
  }
});

Deno.test("renderReply() keeps a heading with the paragraph below it", () => {
  const paragraph = "This sentence has about fifty characters in it, yes. ".repeat(2).trim();
  for (const heading of ["## Second part", "**Second part**", "Second part\n---"]) {
    for (let words = 1; words < 12; words++) {
      const first = "word ".repeat(words * 3).trim();
      const { chunks } = renderReply(`${first}\n\n${heading}\n\n${paragraph}\n\n${paragraph}`, {
        textChunkLimit: 160,
      });
      const body = chunks.find(({ body }) => body.includes("Second part"))!.body;
      assert(body.includes("Second part\n\nThis"), `${heading} behind ${words * 3} words: ${body}`);
    }
  }
});

Deno.test("renderReply() makes nothing of a reply of invisible characters", () => {
  for (const text of ["\u200b", "\u00ad\u2060", "\ufeff \u3164", "&#x200b;"]) {
    assertEquals(renderReply(text).chunks, []);
  }
});

Deno.test("renderReply() sends a long URL whole, and marks it as a part like any other", () => {
  const url = `https://example.com/${"path/".repeat(40)}end`;
  assertEquals(renderReply(url, { textChunkLimit: 160 }).chunks.map(({ body }) => body), [url]);
  const { chunks } = renderReply(`Here: [map](${url})\n\n${"More to say. ".repeat(20)}`, {
    textChunkLimit: 160,
  });
  assertEquals(chunks.filter(({ body }) => body.includes(url)).length, 1);
});

Deno.test("renderReply() sends of a very long reply what it sends of the whole", () => {
  const paragraph =
    "A paragraph with a [link](https://example.com/9), *stars* and **bold words**.\n\n";
  const long = paragraph.repeat(5_000);
  const beginning = paragraph.repeat(700);
  assertEquals(renderReply(long), renderReply(beginning));
  const hidden = `${"<b></b>\n".repeat(20_000)}The end.`;
  assertEquals(renderReply(hidden).chunks.at(-1)!.body.endsWith("The end."), true);
});

Deno.test("renderReply() reads no megabytes that give little text, and says that there was more", () => {
  const tags = renderReply(`Hello.\n\n${"<b></b>\n".repeat(100_000)}The end.`);
  assertEquals(tags.chunks.map(({ body }) => body), [
    "Hello.\n\n(The rest of this reply was too long for text messages.)",
  ]);
  assertEquals(tags.truncated, true);
  assertEquals(renderReply("<b></b>\n".repeat(100_000)).chunks.length, 1);
  assertEquals(renderReply("\n".repeat(1_000_000)).chunks, []);
});
