/**
 * `people` and its kin: who they are, and whom to leave out.
 *
 * @module
 */
import type { Operations } from "../../operations/operations.ts";
import type { PersonView } from "../../operations/people_view.ts";
import { maskNumber } from "../../system/redact.ts";
import { formatAge, formatMoney } from "../../text/amounts.ts";
import { accountOfBridge } from "../account.ts";
import type { Command, Parsed } from "../command.ts";
import { accountGiven } from "../operations_client.ts";
import { FULL_OPTION, NUMBER, peopleCommand, shown } from "./command.ts";
import type { Context } from "../terminal/context.ts";
import { paint, renderTable } from "../terminal/output.ts";

function printPeople(context: Context, parsed: Parsed, people: readonly PersonView[]): void {
  if (people.length === 0) {
    context.stdout("Nobody is known yet.\n");
    return;
  }
  const nowMs = context.clock.now();
  const age = (atMs: number | null) => atMs === null ? "" : formatAge(atMs, nowMs);
  const several = new Set(people.map(({ account }) => account)).size > 1;
  const rows = people.map((one) => [
    shown(parsed, one.phone),
    one.name ?? (one.suggestedName === null ? "" : `${one.suggestedName}?`),
    ...(several ? [one.account] : []),
    one.role,
    age(one.sinceMs),
    age(one.lastTextAtMs),
    String(one.texts),
    String(one.segments),
    one.usdMonth ? formatMoney(one.usdMonth, 4) : "",
    one.states.filter((state) => state !== one.role).join(", "),
  ]);
  const columns = [
    { title: "Number" },
    { title: "Name", widthMax: 20 },
    ...(several ? [{ title: "Account" }] : []),
    { title: "Role" },
    { title: "Since" },
    { title: "Last text" },
    { title: "Texts", align: "right" as const },
    { title: "Segments", align: "right" as const },
    { title: "USD this month", align: "right" as const },
    { title: "" },
  ];
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}

async function personGiven(operations: Operations, parsed: Parsed, context: Context) {
  return {
    number: parsed.argument("NUMBER")!,
    account: await accountOfBridge(context, parsed, operations),
  };
}

/** The commands about people beside pairing. */
export const PEOPLE_COMMANDS: readonly Command[] = [
  peopleCommand({
    path: ["people"],
    summary: "list who texts, may text or asks to, with counts of 30 days",
    more: [FULL_OPTION],
    examples: ["people", "people --json"],
    ask: (operations, parsed) => operations.ask("listPeople", accountGiven(parsed)),
    tell: (context, parsed, { people }) => printPeople(context, parsed, people),
  }),
  peopleCommand({
    path: ["pair", "block"],
    summary: "block a number: no answer, no code, no text, no cost",
    details: "Its texts are dropped, also those that Twilio kept while the bridge was off.\n" +
      "It stays in the lists, and its pairing request is cancelled.",
    arguments: [NUMBER],
    examples: ["pair block +15551234567"],
    ask: async (operations, parsed, context) =>
      await operations.ask("block", await personGiven(operations, parsed, context)),
    tell: (context, _parsed, { phone, already }) =>
      context.stdout(`${maskNumber(phone)} is ${already ? "blocked already" : "blocked now"}.\n`),
  }),
  peopleCommand({
    path: ["pair", "unblock"],
    summary: "lift a block, for texts from now on",
    arguments: [NUMBER],
    examples: ["pair unblock +15551234567"],
    ask: async (operations, parsed, context) =>
      await operations.ask("unblock", await personGiven(operations, parsed, context)),
    tell: (context, _parsed, { phone, blockedAtMs }) =>
      context.stdout(
        `${maskNumber(phone)} is not blocked any more; it was, ${
          formatAge(blockedAtMs, context.clock.now())
        }. Whoever was let in before is again.\n`,
      ),
  }),
  peopleCommand({
    path: ["pair", "blocked"],
    summary: "list which numbers are blocked",
    more: [FULL_OPTION],
    examples: ["pair blocked", "pair blocked --json --full"],
    ask: (operations, parsed) => operations.ask("listBlocked", accountGiven(parsed)),
    tell(context, parsed, { blocked }) {
      if (blocked.length === 0) {
        context.stdout("Nobody is blocked.\n");
        return;
      }
      const rows = blocked.map((one) => [
        shown(parsed, one.phone),
        one.name ?? "",
        one.account,
        formatAge(one.atMs, context.clock.now()),
      ]);
      const columns = ["Number", "Name", "Account", "Since"].map((title) => ({ title }));
      context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
    },
  }),
  peopleCommand({
    path: ["pair", "name"],
    summary: "give a number a name, for lists and for the agent",
    details: "The agent is told it with each text. An empty name takes it away.",
    arguments: [NUMBER, { name: "NAME", meaning: "one short line" }],
    examples: ['pair name +15551234567 "Ada"', 'pair name +15551234567 ""'],
    ask: async (operations, parsed, context) =>
      await operations.ask("namePerson", {
        ...await personGiven(operations, parsed, context),
        name: parsed.argument("NAME")!,
      }),
    tell: (context, _parsed, { phone, name }) =>
      context.stdout(
        `${maskNumber(phone)} ${name === null ? "has no name now" : `is called ${name}`}.\n`,
      ),
  }),
];
