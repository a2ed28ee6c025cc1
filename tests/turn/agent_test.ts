import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createGatewayViews } from "../../src/bridge/gateway_views.ts";
import type { Link } from "../../src/gateway/link.ts";
import { setName } from "../../src/people/names.ts";
import { createAgent } from "../../src/turn/agent.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";
import { startWiredGateway } from "../simulation/wired_gateway.ts";

/** Has a text of Ann's answered as often as that; what the Gateway was told, and how many turns it ran. */
async function ask({ clock, context, setReady, text }: Kit, times = 1) {
  const { gateway, link } = startWiredGateway(clock);
  const prompts: string[] = [];
  const request = link.request.bind(link);
  const watched = Object.assign(link, {
    request(...[method, params, options]: Parameters<Link["request"]>) {
      if (method === "agent") prompts.push(String(params?.extraSystemPrompt));
      return request(method, params, options);
    },
  });
  await clock.advance(1_000);
  const links = { link: watched, openAdminLink: () => link };
  const agent = createAgent(context, links, createGatewayViews(watched, clock));
  setReady(false);
  const row = await text("hello");
  for (let time = 0; time < times; time++) {
    const outcome = agent.turn({
      account: context.settings().accounts[0]!,
      row,
      look: context.store,
      onStarting: () => Promise.resolve(),
      signal: new AbortController().signal,
    });
    await clock.advance(120_000);
    assertEquals((await outcome).kind, "reply");
  }
  await link.close();
  return { prompts, turns: gateway.sessions.turns.length };
}

Deno.test("the agent is told whom it texts with, by the name that an operator gave", async () => {
  await using kit = await createKit();
  await setName(kit.context, "default", ANN, "Ada");
  const [named] = (await ask(kit)).prompts;
  assertStringIncludes(named!, `You are texting with Ada (${ANN}) by SMS.`);
  await using other = await createKit();
  assertMatch((await ask(other)).prompts[0]!, /^You are texting with \+12025550101 by SMS\./);
});

Deno.test("the Gateway runs one turn for a text, however often it is asked to answer it", async () => {
  await using kit = await createKit();
  const { prompts, turns } = await ask(kit, 3);
  assertEquals([prompts.length, turns], [3, 1]);
});
