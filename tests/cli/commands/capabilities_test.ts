import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createBridgeWorld } from "../bridge_world.ts";

Deno.test("capabilities --json keeps its contract, also as OpenClaw spells it", async () => {
  await using world = await createBridgeWorld();
  const { code, out } = await world.run("channels", "capabilities", "--channel", "sms", "--json");
  assertEquals(code, 0);
  assertEquals(JSON.parse(out), {
    channel: "sms",
    accounts: [{
      id: "default",
      enabled: true,
      sender: "+1•••••0123",
      chatTypes: ["direct"],
      receives: { text: true, media: true },
      sends: { text: true, media: true },
      deliveryReports: true,
      textChunkLimit: 1500,
      reactions: false,
      edits: false,
      threads: false,
    }],
  });
});

Deno.test("capabilities says what Twilio says of the number, and that it could not be asked", async () => {
  await using world = await createBridgeWorld();
  world.twilio.account.numbers[0]!.capabilities.sms = false;
  assertMatch((await world.run("capabilities")).out, /Sends texts +no/);
  world.env.TWILIO_AUTH_TOKEN = "f".repeat(32);
  assertMatch(
    (await world.run("capabilities")).out,
    /Sends texts +not known: Twilio does not answer/,
  );
});

Deno.test("capabilities needs a configuration that is right, and an account that is there", async () => {
  await using world = await createBridgeWorld();
  const absent = await world.run("capabilities", "--account", "work", "--json");
  assertEquals([absent.code, JSON.parse(absent.err).code], [5, "account-unknown"]);
  delete world.env.TWILIO_AUTH_TOKEN;
  const wrong = await world.run("capabilities", "--json");
  assertEquals([wrong.code, JSON.parse(wrong.err).code], [3, "configuration-invalid"]);
  assertStringIncludes(JSON.parse(wrong.err).hint, "sms-bridge doctor");
});
