/**
 * A release of the real Gateway that the bridge cannot serve with: it says so, and asks nothing of it.
 */
import { assertEquals } from "@std/assert";
import { createLink } from "../../src/gateway/link.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { systemRandom } from "../../src/system/random.ts";
import { settled } from "../../src/checks/probe_gateway.ts";
import {
  available,
  freePort,
  killGateway,
  RELEASE,
  startGateway,
  startModel,
} from "./real_gateway.ts";

Deno.test({
  name: "a real Gateway that is too old is refused by name",
  ignore: !available || RELEASE >= "2026.6",
  async fn() {
    const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-gateway-" });
    const model = await startModel();
    const gateway = await startGateway(runDir, model.url, freePort());
    const { url, token } = gateway;
    const parts = { clock: systemClock, random: systemRandom, log: silentLog, version: "0.0.1" };
    const link = createLink({ url, token, ...parts });
    try {
      const state = await settled(link, systemClock, 300_000);
      const why = RELEASE < "2026.5" ? "protocol" : "release";
      assertEquals(state.kind === "refused" ? state.why : state.kind, why);
    } finally {
      await link.close();
      await killGateway(gateway);
      await model.stop();
      await Deno.remove(runDir, { recursive: true });
    }
  },
});
