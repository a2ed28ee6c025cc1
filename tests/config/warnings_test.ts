import { assertEquals, assertMatch } from "@std/assert";
import type { AccountSettings } from "../../src/config/settings.ts";
import { accountWarnings, secretWarnings } from "../../src/config/warnings.ts";

const QUIET = {
  id: "default",
  dmPolicy: "pairing",
  allowFrom: [],
  dangerouslyDisableSignatureValidation: false,
  publicWebhookUrl: "https://sms.example.com/a",
} as unknown as AccountSettings;

function warnings(...changes: Partial<AccountSettings>[]): string {
  return accountWarnings(changes.map((change) => ({ ...QUIET, ...change })), {}).join("\n");
}

Deno.test("accountWarnings() is silent about what is likely meant", () => {
  assertEquals(warnings({}), "");
  assertEquals(warnings({ dmPolicy: "open", allowFrom: ["*"] }), "");
  assertEquals(warnings({}, { id: "b", publicWebhookUrl: "https://sms.example.com/b" }), "");
});

Deno.test("accountWarnings() tells of rules that let in nobody or fewer than they seem to", () => {
  assertMatch(warnings({ allowFrom: ["Ann"] }), /not a telephone number/);
  assertMatch(warnings({ allowFrom: ["accessGroup:family"] }), /group that is not there/);
});

Deno.test("accountWarnings() tells of open doors, and of accounts that share one URL", () => {
  assertMatch(warnings({ dangerouslyDisableSignatureValidation: true }), /validation is OFF/);
  assertMatch(warnings({}, { id: "b" }), /default, b have one publicWebhookUrl/);
});

Deno.test("accountWarnings() tells of values that were copied from the documentation as they are", () => {
  const placeholders: Partial<AccountSettings>[] = [
    { accountSid: `AC${"x".repeat(32)}` },
    { messagingServiceSid: `MG${"x".repeat(32)}` },
    { authToken: "twilio-auth-token" },
    { authToken: "your_auth_token" },
    { authToken: "<token>" },
    { fromNumber: "+15551234567" as AccountSettings["fromNumber"] },
    { publicWebhookUrl: "https://gateway.example.com/webhooks/sms" },
    { publicWebhookUrl: "https://box.example.ts.net/webhooks/sms" },
  ];
  for (const one of placeholders) {
    const [key, value] = Object.entries(one)[0]!;
    const told = warnings(one);
    assertMatch(told, new RegExp(`${key} is the placeholder of the documentation`));
    if (key === "authToken") assertEquals(told.includes(String(value)), false);
  }
  assertEquals(warnings({ authToken: "0f3a9c27d1e84b56a7c8d9e0f1a2b3c4" }), "");
});

Deno.test("secretWarnings() tells the documentation's placeholders, and no secret of one's own", () => {
  const told = secretWarnings({
    "gateway.auth.token": "…",
    "bridge.storeToken": "your-token",
    "bridge.other": "0123456789abcdef",
    "bridge.none": undefined,
  });
  assertEquals(told, [
    "gateway.auth.token is the placeholder of the documentation; write yours",
    "bridge.storeToken is the placeholder of the documentation; write yours",
  ]);
});
