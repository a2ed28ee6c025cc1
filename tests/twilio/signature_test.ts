import { assertEquals, assertFalse } from "@std/assert";
import { seededRandom } from "../../src/system/random.ts";
import { encodeForm, type FormPair, parseForm } from "../../src/twilio/form.ts";
import { type SignedRequest, signForm, verifySignature } from "../../src/twilio/signature.ts";

const TOKEN = "a46c8b3e43e87c51fc6c4d4c4bd8a73b";
const URL = "https://sms.example.com/webhooks/sms";
const PAIRS: FormPair[] = [["Body", "hi"], ["From", "+12025550123"]];

function request(changes: Partial<SignedRequest> = {}): SignedRequest {
  return {
    authTokens: [TOKEN],
    signature: signForm(TOKEN, URL, PAIRS),
    publicUrl: URL,
    content: { kind: "form", pairs: PAIRS },
    ...changes,
  };
}

function faultOf(changes: Partial<SignedRequest>): string {
  const verdict = verifySignature(request(changes));
  return verdict.kind === "valid" ? "valid" : verdict.fault;
}

Deno.test("signForm() gives the signature of Twilio's documentation", () => {
  const pairs: FormPair[] = [
    ["Digits", "1234"],
    ["To", "+18005551212"],
    ["From", "+14158675309"],
    ["Caller", "+14158675309"],
    ["CallSid", "CA1234567890ABCDE"],
  ];
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  assertEquals(signForm("12345", url, pairs), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
});

Deno.test("verifySignature() says which token signed, as while one replaces the other", () => {
  const verdict = verifySignature(request({ authTokens: ["the next one", TOKEN] }));
  assertEquals(verdict, { kind: "valid", url: URL, tokenIndex: 1 });
});

Deno.test("verifySignature() tries the query that arrived when the configured URL has none", () => {
  const signature = signForm(TOKEN, `${URL}?tenant=7`, PAIRS);
  assertEquals(faultOf({ signature }), "mismatch");
  assertEquals(faultOf({ signature, requestQuery: "?tenant=7" }), "valid");
  assertEquals(faultOf({ signature, requestQuery: "?tenant=8" }), "mismatch");
  const configured = `${URL}?own=1`;
  const both = signForm(TOKEN, `${configured}?tenant=7`, PAIRS);
  const doubled = { signature: both, publicUrl: configured, requestQuery: "?tenant=7" };
  assertEquals(faultOf(doubled), "mismatch");
  assertEquals(
    faultOf({ signature, publicUrl: configured, requestQuery: "?tenant=7" }),
    "mismatch",
  );
});

Deno.test("verifySignature() still accepts a bare signature when a proxy added a query", () => {
  assertEquals(faultOf({ requestQuery: "?x=1" }), "valid");
});

Deno.test("verifySignature() checks the hash of a JSON body that the query brings", () => {
  const body = new TextEncoder().encode("{}");
  const query = "?bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
  const json: Partial<SignedRequest> = {
    signature: signForm(TOKEN, URL + query, []),
    requestQuery: query,
  };
  assertEquals(faultOf({ ...json, content: { kind: "json", body } }), "valid");
  const other = new TextEncoder().encode("[]");
  assertEquals(faultOf({ ...json, content: { kind: "json", body: other } }), "body-hash");
  const bare = { signature: signForm(TOKEN, URL, []), content: { kind: "json", body } as const };
  assertEquals(faultOf(bare), "body-hash");
});

Deno.test("verifySignature() fails closed on anything odd", () => {
  const good = signForm(TOKEN, URL, PAIRS);
  assertEquals(faultOf({ authTokens: [] }), "no-token");
  assertEquals(faultOf({ authTokens: [""], signature: signForm("", URL, PAIRS) }), "no-token");
  assertEquals(faultOf({ signature: null }), "missing");
  assertEquals(faultOf({ signature: "" }), "missing");
  assertEquals(faultOf({ signature: `${"A".repeat(43)}=` }), "shared-key");
  for (const odd of [` ${good}`, `${good}\n`, good.slice(0, -1), `${good}=`, `${good}, ${good}`]) {
    assertEquals(faultOf({ signature: odd }), "malformed", odd);
  }
  for (const publicUrl of ["", "sms.example.com", "ftp://sms.example.com/", "https://"]) {
    assertEquals(faultOf({ publicUrl }), "bad-url", publicUrl);
  }
});

Deno.test("verifySignature() accepts one spelling of a signature only", () => {
  const good = signForm(TOKEN, URL, PAIRS);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = alphabet.indexOf(good[26]!);
  for (let bits = 1; bits < 4; bits++) {
    const same = `${good.slice(0, 26)}${alphabet[last + bits]}=`;
    assertEquals(atob(same), atob(good));
    assertEquals(faultOf({ signature: same }), "malformed");
  }
});

Deno.test("verifySignature() names the URLs it tried and never a token", () => {
  const verdict = verifySignature(request({ signature: "A".repeat(27) + "=" }));
  assertEquals(verdict, {
    kind: "invalid",
    fault: "mismatch",
    triedUrls: [URL, "https://sms.example.com:443/webhooks/sms"],
  });
  assertFalse(JSON.stringify(verdict).includes(TOKEN));
});

Deno.test("verifySignature() accepts any order on the wire and no other change", () => {
  const seed = 7;
  const random = seededRandom(seed);
  for (let round = 0; round < 300; round++) {
    const pairs: FormPair[] = Array.from({ length: 1 + random.below(6) }, () => [
      "ABab"[random.below(4)]!,
      "xyz0é"[random.below(5)]!,
    ]);
    const signature = signForm(TOKEN, URL, pairs);
    const shuffled = [...pairs].sort(() => random.fraction() - 0.5);
    const sent = parseForm(encodeForm(shuffled));
    const message = `seed ${seed}: ${JSON.stringify(sent)}`;
    assertEquals(faultOf({ signature, content: { kind: "form", pairs: sent } }), "valid", message);
    const changed: FormPair[] = [...sent, ["Zz", "1"]];
    const fault = faultOf({ signature, content: { kind: "form", pairs: changed } });
    assertEquals(fault, "mismatch", message);
  }
});
