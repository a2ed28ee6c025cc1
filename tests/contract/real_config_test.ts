/**
 * One `openclaw.json` for a real Gateway and for the bridge.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { startFakeTwilio } from "../../src/sim/twilio.ts";
import { startProgram } from "../e2e/program.ts";
import { available, freePort, killGateway, startGateway, startModel } from "./real_gateway.ts";

const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
const ANN = "+12025550101";

Deno.test({
  name:
    "the real Gateway and the bridge share one openclaw.json, and the bridge needs nothing else",
  ignore: !available,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-shared-" });
    const twilio = startFakeTwilio();
    const model = await startModel();
    const gateway = await startGateway(runDir, model.url, freePort(), {
      channels: {
        sms: {
          enabled: false,
          accountSid: twilio.accountSid,
          authToken: twilio.authToken,
          fromNumber: twilio.account.numbers[0]!.phoneNumber,
          publicWebhookUrl: PUBLIC_URL,
          dmPolicy: "allowlist",
          allowFrom: [ANN],
        },
      },
      skills: {
        entries: {
          "sms-bridge": {
            config: {
              listen: "127.0.0.1:0",
              adminListen: "off",
              stateDir: `${runDir}/bridge`,
              twilioApiUrl: twilio.url,
              burstWindowMs: 0,
            },
          },
        },
      },
    });
    const program = await startProgram({ OPENCLAW_CONFIG_PATH: `${runDir}/openclaw.json` });
    try {
      const targetUrl = `http://127.0.0.1:${program.port}/webhooks/sms`;
      twilio.connectWebhook({ publicUrl: PUBLIC_URL, targetUrl });
      await twilio.inbound({ from: ANN, text: "[[say:found you]]" });
      const { body } = await twilio.nextMessage(undefined, 60_000);
      assertStringIncludes(body, "found you");
      const log = await Deno.readTextFile(`${runDir}/gateway.log`);
      assertEquals(/invalid config|install.*@openclaw\/sms/i.test(log), false);
    } finally {
      await program.end("SIGTERM");
      await killGateway(gateway);
      await model.stop();
      await twilio.close();
      await Deno.remove(runDir, { recursive: true });
    }
  },
});
