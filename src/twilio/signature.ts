/**
 * Twilio's request signature: base64(HMAC-SHA1(Auth Token, URL + sorted parameters)).
 *
 * Source: https://www.twilio.com/docs/usage/security#validating-requests and the official validators,
 * which try a URL with and without the default port and in two encodings.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import { decodeHex } from "@std/encoding/hex";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { FormPair } from "./form.ts";
import { type Hmac, prepareHmac } from "./hmac.ts";
import { nodePart } from "../system/node_part.ts";

/** What the signature is about besides the URL: the form's pairs, or a body that its hash stands for. */
export type SignedContent =
  | { readonly kind: "form"; readonly pairs: readonly FormPair[] }
  | { readonly kind: "json"; readonly body: Uint8Array };

/** A request whose signature is to be checked. */
export interface SignedRequest {
  /** The Auth Tokens that may have signed it: two of them while one replaces the other. */
  readonly authTokens: readonly string[];
  /** The header `X-Twilio-Signature`, or null when there was none. */
  readonly signature: string | null;
  /** The URL that Twilio was told to call; its fragment (connection overrides) is never signed. */
  readonly publicUrl: string;
  /** The query that arrived, with its `?`: tried as well when `publicUrl` has none of its own. */
  readonly requestQuery?: string;
  readonly content: SignedContent;
}

/** Why a signature was refused. */
export type SignatureFault =
  | "missing"
  | "malformed"
  /** HMAC-SHA256 with a key of a webhook rule of Twilio's, which the bridge does not take. */
  | "shared-key"
  | "no-token"
  | "bad-url"
  | "mismatch"
  | "body-hash";

/** The outcome of a check. Its URLs may hold secrets in their queries: show them to operators only. */
export type SignatureVerdict =
  | {
    readonly kind: "valid";
    /** The URL as it was signed. */
    readonly url: string;
    /** Which of the tokens signed it. */
    readonly tokenIndex: number;
  }
  | {
    readonly kind: "invalid";
    readonly fault: SignatureFault;
    /** The URLs tried. */
    readonly triedUrls: readonly string[];
  };

/** Canonical base64 of 20 bytes: exactly one spelling of a signature is accepted. */
const SIGNATURE = /^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$/;
/** Base64 of 32 bytes: what `X-Twilio-Webhooks-Signature-Settings` announces as HMAC_SHA256. */
const SHARED_KEY_SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;
const URL_PARTS = /^(https?:\/\/)((?:[^/?#]*@)?)(\[[^\]]*\]|[^:/?#]*)(:\d*)?(.*)$/is;

function byName([a, x]: FormPair, [b, y]: FormPair): number {
  if (a !== b) return a < b ? -1 : 1;
  return x === y ? 0 : x < y ? -1 : 1;
}

/** What is signed behind the URL: each name with its distinct values, sorted by UTF-16 units. */
function signedPairs(pairs: readonly FormPair[]): string {
  let text = "";
  let last: FormPair | undefined;
  for (const pair of [...pairs].sort(byName)) {
    if (last === undefined || byName(last, pair) !== 0) text += pair[0] + pair[1];
    last = pair;
  }
  return text;
}

/** Prepared keys, by token. A bridge has a few; the bound is for what tries many tokens out. */
const hmacs = new Map<string, Hmac>();
const HMACS_MAX = 64;

function hmacOf(authToken: string): Hmac {
  const known = hmacs.get(authToken);
  if (known !== undefined) return known;
  if (hmacs.size >= HMACS_MAX) hmacs.clear();
  const hmac = prepareHmac("sha1", authToken);
  hmacs.set(authToken, hmac);
  return hmac;
}

/** The signature that Twilio puts on a form posted to `url`. */
export function signForm(authToken: string, url: string, pairs: readonly FormPair[]): string {
  return encodeBase64(hmacOf(authToken)(url + signedPairs(pairs)));
}

function sha256(body: Uint8Array): Uint8Array {
  return nodePart("node:crypto").createHash("sha256").update(body).digest();
}

function* withAndWithoutPort(url: string): Generator<string> {
  const parts = url.match(URL_PARTS);
  if (parts === null) return;
  const [, scheme = "", userInfo = "", host = "", port = "", rest = ""] = parts;
  const standard = scheme.toLowerCase() === "https://" ? ":443" : ":80";
  yield `${scheme}${userInfo}${host}${rest}`;
  yield `${scheme}${userInfo}${host}${port || standard}${rest}`;
}

/** As Node's `querystring` writes the query: some of Twilio's back ends sign that. */
function withLegacyQuery(url: string): string {
  const at = url.indexOf("?");
  if (at < 0) return url;
  const { parse, stringify } = nodePart("node:querystring");
  return `${url.slice(0, at)}?${stringify(parse(url.slice(at + 1)))}`;
}

function* spellings(url: string): Generator<string> {
  yield* withAndWithoutPort(url);
  const normal = new URL(url).href;
  yield* withAndWithoutPort(normal);
  for (const spelling of withAndWithoutPort(normal)) yield withLegacyQuery(spelling);
}

/** The URLs that Twilio may have signed, likeliest first, each once. */
function* candidates(request: SignedRequest): Generator<string> {
  const url = request.publicUrl.replace(/#.*$/s, "");
  const query = request.requestQuery ?? "";
  const tried = new Set<string>();
  const bases = query.length > 1 && !url.includes("?") ? [url, url + query] : [url];
  for (const base of bases) {
    for (const spelling of spellings(base)) {
      if (tried.has(spelling)) continue;
      tried.add(spelling);
      yield spelling;
    }
  }
}

/** Official validators read the first `bodySHA256` only, in lower case. */
function bodyHashHolds(url: string, body: Uint8Array): boolean {
  const claimed = new URL(url).searchParams.get("bodySHA256") ?? "";
  return /^[0-9a-f]{64}$/.test(claimed) && timingSafeEqual(decodeHex(claimed), sha256(body));
}

function invalid(fault: SignatureFault, triedUrls: readonly string[] = []): SignatureVerdict {
  return { kind: "invalid", fault, triedUrls };
}

/**
 * Checks that a request was signed with one of the account's tokens, in constant time over the
 * decoded bytes. Everything odd (no token, no header, another alphabet, padding left out, a URL that
 * is not http or https) is invalid.
 */
export function verifySignature(request: SignedRequest): SignatureVerdict {
  const { authTokens, signature, content } = request;
  if (authTokens.length === 0 || authTokens.includes("")) return invalid("no-token");
  if (signature === null || signature === "") return invalid("missing");
  if (SHARED_KEY_SIGNATURE.test(signature)) return invalid("shared-key");
  if (!SIGNATURE.test(signature)) return invalid("malformed");
  if (!URL_PARTS.test(request.publicUrl) || !URL.canParse(request.publicUrl)) {
    return invalid("bad-url");
  }
  const claimed = decodeBase64(signature);
  const parameters = content.kind === "form" ? signedPairs(content.pairs) : "";
  const triedUrls: string[] = [];
  for (const url of candidates(request)) {
    triedUrls.push(url);
    const text = url + parameters;
    const tokenIndex = authTokens.findIndex((token) =>
      timingSafeEqual(hmacOf(token)(text), claimed)
    );
    if (tokenIndex < 0) continue;
    if (content.kind === "json" && !bodyHashHolds(url, content.body)) {
      return invalid("body-hash", triedUrls);
    }
    return { kind: "valid", url, tokenIndex };
  }
  return invalid("mismatch", triedUrls);
}
