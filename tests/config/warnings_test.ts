import { assertEquals, assertMatch } from "@std/assert";
import type { AccountSettings } from "../../src/config/settings.ts";
import { accountWarnings } from "../../src/config/warnings.ts";

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
  assertMatch(warnings({ dmPolicy: "allowlist" }), /default: .*allowFrom is empty: nobody/);
  assertMatch(warnings({ dmPolicy: "open" }), /without "\*"/);
  assertMatch(warnings({ allowFrom: ["Ann"] }), /not a telephone number/);
  assertMatch(warnings({ allowFrom: ["accessGroup:family"] }), /group that is not there/);
});

Deno.test("accountWarnings() tells of open doors, and of accounts that share one URL", () => {
  assertMatch(warnings({ dangerouslyDisableSignatureValidation: true }), /validation is OFF/);
  assertMatch(warnings({}, { id: "b" }), /default, b have one publicWebhookUrl/);
});
