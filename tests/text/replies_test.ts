/**
 * Sixty realistic replies, in `replies.md`, and the messages they become, in `replies.txt`, for a
 * person to read through. After a change that is meant, write the messages anew:
 *
 *     UPDATE_REPLIES=1 deno test -A tests/text/replies_test.ts
 */
import { assertEquals } from "@std/assert";
import { type Preview, previewReply } from "../../src/text/sms/preview.ts";

const MARKDOWN = new URL("replies.md", import.meta.url);
const MESSAGES = new URL("replies.txt", import.meta.url);

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describe(name: string, preview: Preview): string {
  const head = `===== ${name}: ${plural(preview.chunks.length, "message")}, ` +
    plural(preview.segments, "segment");
  const messages = preview.chunks.map(({ body, encoding, segments, characters, costly }) => {
    const why = costly.length === 0
      ? ""
      : ` because of ${costly.map((c) => c.character).join(" ")}`;
    return `----- ${encoding}${why}, ${plural(characters, "character")}, ` +
      `${plural(segments, "segment")}\n${body}`;
  });
  return [head, ...messages].join("\n");
}

Deno.test("previewReply() makes of realistic replies what people like to read", async () => {
  const [, ...parts] = (await Deno.readTextFile(MARKDOWN)).split(/^<!-- reply: (.*) -->\n/m);
  const shown: string[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    shown.push(describe(parts[i]!, previewReply(parts[i + 1]!, { textChunkLimit: 640 })));
  }
  assertEquals(shown.length, 60);
  const messages = `${shown.join("\n\n")}\n`;
  if (Deno.env.get("UPDATE_REPLIES") === "1") await Deno.writeTextFile(MESSAGES, messages);
  assertEquals(messages, await Deno.readTextFile(MESSAGES));
});
