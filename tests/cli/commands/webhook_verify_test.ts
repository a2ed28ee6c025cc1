import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeForm } from "../../../src/twilio/form.ts";
import { signForm } from "../../../src/twilio/signature.ts";
import { createBridgeWorld } from "../bridge_world.ts";

const PAIRS = [["Body", "hi there"], ["From", "+12025550101"]] as const;

Deno.test("webhook verify --json keeps its contract, right or wrong", async () => {
  await using world = await createBridgeWorld();
  const { env, twilio, stateDir } = world;
  const url = env.SMS_PUBLIC_WEBHOOK_URL!;
  const body = `${stateDir}/request.txt`;
  await Deno.writeTextFile(body, encodeForm(PAIRS));
  const signature = signForm(twilio.authToken, url, PAIRS);
  const verify = (...args: string[]) => world.run("webhook", "verify", "--json", ...args);

  const right = await verify("--signature", signature, "--body", body);
  assertEquals(right.code, 0, right.err);
  const wrong = await verify("--url", `${url}/`, "--signature", signature, "--body", body);
  assertEquals(wrong.code, 4);
  const [good, bad] = [JSON.parse(right.out), JSON.parse(wrong.out)];
  for (const verification of [good, bad]) {
    assertEquals(Object.keys(verification).sort(), [
      "fault",
      "fix",
      "message",
      "near",
      "token",
      "tokensTried",
      "url",
      "urlsTried",
      "valid",
    ]);
  }
  assertEquals([good.valid, good.url, good.token], [true, url, "authToken"]);
  assertEquals([bad.valid, bad.fault, bad.token], [false, "mismatch", null]);
  assert(bad.urlsTried.includes(`${url}/`));
  assertEquals(bad.near, {
    change: "the publicWebhookUrl of the configuration",
    url,
    token: "authToken",
  });
});

Deno.test("webhook verify reads the body from standard input, and shows what it tried", async () => {
  await using world = await createBridgeWorld();
  const url = "https://sms.example.com/webhooks/sms";
  const signature = signForm(world.twilio.authToken, url, PAIRS);
  const args = ["webhook", "verify", "--url", url, "--signature", signature, "--body", "-"];
  const right = await world.runIn({ input: encodeForm(PAIRS) }, ...args);
  assertEquals(right.code, 0);
  assertStringIncludes(right.out, "✓ the signature is right");
  const wrong = await world.runIn({ input: "Body=other" }, ...args);
  assertEquals(wrong.code, 4);
  assertStringIncludes(wrong.out, "Tried with authToken, over:\n  https://sms.example.com/webh");
  assertStringIncludes(wrong.out, "https://sms.example.com:443/webhooks/sms");
  assert(!wrong.out.includes(world.twilio.authToken));
});

Deno.test("webhook verify says what it lacks", async () => {
  await using world = await createBridgeWorld();
  assertEquals((await world.run("webhook", "verify")).code, 2);
  const args = ["webhook", "verify", "--signature", "x".repeat(28)];
  const missing = await world.run(...args, "--body", "/nonexistent/file", "--json");
  assertEquals([missing.code, JSON.parse(missing.err).code], [5, "body-not-found"]);
  const malformed = await world.run(...args);
  assertEquals(malformed.code, 4);
  assertStringIncludes(malformed.out, "it is not a signature of Twilio's");
});
