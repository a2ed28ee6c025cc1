/**
 * A webhook posted as Twilio posts it.
 */
import { signForm } from "../../src/twilio/signature.ts";

/** Posts a form to where a bridge listens, signed for the public address of that path. */
export function postSigned(
  port: number,
  path: string,
  token: string,
  form: Readonly<Record<string, string>>,
): Promise<Response> {
  const pairs = Object.entries(form);
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "x-twilio-signature": signForm(token, `https://sms.example.com${path}`, pairs) },
    body: new URLSearchParams(pairs),
  });
}
