/** The vectors of texts. `about` in each file says where it comes from and what it means. */
import { assert, assertEquals } from "@std/assert";
import { chunkText } from "../../src/text/sms/chunk.ts";
import { toPlainText } from "../../src/text/markdown/plain.ts";
import { countSegments } from "../../src/text/sms/segments.ts";
import chunking from "../vectors/chunking.json" with { type: "json" };
import gsm7 from "../vectors/gsm7-table.json" with { type: "json" };
import replies from "../vectors/markdown-replies.json" with { type: "json" };
import segments from "../vectors/segments.json" with { type: "json" };

interface Properties {
  readonly must?: readonly string[];
  readonly mustNot?: readonly string[];
  readonly re?: readonly string[][];
  readonly nre?: readonly string[][];
  readonly order?: readonly string[];
}

Deno.test("countSegments() agrees with Twilio's calculator", () => {
  for (const { id, text, encoding, segments: billed } of segments.cases) {
    const count = countSegments(text);
    assertEquals(count.encoding, encoding, id);
    // Where only counters of graphemes differ by Unicode version, `splitSms` has the other answer.
    assertEquals(count.segments, billed, id);
  }
});

Deno.test("countSegments() knows the GSM-7 table", () => {
  for (const { id, char, septets } of gsm7.cases) {
    assertEquals(countSegments(char), { encoding: "GSM-7", segments: 1, units: septets }, id);
  }
});

Deno.test("toPlainText() has the properties of good replies", () => {
  for (const { id, markdown, props } of replies.cases) {
    const plain = toPlainText(markdown);
    const wanted = props as Properties;
    for (const part of wanted.must ?? []) assert(plain.includes(part), `${id}: lost ${part}`);
    for (const part of wanted.mustNot ?? []) assert(!plain.includes(part), `${id}: has ${part}`);
    for (const [source, flags] of wanted.re ?? []) {
      assert(new RegExp(source!, flags).test(plain), `${id}: not like ${source}`);
    }
    for (const [source, flags] of wanted.nre ?? []) {
      assert(!new RegExp(source!, flags).test(plain), `${id}: like ${source}`);
    }
    let at = 0;
    for (const part of wanted.order ?? []) {
      at = plain.indexOf(part, at);
      assert(at >= 0, `${id}: ${part} is not in order`);
    }
  }
});

Deno.test("chunkText() keeps texts whole, within limits, in few bodies", () => {
  const squash = (text: string) => text.replace(/\s+/gu, "");
  for (const { id, text, limit, maxChunks, urls = [] } of chunking.cases) {
    const chunks = chunkText(text, { limit });
    const parts = chunks.map(({ body, mark }) => body.slice(mark.length));
    assertEquals(squash(parts.join("")), squash(text), id);
    assert(chunks.every(({ body }) => body.length <= limit), id);
    assert(chunks.length <= maxChunks, id);
    for (const url of urls.filter((url) => url.length <= limit)) {
      assert(parts.some((part) => part.includes(url)), id);
    }
  }
});
