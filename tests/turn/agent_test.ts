import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createGatewayViews } from "../../src/bridge/gateway_views.ts";
import type { Link } from "../../src/gateway/link.ts";
import { setName } from "../../src/people/names.ts";
import { createAgent } from "../../src/turn/agent.ts";
import { ANN, createKit } from "../bridge/kit.ts";
import { startWiredGateway } from "../simulation/wired_gateway.ts";

/** What the Gateway is told with a text of Ann's. */
async function promptOf(name: string | null): Promise<string> {
  await using kit = await createKit();
  const { clock, context } = kit;
  const { link: real } = startWiredGateway(clock);
  const told: string[] = [];
  const request = real.request.bind(real);
  const link: Link = Object.assign(real, {
    request(...[method, params, options]: Parameters<Link["request"]>) {
      if (method === "agent") told.push(String(params?.extraSystemPrompt));
      return request(method, params, options);
    },
  });
  await clock.advance(1_000);
  const agent = createAgent(
    context,
    { link, openAdminLink: () => real },
    createGatewayViews(link, clock),
  );
  await setName(context, "default", ANN, name);
  kit.setReady(false);
  const row = await kit.text("hello");
  const outcome = agent.turn({
    account: context.settings().accounts[0]!,
    row,
    look: context.store,
    onStarting: () => Promise.resolve(),
    signal: new AbortController().signal,
  });
  await clock.advance(120_000);
  assertEquals((await outcome).kind, "reply");
  await real.close();
  return told[0] ?? "";
}

Deno.test("the agent is told whom it texts with, by the name that an operator gave", async () => {
  assertStringIncludes(await promptOf("Ada"), `You are texting with Ada (${ANN}) by SMS.`);
  assertMatch(await promptOf(null), /^You are texting with \+12025550101 by SMS\./);
});
