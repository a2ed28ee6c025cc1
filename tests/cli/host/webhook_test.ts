import { assertEquals, assertStringIncludes } from "@std/assert";
import { createBridgeWorld } from "../bridge_world.ts";

Deno.test("webhook set points Twilio at the bridge once that is proved to answer, and show compares", async () => {
  await using world = await createBridgeWorld();
  const number = world.twilio.account.numbers[0]!;
  number.smsUrl = "https://elsewhere.example.org/sms";
  assertEquals((await world.run("webhook", "show")).code, 1);
  const early = await world.run("webhook", "set");
  assertEquals(early.code, 1);
  assertStringIncludes(early.err, "Cannot point Twilio there yet");
  assertEquals(number.smsUrl, "https://elsewhere.example.org/sms");
  await world.start();
  const set = await world.run("webhook", "set");
  assertEquals(set.code, 0, set.err);
  assertEquals(number.smsUrl, world.env.SMS_PUBLIC_WEBHOOK_URL!);
  const shown = JSON.parse((await world.run("webhook", "show", "--json")).out);
  assertEquals([shown.same, shown.twilioUrl], [true, number.smsUrl]);
  assertEquals(JSON.parse((await world.run("webhook", "set", "--json")).out).changed, false);
});

Deno.test("webhook set --fallback has Twilio call this bridge only when the other does not answer", async () => {
  await using world = await createBridgeWorld();
  const number = world.twilio.account.numbers[0]!;
  await world.start();
  number.smsUrl = "https://first.example.org/sms";
  const set = await world.run("webhook", "set", "--fallback");
  assertEquals(set.code, 0, set.err);
  assertEquals(number.smsUrl, "https://first.example.org/sms");
  assertEquals(number.smsFallbackUrl, world.env.SMS_PUBLIC_WEBHOOK_URL!);
  const show = await world.run("webhook", "show");
  assertEquals(show.code, 0);
  assertStringIncludes(show.out, "when that one does not answer");
  number.smsUrl = world.env.SMS_PUBLIC_WEBHOOK_URL!;
  const same = await world.run("webhook", "set", "--fallback");
  assertEquals(same.code, 6);
  assertStringIncludes(same.err, "the one that Twilio calls first");
});
