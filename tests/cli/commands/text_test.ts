import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands/table.ts";
import { runCli } from "../../../src/cli/run.ts";
import { createTestContext } from "../test_context.ts";

Deno.test("text preview shows each SMS, what forces UCS-2, and the cost", async () => {
  const context = createTestContext({ input: "# Hi\n\nThis costs **more** 🎉🎉\n" });
  assertEquals(await runCli(["text", "preview", "-", "--price", "0.01"], context, COMMANDS), 0);
  assertStringIncludes(context.out, "SMS 1 UCS-2, 1 segment");
  assertStringIncludes(context.out, "🎉 (U+1F389, 2 times)");
  assertStringIncludes(context.out, "This costs more");
  assertStringIncludes(context.out, "In all: 1 SMS, 1 segment, cost 0.01");
});

Deno.test("text preview --json gives every chunk with its encoding, segments and characters", async () => {
  const context = createTestContext({ input: "word ".repeat(100) });
  assertEquals(await runCli(["text", "preview", "--limit", "160", "--json"], context, COMMANDS), 0);
  const { chunks, segments, truncated } = JSON.parse(context.out);
  assertEquals(segments, chunks.length);
  assertEquals(truncated, false);
  assertEquals(
    chunks.every((chunk: { encoding: string; characters: number }) =>
      chunk.encoding === "GSM-7" && chunk.characters <= 160
    ),
    true,
  );
});

Deno.test("text preview refuses a limit out of range with what is wanted, and a missing file", async () => {
  const range = createTestContext({ input: "x" });
  assertEquals(await runCli(["text", "preview", "--limit", "69"], range, COMMANDS), 2);
  assertStringIncludes(range.err, "70 to 1600");
  const missing = createTestContext();
  assertEquals(await runCli(["text", "preview", "/no/such/file", "--json"], missing, COMMANDS), 5);
  assertEquals(JSON.parse(missing.err).code, "file-not-found");
});

Deno.test("text preview says so when the file is a directory", async () => {
  const context = createTestContext();
  const directory = await Deno.makeTempDir();
  try {
    assertEquals(await runCli(["text", "preview", directory, "--json"], context, COMMANDS), 2);
  } finally {
    await Deno.remove(directory);
  }
  const { code, message } = JSON.parse(context.err);
  assertEquals(code, "file-not-readable");
  assertStringIncludes(message, "it is a directory");
});

Deno.test("text preview shows what would be sent, cut as the settings cut it", async () => {
  const input = "This paragraph is a sentence of some length.\n\n".repeat(140);
  const preview = async (env: Record<string, string>, ...args: string[]) => {
    const context = createTestContext({ input, env: (name) => env[name] });
    assertEquals(await runCli(["text", "preview", "--json", ...args], context, COMMANDS), 0);
    return JSON.parse(context.out);
  };
  const usual = await preview({});
  assertEquals(usual.truncated, true);
  assertEquals(usual.segments <= 30, true);
  assertEquals((await preview({}, "--max-segments", "0")).segments > 40, true);
  const configured = await preview({
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "token",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
    SMS_BRIDGE_GATEWAY_TOKEN: "token",
    SMS_BRIDGE_SEGMENTS_PER_REPLY_MAX: "5",
    SMS_TEXT_CHUNK_LIMIT: "160",
  });
  assertEquals(configured.segments <= 5, true);
  assertEquals(configured.chunks[0].characters <= 160, true);
});
