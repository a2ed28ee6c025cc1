/**
 * `capabilities`: what can be done over each account.
 *
 * @module
 */
import type { Capabilities } from "../../checks/capabilities.ts";
import {
  ACCOUNT_OPTION,
  CHANNEL_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { type Fact, factLines, textColumns } from "../terminal/facts.ts";
import { accountGiven, withOperations } from "../operations_client.ts";
import { paint, printJson } from "../terminal/output.ts";

function answerText(value: boolean | null): string {
  return value === null ? "not known: Twilio does not answer" : value ? "yes" : "no";
}

function facts(one: Capabilities): Fact[] {
  return [
    ["Chats", "with one person each"],
    ["Takes", "texts, and pictures and files of an MMS"],
    ["Sends texts", answerText(one.sends.text)],
    ["Sends files", `${answerText(one.sends.media)}, by MMS`],
    ["Delivery reports", answerText(one.deliveryReports)],
    ["Longest SMS", `${one.textChunkLimit} characters; longer replies come in several`],
    ["Markdown", "becomes plain text"],
    ["Reactions, edits, threads", "no: SMS has none"],
  ];
}

function print(context: Context, accounts: readonly Capabilities[]): void {
  const { bold } = paint(context.colour);
  const blocks = accounts.map((one) => {
    const notes = [one.sender ?? "no sender", ...(one.enabled ? [] : ["off"])].join(", ");
    const lines = factLines(facts(one), textColumns(context.columns), 2);
    return [bold(`Account ${one.id} (${notes})`), ...lines].map((line) => `${line}\n`).join("");
  });
  context.stdout(blocks.join("\n"));
}

/** The command `capabilities`. */
export const capabilitiesCommand: Command = {
  path: ["capabilities"],
  aliases: [["channels", "capabilities"]],
  group: "Find out",
  summary: "show what each account can send and take",
  options: [ACCOUNT_OPTION, CHANNEL_OPTION, CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["capabilities", "channels capabilities --channel sms"],
  async run(context, parsed): Promise<ExitCode> {
    const { accounts } = await withOperations(
      context,
      parsed,
      (operations) => operations.ask("capabilities", accountGiven(parsed)),
    );
    if (parsed.flag("json")) printJson(context, { channel: "sms", accounts });
    else print(context, accounts);
    return 0;
  },
};
