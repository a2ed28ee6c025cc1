import { assertEquals } from "@std/assert";
import { readGatewayView } from "../../src/gateway/config_view.ts";
import { findRoute, phonesOf, type Routing } from "../../src/gateway/routes.ts";
import { sessionKeyFor, type SessionScope } from "../../src/gateway/session_key.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { startFakeGateway } from "../../src/sim/gateway.ts";
import { connect } from "../contract/gateway_contract.ts";
import { ANN, ROUTE_CASES } from "./route_cases.ts";

async function routingOf(
  config: Readonly<Record<string, unknown>>,
  release: "2026.9.6" | "2026.8.1" = "2026.9.6",
): Promise<Routing> {
  const token = "token";
  const fake = startFakeGateway({ token, config, release });
  const link = connect({ url: fake.url, token });
  await link.ready();
  const view = await readGatewayView(link);
  await link.close();
  await fake.close();
  return view!.routing;
}

function sessionOf(
  routing: Routing,
  more: { accountId?: string; agent?: string; owner?: boolean; sessionScope?: SessionScope } = {},
): string | null {
  const { accountId = "default", agent, owner = false, sessionScope = "gateway" } = more;
  const phone = ANN as Phone;
  const route = findRoute(routing, { phone, accountId, agent });
  return route.kind === "nobody"
    ? null
    : sessionKeyFor({ routing, route, sessionScope, accountId, phone, owner });
}

Deno.test("findRoute() finds who answers, and in which session, as the Gateway's own channels do", async (t) => {
  for (const { name, config, accountId = "default", session } of ROUTE_CASES) {
    await t.step(name, async () => {
      assertEquals(sessionOf(await routingOf(config), { accountId }), session);
    });
  }
});

Deno.test("findRoute() finds nobody for a fleet where the Gateway has no system agent answer", async () => {
  for (const { config } of ROUTE_CASES.filter(({ bySystemAgent }) => bySystemAgent)) {
    assertEquals(sessionOf(await routingOf(config, "2026.8.1")), null);
  }
});

Deno.test("findRoute() takes the agent that the settings name, unless a binding is for the number", async () => {
  const agents = { entries: { main: { default: true }, work: {}, own: {} } };
  const channel = { agentId: "work", match: { channel: "sms", accountId: "*" } };
  const number = {
    agentId: "work",
    match: { channel: "sms", peer: { kind: "direct", id: ANN } },
  };
  const named = { agent: "Own" };
  assertEquals(sessionOf(await routingOf({ agents }), named), "agent:own:main");
  assertEquals(
    sessionOf(await routingOf({ agents, bindings: [channel] }), named),
    "agent:own:main",
  );
  assertEquals(
    sessionOf(await routingOf({ agents, bindings: [number] }), named),
    "agent:work:main",
  );
  assertEquals(sessionOf(await routingOf({ agents }), { agent: "gone" }), null);
});

Deno.test("sessionKeyFor() shares the Gateway's main session with owners and nobody else", async () => {
  const auto = { sessionScope: "auto" } as const;
  const shared = await routingOf({});
  assertEquals(sessionOf(shared, { ...auto, owner: true }), "agent:main:main");
  assertEquals(sessionOf(shared, auto), `agent:main:sms:direct:${ANN}`);
  assertEquals(sessionOf(shared, { sessionScope: "per-peer" }), `agent:main:direct:${ANN}`);
  const parted = await routingOf({ session: { dmScope: "per-account-channel-peer" } });
  assertEquals(sessionOf(parted, auto), `agent:main:sms:default:direct:${ANN}`);
});

Deno.test("phonesOf() reads a number from a session key, or those linked to a name", async () => {
  const routing = await routingOf({
    session: { identityLinks: { Ann: ["telegram:1", `sms:${ANN}`, "+12025550109"] } },
  });
  assertEquals(phonesOf(routing, "+12025550102"), ["+12025550102" as Phone]);
  assertEquals(phonesOf(routing, "ann"), [ANN as Phone, "+12025550109" as Phone]);
  assertEquals(phonesOf(routing, "bob"), []);
});
