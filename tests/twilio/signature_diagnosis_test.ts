import { assertEquals } from "@std/assert";
import { signForm } from "../../src/twilio/signature.ts";
import { diagnoseSignature, type DiagnosisInput } from "../../src/twilio/signature_diagnosis.ts";

const URL_ = "https://sms.example.com/webhooks/sms";
const PAIRS = [["Body", "hi"], ["From", "+12025550101"]] as const;
const TOKEN = "0123456789abcdef";

function input(signedUrl: string, more: Partial<DiagnosisInput> = {}): DiagnosisInput {
  return {
    authTokens: [TOKEN],
    signature: signForm(TOKEN, signedUrl, PAIRS),
    publicUrl: URL_,
    content: { kind: "form", pairs: PAIRS },
    ...more,
  };
}

Deno.test("diagnoseSignature() finds nothing to say of a signature that is right", () => {
  const { verdict, near } = diagnoseSignature(input(URL_));
  assertEquals([verdict.kind, near], ["valid", null]);
});

Deno.test("diagnoseSignature() names the change of the URL under which a signature matches", () => {
  const cases: [signed: string, change: string, given?: string][] = [
    ["http://sms.example.com/webhooks/sms", "http in place of https"],
    [`${URL_}/`, "a slash at the end"],
    [URL_, "no slash at the end", `${URL_}/`],
    [URL_, "no query", `${URL_}?key=1`],
    ["https://sms.example.com/webhooks/sms?a=B", "no slash at the end", `${URL_}/?a=B`],
    ["http://sms.example.com/webhooks/sms/", "http in place of https and a slash at the end"],
    [URL_, "the path in lower case", "https://sms.example.com/Webhooks/SMS"],
  ];
  for (const [signed, change, publicUrl = URL_] of cases) {
    const { verdict, near } = diagnoseSignature(input(signed, { publicUrl }));
    assertEquals([verdict.kind, near?.change, near?.url], ["invalid", change, signed]);
  }
});

Deno.test("diagnoseSignature() knows the configured URL, a line break of an editor, and no body", () => {
  const configuredUrl = "https://other.example.com/in";
  const byUrl = diagnoseSignature(input(configuredUrl, { configuredUrl }));
  assertEquals(byUrl.near?.change, "the publicWebhookUrl of the configuration");
  const withBreak = [["Body", "hi"], ["From", "+12025550101\n"]] as const;
  const byBreak = diagnoseSignature(input(URL_, {
    content: { kind: "form", pairs: withBreak },
    trimmed: { kind: "form", pairs: PAIRS },
  }));
  assertEquals(byBreak.near?.change, "no line break or blank around the body");
  assertEquals(byBreak.near?.of, "body");
  const signature = signForm(TOKEN, URL_, []);
  assertEquals(diagnoseSignature(input(URL_, { signature })).near?.change, "no body at all");
});

Deno.test("diagnoseSignature() tells which token signed, and explains no other token away", () => {
  const next = diagnoseSignature(
    input(`${URL_}/`, { authTokens: ["another", TOKEN] }),
  );
  assertEquals(next.near?.tokenIndex, 1);
  const other = diagnoseSignature(input(URL_, { authTokens: ["another"] }));
  assertEquals([other.verdict.kind, other.near], ["invalid", null]);
});
