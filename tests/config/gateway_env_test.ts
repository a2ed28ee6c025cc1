import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readDotenv } from "../../src/config/gateway_env.ts";
import { createFolder } from "./folder.ts";

const SID = `AC${"1".repeat(32)}`;

Deno.test("readDotenv() reads what a .env holds, and passes over what is none", () => {
  const text = [
    "# a comment",
    "PLAIN=a value # and a comment",
    "export EXPORTED = 1",
    "SINGLE='a # b $X' # c",
    'DOUBLE="a\\nb"',
    "EMPTY=",
    "no line",
    "URL=https://e.example.com/?a=b",
  ].join("\r\n");
  const read = [...readDotenv(text, "/x/.env")];
  assertEquals(read.map(([name, { value }]) => [name, value]), [
    ["PLAIN", "a value"],
    ["EXPORTED", "1"],
    ["SINGLE", "a # b $X"],
    ["DOUBLE", "a\nb"],
    ["EMPTY", ""],
    ["URL", "https://e.example.com/?a=b"],
  ]);
  assertEquals(read[1]![1].origin, { kind: "file", file: "/x/.env", line: 3 });
});

function folder(env: Record<string, string> = {}) {
  return createFolder({
    env,
    gateway: `{
      env: { vars: { SMS_PUBLIC_WEBHOOK_URL: "https://vars.example.com/x", TWILIO_PHONE_NUMBER: "+12025550111" } },
      channels: { sms: { enabled: false, accountSid: "${SID}", authToken: "\${TWILIO_TOKEN}", name: "\${NAME}" } },
    }`,
    files: {
      ".openclaw/.env":
        "TWILIO_TOKEN=dotenv-secret\nOPENCLAW_GATEWAY_TOKEN=gateway-secret\nNAME=Home\n" +
        "TWILIO_PHONE_NUMBER=+12025550122\nSMS_BRIDGE_LOG_LEVEL=debug\n",
    },
  });
}

Deno.test("variables that the Gateway sets itself need not be set for the bridge as well", async () => {
  await using f = await folder();
  const { settings, problems, values, files } = await f.load();
  assertEquals(problems, []);
  const [account] = settings!.accounts;
  assertEquals(account!.authToken, "dotenv-secret");
  assertEquals(account!.name, "Home");
  assertEquals(account!.fromNumber, "+12025550122", "the .env is stronger than env.vars");
  assertEquals(account!.publicWebhookUrl, "https://vars.example.com/x");
  assertEquals(settings!.gateway.token, "gateway-secret");
  assertEquals(settings!.bridge.logLevel, "info", "what is the bridge's own does not stand there");
  const dotenv = `${f.home}/.openclaw/.env`;
  const origin = (path: string) => values.find((one) => one.path === path)?.origin;
  assertEquals(origin("gateway.auth.token"), { kind: "file", file: dotenv, line: 2 });
  assertEquals(origin("channels.sms.publicWebhookUrl"), {
    kind: "file",
    file: f.gatewayPath,
    line: 2,
  });
  assert(files.includes(dotenv), "a change of it is seen");
});

Deno.test("variables that are set are stronger than those of the Gateway, and so is what is written", async () => {
  await using f = await folder({ TWILIO_PHONE_NUMBER: "+12025550133", TWILIO_TOKEN: "set" });
  const { settings } = await f.load();
  assertEquals(settings!.accounts[0]!.fromNumber, "+12025550133");
  assertEquals(settings!.accounts[0]!.authToken, "set");
  await Deno.mkdir(`${f.home}/.openclaw/sms-bridge`);
  const own = '{ gateway: { auth: { token: "own" } } }';
  await Deno.writeTextFile(f.ownPath, own, { mode: 0o600 });
  assertEquals((await f.load()).settings!.gateway.token, "own");
});

Deno.test("a .env that others can read is warned of", async () => {
  await using f = await folder();
  await Deno.chmod(`${f.home}/.openclaw/.env`, 0o644);
  const { settings } = await f.load();
  assertStringIncludes(settings!.warnings.join(), `chmod 600 ${f.home}/.openclaw/.env`);
});
