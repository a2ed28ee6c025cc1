/**
 * A signed request of our own that proves who answers a URL: it is not a text, nothing is stored, and only
 * who has the Auth Token can give the answer.
 *
 * @module
 */
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { encodeHex } from "@std/encoding/hex";
import { firstValue, type FormPair } from "./form.ts";
import { prepareHmac } from "./hmac.ts";

const NONCE_NAME = "SmsBridgeProbe";
const NONCE = /^[0-9a-f]{32}$/;
const PROOF = /^[0-9a-f]{64}$/;

/** The header that the proof comes back in. */
export const PROOF_HEADER = "sms-bridge-proof";

/** The header that tells which of several bridges with one Auth Token answered. */
export const INSTANCE_HEADER = "sms-bridge-instance";

/** Answers a nonce as only this very bridge can: by a key that never leaves it. */
export type InstanceProof = (nonce: string) => string;

/** Makes it; its key is drawn when it is first asked. */
export function createInstanceProof(bytes: (length: number) => Uint8Array): InstanceProof {
  let prove: ((text: string) => Uint8Array) | undefined;
  return (nonce) => {
    prove ??= prepareHmac("sha256", encodeHex(bytes(32)));
    return encodeHex(prove(`sms-bridge instance ${nonce}`));
  };
}

/** The form of a probe. */
export function probeForm(accountSid: string, nonce: string): FormPair[] {
  return [["AccountSid", accountSid], [NONCE_NAME, nonce]];
}

/** The nonce of a probe; null when the form is something else, such as a text. */
export function probeNonce(pairs: readonly FormPair[]): string | null {
  const nonce = firstValue(pairs, NONCE_NAME);
  const isMessage = firstValue(pairs, "MessageSid") !== undefined;
  return nonce !== undefined && NONCE.test(nonce) && !isMessage ? nonce : null;
}

/** What only the holder of the Auth Token can answer to a nonce. */
export function probeProof(authToken: string, nonce: string): string {
  return encodeHex(prepareHmac("sha256", authToken)(`sms-bridge probe ${nonce}`));
}

/** Whether an answer's proof is that of this Auth Token. */
export function proofHolds(proof: string | null, authToken: string, nonce: string): boolean {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return proof !== null && PROOF.test(proof) &&
    timingSafeEqual(bytes(proof), bytes(probeProof(authToken, nonce)));
}
