/**
 * The device key of a node: an Ed25519 key pair, and the proof that a connection's other side asks for.
 *
 * @module
 */
import { encodeBase64Url } from "@std/encoding/base64url";
import { encodeHex } from "@std/encoding/hex";
import type { Challenge } from "./connection.ts";
import type { JsonObject } from "./frames.ts";

/** A device as it is kept. */
export interface Identity {
  /** SHA-256 of the raw public key, in hex. */
  readonly deviceId: string;
  /** The raw public key, in base64url. */
  readonly publicKey: string;
  readonly privateKey: JsonWebKey;
}

/** Makes a device that nobody knows yet. */
export async function newIdentity(): Promise<Identity> {
  const keys = await crypto.subtle.generateKey("Ed25519", true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  return {
    deviceId: encodeHex(await crypto.subtle.digest("SHA-256", raw)),
    publicKey: encodeBase64Url(raw),
    privateKey: await crypto.subtle.exportKey("jwk", keys.privateKey),
  };
}

/** What is signed besides the challenge. */
export interface ProofSubject {
  readonly clientId: string;
  readonly clientMode: string;
  readonly role: string;
  readonly scopes: readonly string[];
  readonly platform: string;
  readonly token: string;
}

/** The member `device` of a `connect`: version 3 of the Gateway's signed text. */
export async function proveDevice(
  identity: Identity,
  subject: ProofSubject,
  { nonce, ts }: Challenge,
): Promise<JsonObject> {
  const text = [
    "v3",
    identity.deviceId,
    subject.clientId,
    subject.clientMode,
    subject.role,
    subject.scopes.join(","),
    ts,
    subject.token,
    nonce,
    subject.platform.trim().toLowerCase(),
    "",
  ].join("|");
  const key = await crypto.subtle.importKey("jwk", identity.privateKey, "Ed25519", false, ["sign"]);
  const signature = await crypto.subtle.sign("Ed25519", key, new TextEncoder().encode(text));
  return {
    id: identity.deviceId,
    publicKey: identity.publicKey,
    signature: encodeBase64Url(signature),
    signedAt: ts,
    nonce,
  };
}
