/**
 * Twilio's alerts: what it says of webhooks that it could not deliver.
 *
 * @module
 */
import { explainError } from "./errors.ts";
import type { AlertRecord } from "./records.ts";

/** Whether an alert is about a webhook that Twilio called at the host of a public URL. */
export function isAboutWebhook(
  { requestUrl, errorCode }: AlertRecord,
  publicWebhookUrl: string | undefined,
): boolean {
  if (errorCode === null || explainError(errorCode).class !== "webhook") return false;
  return publicWebhookUrl !== undefined && requestUrl !== null &&
    URL.canParse(requestUrl) && new URL(requestUrl).host === new URL(publicWebhookUrl).host;
}
