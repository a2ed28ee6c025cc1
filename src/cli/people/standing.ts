/**
 * `pair resume` and `pair refused`: to end a pause, and whose texts reached nobody.
 *
 * @module
 */
import { maskNumber } from "../../system/redact.ts";
import { formatAge } from "../../text/amounts.ts";
import { accountOfBridge } from "../account.ts";
import type { Command } from "../command.ts";
import { accountGiven } from "../operations_client.ts";
import { paint, renderTable } from "../terminal/output.ts";
import { FULL_OPTION, NUMBER, peopleCommand, shown } from "./command.ts";

/** The commands about where people stand. */
export const STANDING_COMMANDS: readonly Command[] = [
  peopleCommand({
    path: ["pair", "resume"],
    summary: "end the pause of a conversation that looked like two machines",
    details: "What they wrote meanwhile is answered within a minute.",
    arguments: [NUMBER],
    examples: ["pair resume +15551234567"],
    ask: async (operations, parsed, context) =>
      await operations.ask("resume", {
        number: parsed.argument("NUMBER")!,
        account: await accountOfBridge(context, parsed, operations),
      }),
    tell: (context, _parsed, { phone }) =>
      context.stdout(`${maskNumber(phone)} is answered again.\n`),
  }),
  peopleCommand({
    path: ["pair", "refused"],
    summary: "list whose texts reached nobody of late, and why",
    more: [FULL_OPTION],
    examples: ["pair refused", "pair refused --json --full"],
    ask: (operations, parsed) => operations.ask("listRefused", accountGiven(parsed)),
    tell(context, parsed, { refused }) {
      if (refused.length === 0) {
        context.stdout("Nobody was refused.\n");
        return;
      }
      const rows = refused.map((one) => [
        shown(parsed, one.phone),
        one.account,
        formatAge(one.atMs, context.clock.now()),
        String(one.texts),
        one.why,
      ]);
      const columns = ["Number", "Account", "Last text", "Texts", "Why"].map((title) => ({
        title,
      }));
      context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
    },
  }),
];
