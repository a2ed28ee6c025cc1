/**
 * Webhooks about a text, as Twilio sends them.
 */
import type { AccountSettings } from "../../src/config/settings.ts";
import type { WebhookRequest } from "../../src/server/webhook.ts";
import { encodeForm, type FormPair } from "../../src/twilio/form.ts";
import { signForm } from "../../src/twilio/signature.ts";
import { ANN } from "../bridge/kit.ts";

/** A text to an account, rightly signed. */
export function signedText(
  { accountSid, authToken, publicWebhookUrl = "", webhookPath: path }: AccountSettings,
  { sid, body, from = ANN, to = "+12025550123" }: {
    readonly sid: string;
    readonly body: string;
    readonly from?: string;
    readonly to?: string;
  },
): WebhookRequest {
  const form: FormPair[] = [
    ["AccountSid", accountSid],
    ["MessageSid", sid],
    ["From", from],
    ["To", to],
    ["Body", body],
  ];
  return {
    path,
    query: "",
    contentType: "application/x-www-form-urlencoded",
    signature: signForm(authToken, publicWebhookUrl, form),
    clientAddress: "192.0.2.1",
    body: new TextEncoder().encode(encodeForm(form)),
  };
}
