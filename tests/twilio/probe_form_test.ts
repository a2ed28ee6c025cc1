import { assert, assertEquals } from "@std/assert";
import { probeForm, probeNonce, probeProof, proofHolds } from "../../src/twilio/probe_form.ts";

const NONCE = "0123456789abcdef0123456789abcdef";

Deno.test("probeNonce() reads a probe, and takes no text for one", () => {
  const form = probeForm("AC1", NONCE);
  assertEquals(probeNonce(form), NONCE);
  assertEquals(probeNonce([...form, ["MessageSid", "SM1"]]), null);
  assertEquals(probeNonce([["SmsBridgeProbe", "short"]]), null);
  assertEquals(probeNonce([["Body", "hi"]]), null);
});

Deno.test("proofHolds() only for the same token and nonce", () => {
  const proof = probeProof("token", NONCE);
  assert(proofHolds(proof, "token", NONCE));
  assert(!proofHolds(proof, "other", NONCE));
  assert(!proofHolds(proof, "token", NONCE.replace("0", "1")));
  assert(!proofHolds(null, "token", NONCE));
  assert(!proofHolds("", "token", NONCE));
});
