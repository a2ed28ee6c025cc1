/**
 * Texts to the program of a world, signed as its Twilio signs them.
 *
 * @module
 */
import { encodeForm } from "../../src/twilio/form.ts";
import { signForm } from "../../src/twilio/signature.ts";
import type { World } from "../../tests/e2e/program.ts";
import { benchForm } from "./webhook.ts";

/** Lets everybody text as much as rates let them. */
export const OPEN = {
  SMS_BRIDGE_DM_POLICY: "open",
  SMS_ALLOWED_USERS: "*",
  SMS_BRIDGE_SEGMENTS_PER_DAY_MAX: "0",
  SMS_BRIDGE_MESSAGES_PER_SECOND: "1000",
};

/** Signs as the Twilio of a world does, for the account of its environment or another. */
export function signer(world: World, path = "/webhooks/sms", to = world.env.TWILIO_PHONE_NUMBER!) {
  const { authToken, accountSid } = world.twilio;
  const url = new URL(path, world.env.SMS_PUBLIC_WEBHOOK_URL!).href;
  const own: Readonly<Record<string, string>> = { AccountSid: accountSid, To: to };
  return (number: number, from: string) => {
    const form = benchForm(number, from).map(([name, value]) =>
      [name, own[name] ?? value] as const
    );
    return { path, body: encodeForm(form), signature: signForm(authToken, url, form) };
  };
}
