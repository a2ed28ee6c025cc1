import { serialize } from "node:v8";
import { assert, assertEquals } from "@std/assert";
import { renderReply } from "../../../src/text/sms/render.ts";
import { renderWithin } from "../../../src/text/sms/render_within.ts";
import { TRUNCATION_NOTICE } from "../../../src/text/sms/truncate.ts";

const LONG = Array.from({ length: 400 }, (_, i) => `This is sentence number ${i}.`).join(" ");

function segmentsOf({ chunks }: ReturnType<typeof renderReply>): number {
  return chunks.reduce((sum, { segments }) => sum + segments, 0);
}

Deno.test("renderWithin() leaves a reply alone that its budget allows", () => {
  assertEquals(renderWithin(0, LONG), renderReply(LONG));
  assertEquals(renderWithin(segmentsOf(renderReply(LONG)), LONG), renderReply(LONG));
});

Deno.test("renderWithin() cuts a reply to its budget, whatever the budget, and says so", () => {
  for (const text of [LONG, LONG.replaceAll("sentence", "предложение")]) {
    for (const segmentsMax of [1, 2, 3, 7, 10, 23, 30, 60]) {
      const cut = renderWithin(segmentsMax, text);
      assert(segmentsOf(cut) <= segmentsMax, `${segmentsOf(cut)} of ${segmentsMax}`);
      assert(cut.truncated && cut.chunks.at(-1)!.body.endsWith(TRUNCATION_NOTICE));
    }
  }
});

Deno.test("renderWithin() holds the budget exactly for emoji, URLs and every limit", () => {
  const url = `https://example.com/${"a".repeat(900)}`;
  const texts = [
    "👨‍👩‍👧‍👦🏳️‍🌈 ".repeat(300),
    "é\u0301".repeat(800),
    url,
    `Look at ${url} now. ${LONG}`,
    `${"{}[]€".repeat(200)} ${LONG}`,
    `# Heading\n\n${LONG}\n\n${url}`,
  ];
  for (const text of texts) {
    for (const textChunkLimit of [70, 160, 500, 1_500]) {
      for (let segmentsMax = 1; segmentsMax <= 12; segmentsMax++) {
        const cut = renderWithin(segmentsMax, text, { textChunkLimit });
        assert(segmentsOf(cut) <= segmentsMax, `${segmentsOf(cut)} of ${segmentsMax}`);
        const said = cut.chunks.map(({ body }) => body).join(" ");
        assert(!said.includes("https://example.com/a") || said.includes(url), "a URL was cut");
      }
    }
  }
});

Deno.test("renderWithin() makes use of the budget", () => {
  assert(segmentsOf(renderWithin(3, LONG, { textChunkLimit: 1_500 })) === 3);
});

Deno.test("renderReply() keeps a reply to what one row of the store holds, and says so", () => {
  for (const word of ["sentence ", "предложение "]) {
    const options = { maxChunksPerReply: 100, textChunkLimit: 1_600 };
    const { chunks, truncated } = renderReply(word.repeat(20_000), options);
    const bytes = serialize(chunks).length;
    assert(truncated && bytes > 30_000 && bytes < 40_000, `${bytes} bytes`);
    assert(chunks.at(-1)!.body.includes(TRUNCATION_NOTICE));
  }
});
