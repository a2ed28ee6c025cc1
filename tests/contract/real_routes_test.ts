/**
 * The table of routes against the resolver that the plugins of a real release call.
 */
import { assertEquals } from "@std/assert";
import { ANN, ROUTE_CASES, type RouteCase } from "../gateway/route_cases.ts";
import { available, installedGateway } from "./real_gateway.ts";

const RESOLVE = `
const [routing, cases, ann] = process.argv.slice(1);
const { resolveAgentRoute } = await import(routing);
const sessions = JSON.parse(cases).map(({ config, accountId }) => {
  try {
    const peer = { kind: "direct", id: ann };
    return resolveAgentRoute({ cfg: config, channel: "sms", accountId, peer }).sessionKey;
  } catch {
    return null;
  }
});
console.log(JSON.stringify(sessions));
`;

Deno.test({
  name: "findRoute() and the real Gateway's own resolver agree about every configuration",
  ignore: !available,
  async fn() {
    const { node, folder } = await installedGateway();
    const routing = `${folder}/dist/plugin-sdk/routing.js`;
    const { stdout } = await new Deno.Command(node, {
      args: ["--input-type=module", "-e", RESOLVE, routing, JSON.stringify(ROUTE_CASES), ANN],
      stderr: "inherit",
    }).output();
    const sessions: unknown[] = JSON.parse(new TextDecoder().decode(stdout));
    // A release whose resolver names nobody for a fleet says so in `agents.list` too.
    const fits = ({ session, bySystemAgent }: RouteCase, found: unknown) =>
      bySystemAgent && found === null ? null : session;
    assertEquals(
      ROUTE_CASES.map(({ name }, i) => [name, sessions[i]]),
      ROUTE_CASES.map((one, i) => [one.name, fits(one, sessions[i])]),
    );
  },
});
