/**
 * Every setting of the table: missing, right, by variable, of a wrong type, out of range.
 */
import { assert, assertEquals } from "@std/assert";
import type { Kind } from "../../../src/config/rows/kinds.ts";
import type { Loaded } from "../../../src/config/load.ts";
import type { SettingRow } from "../../../src/config/rows/setting_row.ts";
import { allRows } from "../../../src/config/rows/setting_rows.ts";
import { createFolder } from "../folder.ts";

/** Variables that together are a whole configuration, and those that examples of secrets name. */
const ENV: Readonly<Record<string, string>> = {
  TWILIO_ACCOUNT_SID: `AC${"1".repeat(32)}`,
  TWILIO_AUTH_TOKEN: "env-token",
  TWILIO_PHONE_NUMBER: "+12025550123",
  TWILIO_API_KEY: `SK${"1".repeat(32)}`,
  TWILIO_API_SECRET: "api-secret",
  TWILIO_AUTH_TOKEN_NEXT: "next-token",
  SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
  OPENCLAW_GATEWAY_TOKEN: "gateway-token",
  SMS_BRIDGE_STORE_TOKEN: "store-token",
};
const REQUIRED: readonly string[] = [
  "channels.sms.accountSid",
  "channels.sms.authToken",
  "channels.sms.fromNumber",
  "channels.sms.publicWebhookUrl",
  "channels.sms.apiKeySid",
  "channels.sms.apiKeySecret",
  "gateway.auth.token",
];

const BAD: Readonly<Record<string, readonly unknown[]>> = {
  text: [7, {}, "a\x1b[31m", "a\u202eb", "a\nb"],
  secret: [7, { source: "nowhere" }],
  sid: ["XX", 7],
  phone: ["5551234", 7],
  urlPath: ["no-slash", "/a\x9bb", 7],
  folder: [7, [], "/a\nb"],
  url: ["ftp://example.com", "https://user:password@example.com", 7],
  boolean: ["maybe", 1],
  choice: ["maybe", 7],
  integer: ["x", 1.5, true],
  number: ["x", true],
  folders: [7, ["relative/folder"], ["../up"]],
  hosts: [7, ["localhost"], ["127.0.0.1"], ["*.ts.net"], ["a.example:8788"], ["https://a.example"]],
  texts: [7, [{}]],
  owners: [7, ["nobody"]],
  targets: [7, ["nobody"]],
  address: ["nowhere", "127.0.0.1:65536", 7],
  adminAddress: ["nowhere", 7],
};

function outOfRange(kind: Kind): readonly unknown[] {
  return kind.type === "integer" || kind.type === "number" ? [kind.least - 1, kind.most + 1] : [];
}

/** A file with one value at a path. */
function fileWith(path: string, value: unknown): string {
  return JSON.stringify(
    path.split(".").reduceRight<unknown>((below, key) => ({ [key]: below }), value),
  );
}

function without(row: SettingRow): Record<string, string> {
  const kept = Object.entries(ENV).filter(([name]) => !row.variables.includes(name));
  return Object.fromEntries(kept);
}

async function load(own: string, env: Readonly<Record<string, string>>): Promise<Loaded> {
  await using folder = await createFolder({ own, env });
  return await folder.load();
}

function valueAt({ values }: Loaded, path: string) {
  return values.find((one) => one.path === path);
}

function problemsAt({ problems }: Loaded, ...names: readonly string[]) {
  return problems.filter(({ name }) => names.includes(name));
}

/** A value as a variable holds it. */
function variableText({ kind, example }: SettingRow): string {
  if (kind.type === "secret") return "a-secret";
  return Array.isArray(example) ? example.join(",") : String(example);
}

/** What a file holds in these tests; an account that is switched off would leave nothing to look at. */
function exampleOf({ key, kind, example }: SettingRow): unknown {
  if (key === "enabled") return true;
  return kind.type === "secret" ? "$TWILIO_AUTH_TOKEN" : example;
}

for (const { path, row } of allRows()) {
  const example = exampleOf(row);

  Deno.test(`${path} that is missing has its default, or is told when it is needed`, async () => {
    const loaded = await load("{}", without(row));
    const told = problemsAt(loaded, path);
    assertEquals(told.length, REQUIRED.includes(path) ? 1 : 0);
    for (const { problem, fix } of told) assert(problem.startsWith("is missing") && fix !== "");
    const { value, origin } = valueAt(loaded, path)!;
    assertEquals(origin, { kind: "default" });
    if (row.key !== "stateDir") assertEquals(value, row.fallback);
  });

  Deno.test(`${path} is taken from a file as its example has it`, async () => {
    const env = { ...without(row), TWILIO_AUTH_TOKEN: "env-token" };
    const loaded = await load(fileWith(path, example), env);
    assertEquals(loaded.problems, []);
    const { value, origin } = valueAt(loaded, path)!;
    assertEquals(origin.kind === "file" && origin.line, 1);
    if (row.kind.type !== "secret") assertEquals(value, example);
  });

  if (row.variables.length > 0) {
    Deno.test(`${path} is taken from each of its variables`, async () => {
      for (const variable of row.variables) {
        const env = { ...without(row), [variable]: variableText(row) };
        const loaded = await load("{}", env);
        assertEquals(loaded.problems, [], variable);
        assertEquals(valueAt(loaded, path)?.origin, { kind: "environment", variable });
      }
    });
  }

  Deno.test(`${path} of a wrong type or out of range is refused by its name and place`, async () => {
    for (const value of [...BAD[row.kind.type]!, ...outOfRange(row.kind)]) {
      const loaded = await load(fileWith(path, value), without(row));
      const [told] = problemsAt(loaded, path);
      assert(told !== undefined, `${JSON.stringify(value)} was taken`);
      assert(told.problem.startsWith("must be ") && told.fix !== "" && told.where !== undefined);
      assertEquals(loaded.settings, null);
    }
  });
}
