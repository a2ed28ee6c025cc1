/**
 * The contract against a real OpenClaw Gateway with a fake model; where none can be started it is skipped
 * and says so.
 */
import { gatewayContract, type Subject } from "./gateway_contract.ts";
import { available, freePort, killGateway, startGateway, startModel } from "./real_gateway.ts";

/** Texts that the model was asked, once each: the Gateway may ask again about the same one. */
async function askedOf(modelUrl: string): Promise<string[]> {
  const seen: { messages: { role: string; content: unknown }[] }[] =
    await (await fetch(`${modelUrl}/_requests`)).json();
  return [
    ...new Set(
      seen.flatMap(({ messages }) =>
        messages.filter(({ role }) => role === "user").map(({ content }) => JSON.stringify(content))
          .filter((text) =>
            !text.includes("OPENCLAW_INTERNAL_CONTEXT") && !text.includes("[System]")
          )
          .map((text) => text.replace(/\\n+Runtime: .*$/s, "").replace(/[\]"}]+$/, ""))
      ),
    ),
  ];
}

/** Every command is asked about. */
const CONFIG = { tools: { exec: { host: "gateway", security: "allowlist", ask: "always" } } };

async function startReal(): Promise<Subject> {
  const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-gateway-" });
  const model = await startModel();
  const port = freePort();
  let gateway = await startGateway(runDir, model.url, port, CONFIG);
  return {
    url: gateway.url,
    token: gateway.token,
    turns: () => askedOf(model.url),
    async restart() {
      await killGateway(gateway);
      gateway = await startGateway(runDir, model.url, port, CONFIG);
    },
    async close() {
      await killGateway(gateway);
      await model.stop();
      await Deno.remove(runDir, { recursive: true });
    },
  };
}

gatewayContract("the real Gateway", startReal, { ignore: !available });
