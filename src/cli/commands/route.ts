/**
 * `route`: which agent of the Gateway answers a number, and in which session.
 *
 * @module
 */
import type { RouteAnswer } from "../../operations/route_operations.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "../command.ts";
import { accountOfBridge } from "../account.ts";
import { withOperations } from "../operations_client.ts";
import { type Fact, factLines, textColumns } from "../terminal/facts.ts";
import { paint, printJson } from "../terminal/output.ts";

const RULES: Readonly<Record<NonNullable<RouteAnswer["rule"]>, string>> = {
  "peer": "a binding for this number",
  "any-peer": "a binding for all numbers",
  "setting": "bridge.agent, or accounts.<id>.agent",
  "account": "a binding for this account",
  "channel": "a binding for sms",
  "default": "the Gateway's default agent",
};

function facts(answer: RouteAnswer): Fact[] {
  const { agent, session, gatewaySession, rule, owner, account } = answer;
  return [
    ["Account", account],
    ["Agent", agent === null ? `nobody: ${answer.problem}` : `${agent}, by ${RULES[rule!]}`],
    ...(session === null ? [] : [["Session", session]] satisfies Fact[]),
    ...(gatewaySession === session ? [] : [
      ["The Gateway's own", `${gatewaySession}; bridge.sessionScope gateway uses it`],
    ] satisfies Fact[]),
    ["Owner", owner ? "yes: /commands are the Gateway's" : "no"],
  ];
}

/** The command `route`. */
export const routeCommand: Command = {
  path: ["route"],
  group: "Find out",
  summary: "show which agent and session a number reaches",
  details:
    "It asks the Gateway for its agents and bindings; nothing is texted. Exits with 5 when\n" +
    "nobody would answer.",
  arguments: [{ name: "NUMBER", meaning: "who texts, in E.164" }],
  options: [ACCOUNT_OPTION, CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["route +15551234567", "route +15551234567 --account work --json"],
  async run(context, parsed): Promise<ExitCode> {
    const number = parsed.argument("NUMBER")!;
    const answer = await withOperations(
      context,
      parsed,
      async (operations) =>
        operations.ask("route", {
          number,
          account: await accountOfBridge(context, parsed, operations),
        }),
    );
    if (parsed.flag("json")) printJson(context, answer);
    else {
      const lines = factLines(facts(answer), textColumns(context.columns), 2);
      const head = paint(context.colour).bold(answer.number);
      context.stdout([head, ...lines].map((line) => `${line}\n`).join(""));
    }
    return answer.agent === null ? 5 : 0;
  },
};
