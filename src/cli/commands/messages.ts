/**
 * `messages`: recent messages and their delivery.
 *
 * @module
 */
import { expectedPrice, priceOf, priceText } from "../../operations/message_price.ts";
import type { MessageView } from "../../operations/message_view.ts";
import { maskNumber } from "../../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { withOperations } from "../operations_client.ts";
import { spanMs } from "../span.ts";
import { paint, printJson, renderTable } from "../terminal/output.ts";
import { formatAge } from "../../text/amounts.ts";

function priceShown(message: MessageView): string {
  const price = priceOf(message);
  if (price !== null) return priceText(price);
  const expected = expectedPrice(message);
  return expected === null ? "" : `~${priceText(expected)}`;
}

function print(context: Context, messages: readonly MessageView[]): void {
  if (messages.length === 0) return context.stdout("No messages.\n");
  const now = context.clock.now();
  const rows = messages.map((message) => [
    formatAge(message.atMs, now),
    message.direction === "in" ? "from" : "to",
    message.number,
    message.direction === "in" ? "" : String(message.chunks.length),
    message.direction === "in" ? "" : String(message.segments),
    message.status,
    priceShown(message),
  ]);
  const columns = [
    { title: "When" },
    { title: "" },
    { title: "Number" },
    { title: "SMS", align: "right" as const },
    { title: "Segments", align: "right" as const },
    { title: "Status" },
    { title: "Price", align: "right" as const },
  ];
  const paints = paint(context.colour);
  context.stdout(renderTable(columns, rows, { paint: paints }));
  const told = new Set<string>();
  for (const { chunks, detail } of messages) {
    for (const { errorCode, meaning, advice } of chunks) {
      if (errorCode !== null) told.add(`${errorCode}: ${meaning}. ${advice}`);
    }
    if (detail !== "") told.add(detail);
  }
  if (told.size > 0) context.stdout(`\n${[...told].join("\n")}\n`);
  for (const { body, atMs } of messages) {
    if (body !== undefined) context.stdout(`\n${paints.dim(formatAge(atMs, now))}\n${body}\n`);
  }
}

/** The command `messages`. */
export const messagesCommand: Command = {
  path: ["messages"],
  group: "Messages",
  summary: "list recent messages and whether they were delivered",
  details: "What was written is shown only when bridge.storeBodies was on at that time.\n" +
    "A price with ~ is an estimate: Twilio has not billed it yet.",
  options: [
    {
      name: "with",
      kind: "string",
      value: "NUMBER",
      meaning: "only those from and to this number",
    },
    { name: "since", kind: "string", value: "SPAN", meaning: "only those of the last 90m, 1h, 7d" },
    { name: "limit", kind: "number", value: "N", meaning: "at most so many (50)" },
    { name: "full", kind: "boolean", meaning: "show whole numbers, not masked ones" },
    ACCOUNT_OPTION,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ["messages --since 1h", "messages --with +15551234567 --json"],
  async run(context, parsed): Promise<ExitCode> {
    const since = parsed.text("since");
    const number = parsed.text("with");
    const account = parsed.text("account");
    const limit = parsed.number("limit");
    const { messages } = await withOperations(
      context,
      parsed,
      (operations) =>
        operations.ask("listMessages", {
          ...(number === undefined ? {} : { with: number }),
          ...(account === undefined ? {} : { account }),
          ...(limit === undefined ? {} : { limit }),
          ...(since === undefined ? {} : { sinceMs: context.clock.now() - spanMs(since) }),
        }),
    );
    const full = parsed.flag("full");
    const shown = full
      ? messages
      : messages.map((one) => ({ ...one, number: maskNumber(one.number) }));
    if (parsed.flag("json")) printJson(context, { messages: shown });
    else print(context, shown);
    return 0;
  },
};
