import { assertEquals } from "@std/assert";
import type { GatewayFault } from "../../src/gateway/frames.ts";
import { withoutRefused } from "../../src/gateway/refused_files.ts";
import type { Attachment, Turn } from "../../src/gateway/turn.ts";
import type { Phone } from "../../src/policy/phone.ts";

const file = (fileName: string): Attachment => ({
  type: "file",
  mimeType: "application/pdf",
  fileName,
  content: "AAAA",
});
const turn = (...names: string[]): Turn => ({
  sessionKey: "agent:main:main",
  key: "SM1",
  message: "two",
  to: "+12025550101" as Phone,
  accountId: "default",
  extraSystemPrompt: "",
  attachments: names.map(file),
  started: null,
  timeoutMs: 1_000,
});
const fault = (message: string, code = "INVALID_REQUEST"): GatewayFault => ({
  code,
  message,
  retryable: false,
  retryAfterMs: null,
  details: {},
});

Deno.test("withoutRefused() leaves out the file that the Gateway names, and says why", () => {
  const refusals = [
    ["UnsupportedAttachmentError: attachment picture-2.jpeg: empty payload", "empty payload"],
    ["Error: attachment picture-2.jpeg: invalid base64 content", "invalid base64 content"],
    [
      "Error: attachment picture-2.jpeg: image exceeds size limit (9 > 8 bytes)",
      "image exceeds size limit (9 > 8 bytes)",
    ],
    ["unsupported attachment picture-2.jpeg", "the assistant's side does not take it"],
  ] as const;
  for (const [message, why] of refusals) {
    const rest = withoutRefused(turn("picture-1.png", "picture-2.jpeg"), fault(message))!;
    assertEquals(rest.attachments!.map(({ fileName }) => fileName), ["picture-1.png"]);
    assertEquals(rest.message, `two\n[picture-2.jpeg could not be taken: ${why}.]`);
  }
});

Deno.test("withoutRefused() tells files apart whose names begin alike", () => {
  const rest = withoutRefused(
    turn("file-1.au", "file-1.audio"),
    fault("Error: attachment file-1.audio: invalid base64 content"),
  )!;
  assertEquals(rest.attachments!.map(({ fileName }) => fileName), ["file-1.au"]);
});

Deno.test("withoutRefused() leaves all files out where the Gateway names none", () => {
  const unsupported = "UnsupportedAttachmentError: non-image attachments are not supported";
  for (const message of [unsupported, "invalid attachment"]) {
    const rest = withoutRefused(turn("a.pdf", "b.pdf"), fault(message))!;
    assertEquals(rest.attachments, []);
    assertEquals(rest.message.match(/could not be taken/g)?.length, 2);
  }
});

Deno.test("withoutRefused() leaves errors about something else alone", () => {
  assertEquals(withoutRefused(turn("a.pdf"), fault("invalid agent params")), null);
  assertEquals(withoutRefused(turn(), fault("attachment a.pdf: empty payload")), null);
  const disk = fault("MediaOffloadError: attachment a.pdf was not saved", "UNAVAILABLE");
  assertEquals(withoutRefused(turn("a.pdf"), disk), null);
});
