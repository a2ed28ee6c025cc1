/**
 * One `openclaw.json` for a real Gateway and for the bridge; and what the agent does with the bridge then.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeBase64, encodeBase64 } from "@std/encoding/base64";
import { startFakeTwilio } from "../../src/sim/twilio.ts";
import { startProgram } from "../e2e/program.ts";
import { available, freePort, killGateway, startGateway, startModel } from "./real_gateway.ts";

const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
const ANN = "+12025550101";
/** Further people: who answers at once five times over is taken for a machine. */
const [BOB, CAT, DAN] = ["+12025550102", "+12025550103", "+12025550104"] as const;
/** One pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Example\r\nEND:VCARD\r\n";

Deno.test({
  name:
    "the real Gateway and the bridge share one openclaw.json, and the bridge needs nothing else",
  ignore: !available,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
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
          allowFrom: [ANN, BOB, CAT, DAN],
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
    const step = async (name: string, fn: () => Promise<void>) => {
      if (!await t.step(name, fn)) throw new Error(`"${name}" failed`);
    };
    const program = await startProgram({ OPENCLAW_CONFIG_PATH: `${runDir}/openclaw.json` });
    try {
      const targetUrl = `http://127.0.0.1:${program.port}/webhooks/sms`;
      twilio.connectWebhook({ publicUrl: PUBLIC_URL, targetUrl });
      await step("a text is answered", async () => {
        await twilio.inbound({ from: ANN, text: "[[say:found you]]" });
        const { body } = await twilio.nextMessage(undefined, 300_000);
        assertStringIncludes(body, "found you");
      });
      await step("the model texts with the tool sms_send, once", async () => {
        await program.event("tool.published");
        const args = JSON.stringify({ to: ANN, text: "hello from the tool" });
        const call = `{"id":"sms_send","args":${args}}`;
        await twilio.inbound({ from: ANN, text: `[[tool:tool_call ${call}]]` });
        const tool = await twilio.nextMessage(undefined, 300_000);
        assertEquals(tool.body, "hello from the tool");
        const reply = await twilio.nextMessage(undefined, 300_000);
        assertStringIncludes(reply.body, "tool said:");
        const bodies = twilio.messages.map(({ body }) => body);
        assertEquals(bodies.filter((body) => body === "hello from the tool").length, 1);
      });
      await step(
        "a picture of the workspace goes out as MMS, and Twilio fetches it",
        async () => {
          await Deno.writeFile(`${runDir}/workspace/pic.png`, decodeBase64(PNG));
          await twilio.inbound({ from: ANN, text: "[[say:A picture\\nMEDIA:./pic.png]]" });
          const { body, media } = await twilio.nextMessage(undefined, 300_000);
          assertEquals([body, media.map(({ bytes }) => encodeBase64(bytes))], ["A picture", [PNG]]);
        },
      );
      await step("a picture reaches the model as an image, another file as a file", async () => {
        await twilio.inbound({
          from: ANN,
          text: "look",
          media: [
            { contentType: "image/png", bytes: decodeBase64(PNG) },
            { contentType: "text/vcard", bytes: new TextEncoder().encode(CARD) },
          ],
        });
        await twilio.nextMessage(undefined, 300_000);
        const seen = await (await fetch(`${model.url}/_requests`)).text();
        assertStringIncludes(seen, `"url":"data:image/png;base64,${PNG.slice(0, 20)}`);
        assertStringIncludes(seen, "FN:Ann Example");
      });
      const png = { contentType: "image/png", bytes: decodeBase64(PNG) };
      const asked = async () => await (await fetch(`${model.url}/_requests`)).text();
      const answer = async () => (await twilio.nextMessage(undefined, 300_000)).body;
      await step(
        "a picture without a word is answered, whatever blank stands for no word",
        async () => {
          for (const text of ["", " ", "\n\u3000", "\u00a0\u200b\ufeff"]) {
            await twilio.inbound({ from: BOB, text, media: [png] });
            assertStringIncludes(await answer(), "echo:");
          }
        },
      );
      await step("a text that shows nothing costs no turn and no SMS", async () => {
        for (const text of [" ", "\n", "\u2028\u3164"]) await twilio.inbound({ from: CAT, text });
        await twilio.inbound({ from: CAT, text: "[[say:still here]]" });
        assertEquals(await answer(), "still here");
      });
      await step("a file that cannot be used does not take the text down", async () => {
        for (const bytes of [new Uint8Array(), new TextEncoder().encode("no picture at all\0")]) {
          const broken = { contentType: "image/jpeg", bytes };
          await twilio.inbound({ from: CAT, text: `two of ${bytes.length}`, media: [png, broken] });
          assertStringIncludes(await answer(), `two of ${bytes.length}`);
        }
        assertStringIncludes(await asked(), "could not be taken: it is empty");
      });
      await step("a tapback makes no turn, and the next one tells of it", async () => {
        await twilio.inbound({ from: DAN, text: "Loved “still here”" });
        await twilio.inbound({ from: DAN, text: "👍 to “still here”" });
        await twilio.inbound({ from: DAN, text: "[[say:so I heard]]" });
        assertEquals(await answer(), "so I heard");
        assertStringIncludes(await asked(), "The sender reacted to a message: Loved “still here”");
      });
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
