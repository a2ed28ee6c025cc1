import { assertEquals } from "@std/assert";
import type { FormPair } from "../../src/twilio/form.ts";
import { classifyWebhook } from "../../src/twilio/inbound.ts";

const ACCOUNT_SID = `AC${"0".repeat(32)}`;
const MESSAGE_SID = `SM${"1".repeat(32)}`;
const SERVICE_SID = `MG${"2".repeat(32)}`;
const IDENTITY = { accountSid: ACCOUNT_SID, fromNumber: "+12025550123" };

function classify(changes: Record<string, string | undefined>, identity = IDENTITY) {
  const fields: Record<string, string | undefined> = {
    MessageSid: MESSAGE_SID,
    AccountSid: ACCOUNT_SID,
    From: "+14155550100",
    To: "+12025550123",
    Body: "hi",
    NumMedia: "0",
    ...changes,
  };
  const pairs = Object.entries(fields)
    .flatMap(([name, value]): FormPair[] => value === undefined ? [] : [[name, value]]);
  return classifyWebhook(pairs, identity);
}

Deno.test("classifyWebhook() reads a text as Twilio wrote it", () => {
  assertEquals(
    classify({ Body: "  a\r\nb ", NumSegments: "3", MessagingServiceSid: SERVICE_SID }),
    {
      kind: "message",
      messageSid: MESSAGE_SID,
      accountSid: ACCOUNT_SID,
      from: "+14155550100",
      sender: { kind: "phone", phone: "+14155550100" as never, rcs: false },
      to: "+12025550123",
      text: "  a\r\nb ",
      numMedia: 0,
      media: [],
      segments: 3,
      messagingServiceSid: SERVICE_SID,
    },
  );
});

Deno.test("classifyWebhook() takes a report from MessageStatus, and SmsStatus received as a text", () => {
  assertEquals(classify({ MessageStatus: "Undelivered", ErrorCode: "30003" }), {
    kind: "report",
    messageSid: MESSAGE_SID,
    accountSid: ACCOUNT_SID,
    status: "undelivered",
    errorCode: 30003,
  });
  assertEquals(classify({ SmsStatus: "sent" }).kind, "report");
  assertEquals(classify({ SmsStatus: "received" }).kind, "message");
  assertEquals(classify({ MessageStatus: "a b" }), { kind: "malformed", reason: "bad-status" });
});

Deno.test("classifyWebhook() tells what is signed but not for us", () => {
  const foreign = (reason: string) => ({ kind: "foreign", reason, messageSid: MESSAGE_SID });
  assertEquals(classify({ AccountSid: `AC${"9".repeat(32)}` }), foreign("other-account") as never);
  assertEquals(classify({ To: "+12025550124" }), foreign("other-number") as never);
  assertEquals(
    classify({ To: "+12025550124", MessagingServiceSid: SERVICE_SID }),
    foreign("other-number") as never,
  );
});

Deno.test("classifyWebhook() knows our Messaging Service whichever of its numbers was texted", () => {
  const identity = { ...IDENTITY, messagingServiceSid: SERVICE_SID };
  for (const To of ["+12025550124", "rcs:example_agent"]) {
    assertEquals(classify({ To, MessagingServiceSid: SERVICE_SID }, identity).kind, "message");
  }
  assertEquals(classify({ To: "rcs:example_agent" }, identity).kind, "foreign");
  // Without a service only the signature tells that an agent's name is this account's.
  assertEquals(classify({ To: "rcs:example_agent" }).kind, "message");
  assertEquals(classify({ To: "whatsapp:+12025550124" }).kind, "foreign");
});

Deno.test("classifyWebhook() refuses a form without what a text must have", () => {
  const reason = (changes: Record<string, string | undefined>) => {
    const inbound = classify(changes);
    return inbound.kind === "malformed" ? inbound.reason : inbound.kind;
  };
  assertEquals(reason({ MessageSid: undefined }), "no-message-sid");
  assertEquals(reason({ MessageSid: "../../etc/passwd" }), "no-message-sid");
  assertEquals(reason({ MessageSid: undefined, SmsSid: MESSAGE_SID }), "message");
  assertEquals(reason({ AccountSid: undefined }), "no-account-sid");
  assertEquals(reason({ From: " " }), "no-sender");
  assertEquals(reason({ To: undefined }), "no-recipient");
});

Deno.test("classifyWebhook() refuses a name that matters with two values", () => {
  const twice = (name: string, value: string) =>
    classifyWebhook([
      ["MessageSid", MESSAGE_SID],
      ["AccountSid", ACCOUNT_SID],
      ["From", "+14155550100"],
      ["To", "+12025550123"],
      [name, value],
    ], IDENTITY);
  assertEquals(twice("From", "+14155550199"), { kind: "malformed", reason: "repeated-name" });
  assertEquals(twice("From", "+14155550100").kind, "message");
  assertEquals(twice("Digits", "1").kind, "message");
});

Deno.test("classifyWebhook() lists the files that are there, ten at most, whatever the count says", () => {
  const many = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`MediaUrl${i}`, `https://api.twilio.com/${i}`]),
  );
  const counts = (NumMedia: string) => {
    const inbound = classify({ ...many, MediaContentType0: "image/png", NumMedia });
    return inbound.kind === "message" ? [inbound.numMedia, inbound.media.length] : null;
  };
  assertEquals(counts("2"), [2, 2]);
  for (const many of ["999", "1000000", "99999999999999999999"]) {
    assertEquals(counts(many), [999, 10], many);
  }
  for (const odd of ["abc", "-1", "1.5", "0x2", " 1 ", ""]) {
    assertEquals(counts(odd), [0, 0], odd);
  }
  const lying = classify({ NumMedia: "2", MediaUrl0: "https://api.twilio.com/0" });
  assertEquals(lying.kind === "message" && [lying.numMedia, lying.media], [
    2,
    [{ url: "https://api.twilio.com/0", contentType: "" }],
  ]);
});

Deno.test("classifyWebhook() takes Twilio's word for a keyword, and no other word", () => {
  const optOut = (OptOutType: string) => {
    const inbound = classify({ OptOutType });
    return inbound.kind === "message" ? inbound.optOut : inbound.kind;
  };
  assertEquals(optOut("STOP"), "STOP");
  assertEquals(optOut("help"), "HELP");
  assertEquals(optOut("MAYBE"), undefined);
});
