import { assert, assertEquals } from "@std/assert";
import { loadSettings } from "../../src/config/load.ts";
import { twilioOrigin } from "../../src/twilio/request.ts";

async function loaded(region: string) {
  const values: Record<string, string> = {
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "token",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
    SMS_BRIDGE_GATEWAY_TOKEN: "token",
    TWILIO_REGION: region,
  };
  return await loadSettings({ env: (name) => values[name], home: "/nowhere" });
}

Deno.test("loadSettings() takes Twilio's regions of today in any case, and refuses the rest with the list", async () => {
  for (const region of ["IE1", "ie1", " Ie1 "]) {
    const { settings } = await loaded(region);
    const { region: read, edge } = settings!.accounts[0]!;
    assertEquals(twilioOrigin("api", { region: read, edge }), "https://api.dublin.ie1.twilio.com");
  }
  const { settings, problems } = await loaded("jp1");
  assertEquals(settings, null);
  assert(problems.some(({ problem, fix }) => `${problem} ${fix}`.includes("us1, ie1, au1")));
});
