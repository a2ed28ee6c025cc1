/**
 * Bridge and Gateway both killed in mid-turn: the real program, a real Gateway with a fake model, a fake
 * Twilio.
 */
import { assertEquals } from "@std/assert";
import { createWorld } from "../e2e/program.ts";
import { available, freePort, killGateway, startGateway, startModel } from "./real_gateway.ts";

const TEXTS = 20;
const phone = (who: number) => `+1202555${1100 + who}`;

/** Waits until the model has been asked `count` times. */
async function asked(modelUrl: string, count: number): Promise<void> {
  for (;;) {
    const seen: unknown[] = await (await fetch(`${modelUrl}/_requests`)).json();
    if (seen.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

Deno.test({
  name:
    "20 texts are answered once each though bridge and Gateway are killed in mid-turn again and again",
  ignore: !available,
  async fn() {
    const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-gateway-" });
    const model = await startModel();
    const port = freePort();
    let gateway = await startGateway(runDir, model.url, port);
    try {
      await using world = await createWorld();
      const { twilio } = world;
      const env = {
        SMS_BRIDGE_GATEWAY_URL: gateway.url,
        SMS_BRIDGE_GATEWAY_TOKEN: gateway.token,
        SMS_BRIDGE_MESSAGES_PER_SECOND: "20",
        // A Gateway takes up to two minutes to start on a busy machine.
        SMS_BRIDGE_WAIT_NOTICE_AFTER_MS: "0",
        SMS_ALLOWED_USERS: Array.from({ length: TEXTS }, (_, who) => phone(who)).join(","),
      };
      let program = await world.serve(env);
      for (let who = 0; who < TEXTS; who++) {
        const { ok } = await twilio.inbound({
          from: phone(who),
          text: `[[slow:500]][[say:answer ${who}]]`,
        });
        assertEquals(ok, true);
      }
      for (const [count, both] of [[3, false], [10, true]] as const) {
        await asked(model.url, count);
        await program.end("SIGKILL");
        if (both) await killGateway(gateway);
        if (both) gateway = await startGateway(runDir, model.url, port);
        program = await world.serve(env);
      }
      const answers = new Map<string, string[]>();
      for (let came = 0; came < TEXTS; came++) {
        const { to, body } = await twilio.nextMessage(() => true, 600_000);
        answers.set(to, [...answers.get(to) ?? [], body]);
      }
      // Whatever was to come twice, or of the Gateway's own, would come with the next answer.
      await twilio.inbound({ from: phone(0), text: "[[say:the last]]" });
      const rest = await twilio.nextMessage(() => true, 300_000);
      assertEquals(rest.body, "the last");
      for (let who = 0; who < TEXTS; who++) {
        assertEquals(answers.get(phone(who)), [`answer ${who}`]);
      }
      assertEquals((await program.end("SIGTERM")).code, 0);
    } finally {
      await killGateway(gateway);
      await model.stop();
      await Deno.remove(runDir, { recursive: true });
    }
  },
});
