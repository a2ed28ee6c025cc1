import { assert, assertEquals } from "@std/assert";
import {
  buildRequest,
  classifyWebhook,
  interpretResponse,
  parseForm,
} from "../vectors/adapt_twilio.ts";
import { type SignatureCase, validateCase } from "../vectors/signature_case.ts";

interface VectorFile<Case> {
  readonly cases: readonly (Case & { readonly id: string })[];
}

async function load<Case>(name: string): Promise<VectorFile<Case> & Record<string, unknown>> {
  const url = new URL(`../vectors/${name}.json`, import.meta.url);
  return JSON.parse(await Deno.readTextFile(url));
}

function byName(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const names = [...new Set(pairs.map(([name]) => name))].sort();
  return Object.fromEntries(
    names.map((name) => [name, pairs.flatMap(([other, value]) => other === name ? [value] : [])]),
  );
}

Deno.test("verifySignature() agrees with the official validators on every vector", async () => {
  const { cases } = await load<SignatureCase & { expected: string }>("signature");
  for (const one of cases) assertEquals(validateCase(one), one.expected === "valid", one.id);
});

Deno.test("verifySignature() agrees with the validators' own test suites", async () => {
  type Case = Omit<SignatureCase, "urlConfigured"> & { url: string; expected: string };
  const { cases } = await load<Case>("signature-upstream");
  for (const one of cases) {
    const valid = validateCase({ ...one, urlConfigured: one.url });
    assertEquals(valid, one.expected === "valid", one.id);
  }
});

Deno.test("verifySignature() follows twilio@6 where the official validators disagree", async () => {
  const { cases } = await load<SignatureCase & { expected: string }>("signature-disputed");
  for (const one of cases) assertEquals(validateCase(one), one.expected === "valid", one.id);
});

Deno.test("parseForm() agrees with the WHATWG parser on every vector", async () => {
  const { cases } = await load<{ input: string; expected: [string, string][] }>("form-urlencoded");
  for (const { id, input, expected } of cases) {
    assertEquals(parseForm(input), expected, id);
  }
});

Deno.test("classifyWebhook() reads every documented webhook", async () => {
  type Case = { bodyPlus: string; expect: Record<string, unknown> };
  const { cases, config } = await load<Case>("twilio-webhooks");
  for (const { id, bodyPlus, expect } of cases) {
    const got = classifyWebhook(
      bodyPlus,
      config as { accountSid: string; fromNumber: string; messagingServiceSid: string },
    ) as Record<string, unknown>;
    if (expect.kind !== "inbound" && expect.kind !== "status") continue;
    for (const key of ["kind", "from", "text", "messageSid", "numMedia", "status", "errorCode"]) {
      if (key in expect) assertEquals(got[key], expect[key], `${id}: ${key}`);
    }
    if ("optOut" in expect) assertEquals(got.optOut ?? null, expect.optOut, id);
  }
});

Deno.test("buildRequest() sends what the official client sends", async () => {
  interface Case {
    readonly call: Parameters<typeof buildRequest>[0];
    readonly expect: {
      readonly method: string;
      readonly path: string;
      readonly query: [string, string][];
      readonly form: [string, string][] | null;
      readonly authorization: string;
    };
  }
  const { cases, credentials } = await load<Case>("rest-requests");
  const account = credentials as { accountSid: string; authToken: string };
  for (const { id, call, expect } of cases) {
    const got = buildRequest(call, account) as Case["expect"];
    assertEquals(got.method, expect.method, id);
    assertEquals(got.path, expect.path, id);
    assertEquals(byName(got.query), byName(expect.query), id);
    assertEquals(byName(got.form ?? []), byName(expect.form ?? []), id);
    assertEquals(got.authorization, expect.authorization, id);
  }
});

Deno.test("interpretSend() agrees with the official client, and wants a SID besides", async () => {
  interface Case {
    readonly response: Parameters<typeof interpretResponse>[0];
    readonly officialClient: { ok: boolean; sid?: string; code?: unknown };
  }
  const { cases } = await load<Case>("rest-responses");
  for (const { id, response, officialClient } of cases) {
    const got = interpretResponse(response) as { ok: boolean; code: unknown };
    assertEquals(got.ok, officialClient.ok && Boolean(officialClient.sid), id);
    if (typeof officialClient.code === "number") assertEquals(got.code, officialClient.code, id);
  }
  assert(cases.length > 20);
});
