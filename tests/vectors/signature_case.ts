/**
 * Runs one case of the signature vectors.
 *
 * @module
 */
import { parseForm } from "../../src/twilio/form.ts";
import { verifySignature } from "../../src/twilio/signature.ts";

/** The part of a case that a validator is given. */
export interface SignatureCase {
  readonly kind: "form" | "json";
  readonly authToken: string;
  readonly signature: string;
  readonly urlConfigured: string;
  readonly body: string;
}

/** Whether the official validators' rules accept the request (they know no request target). */
export function validateCase(request: SignatureCase): boolean {
  const { kind, body } = request;
  return verifySignature({
    authTokens: [request.authToken],
    signature: request.signature,
    publicUrl: request.urlConfigured,
    content: kind === "json"
      ? { kind, body: new TextEncoder().encode(body) }
      : { kind, pairs: parseForm(body) },
  }).kind === "valid";
}
