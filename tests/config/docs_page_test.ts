import { assertEquals } from "@std/assert";
import type { AccountSettings } from "../../src/config/settings.ts";
import { createFolder } from "./folder.ts";
import page from "../vectors/openclaw-sms-page.json" with { type: "json" };

const SID = `AC${"x".repeat(32)}`;
const GATEWAY = { SMS_BRIDGE_GATEWAY_TOKEN: "gateway-token" };
const TWILIO = {
  TWILIO_ACCOUNT_SID: SID,
  TWILIO_AUTH_TOKEN: "env-token",
  TWILIO_PHONE_NUMBER: "+15551234567",
  SMS_PUBLIC_WEBHOOK_URL: "https://gateway.example.com/webhooks/sms",
};

/** What every block with the page's placeholders comes to. */
const USUAL: AccountSettings = {
  id: "default",
  enabled: true,
  accountSid: SID,
  authToken: "twilio-auth-token",
  fromNumber: "+15551234567",
  messagingServiceSid: undefined,
  defaultTo: undefined,
  webhookPath: "/webhooks/sms",
  publicWebhookUrl: "https://gateway.example.com/webhooks/sms",
  dangerouslyDisableSignatureValidation: false,
  dmPolicy: "pairing",
  allowFrom: [],
  textChunkLimit: 1500,
  mediaMaxMb: 5,
  name: undefined,
  authTokenNext: undefined,
  apiKeySid: undefined,
  apiKeySecret: undefined,
  region: undefined,
  edge: undefined,
  agent: undefined,
};

/** What each block of the page, in its order, must come to. */
const EXPECTED: readonly {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly account: AccountSettings;
}[] = [
  { name: "quick setup", account: USUAL },
  { name: "config file", account: USUAL },
  { name: "environment", env: TWILIO, account: { ...USUAL, authToken: "env-token" } },
  {
    name: "SecretRef",
    env: { TWILIO_AUTH_TOKEN: "from-the-variable" },
    account: { ...USUAL, authToken: "from-the-variable" },
  },
  {
    name: "Messaging Service",
    account: {
      ...USUAL,
      fromNumber: undefined,
      messagingServiceSid: `MG${"x".repeat(32)}`,
    },
  },
  { name: "default target", account: { ...USUAL, defaultTo: "+15557654321" } },
  {
    name: "allowlist",
    account: { ...USUAL, dmPolicy: "allowlist", allowFrom: ["+15557654321"] },
  },
  {
    name: "signature off",
    env: TWILIO,
    account: {
      ...USUAL,
      authToken: "env-token",
      dangerouslyDisableSignatureValidation: true,
    },
  },
  {
    name: "several accounts",
    account: {
      ...USUAL,
      id: "support",
      webhookPath: "/webhooks/sms/support",
      publicWebhookUrl: "https://gateway.example.com/webhooks/sms/support",
      dmPolicy: "allowlist",
      allowFrom: ["+15557654321"],
    },
  },
];

Deno.test("loadSettings() gives every block of OpenClaw's page on SMS the values that it has there", async (t) => {
  assertEquals(page.blocks.length, EXPECTED.length);
  for (const [i, { name, env = {}, account }] of EXPECTED.entries()) {
    await t.step(name, async () => {
      await using folder = await createFolder({
        own: page.blocks[i]!,
        env: { ...GATEWAY, ...env },
      });
      const { settings, problems } = await folder.load();
      assertEquals(problems, []);
      assertEquals(settings!.accounts.length, 1);
      assertEquals(settings!.accounts[0], account);
    });
  }
});
