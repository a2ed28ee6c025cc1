/**
 * `messages`: recent messages and their delivery.
 *
 * @module
 */
import { expectedPrice, priceOf, priceText } from "../../operations/message_price.ts";
import type { MessageView } from "../../operations/message_view.ts";
import type { InputOf } from "../../operations/operations.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber, printableLines } from "../../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { runningOperations, stateDirectory, withOperations } from "../operations_client.ts";
import { followTranscript, inOrder, transcriptEntry } from "../transcript.ts";
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
    if (body !== undefined) {
      context.stdout(`\n${paints.dim(formatAge(atMs, now))}\n${printableLines(body)}\n`);
    }
  }
}

function printTranscript(context: Context, messages: readonly MessageView[]): void {
  if (messages.length === 0) return context.stdout("No messages.\n");
  inOrder(messages).forEach((one) => context.stdout(transcriptEntry(one, context)));
  if (messages.every(({ body }) => body === undefined)) {
    context.stderr("hint: what is written is kept only with bridge.storeBodies\n");
  }
}

/** Prints a conversation and goes on with it. */
async function follow(
  context: Context,
  parsed: Parsed,
  { with: number, ...asked }: InputOf<"listMessages">,
): Promise<ExitCode> {
  if (number === undefined || parsed.flag("json")) {
    throw failure(
      "usage",
      "option-alone",
      "Cannot follow messages without --with, or as JSON",
      "`sms-bridge messages --with <NUMBER> --follow`",
    );
  }
  const running = await runningOperations(context, stateDirectory(context, parsed));
  if (running instanceof Failure) throw running;
  if (running === null) {
    throw failure(
      "unreachable",
      "bridge-not-running",
      "Cannot follow messages: the bridge does not run",
      "start it with `sms-bridge serve`",
    );
  }
  const found = await running.ask("listMessages", { with: number, ...asked });
  if (found instanceof Failure) throw found;
  printTranscript(context, found.messages);
  const { account } = asked;
  const query = { with: number, ...(account === undefined ? {} : { account }) };
  const trouble = await followTranscript(context, running, query, found.messages);
  if (trouble !== null) throw trouble;
  return 130;
}

/** The command `messages`. */
export const messagesCommand: Command = {
  path: ["messages"],
  group: "Messages",
  summary: "list recent messages and whether they were delivered",
  details: "With --with it is a conversation as on a phone.\n" +
    "What was written is shown only when bridge.storeBodies was on at that time.\n" +
    "A price with ~ is an estimate: Twilio has not billed it yet.",
  options: [
    {
      name: "with",
      kind: "string",
      value: "NUMBER",
      meaning: "only those from and to this number",
    },
    {
      name: "follow",
      short: "f",
      kind: "boolean",
      meaning: "with --with: go on with what comes and goes, until Ctrl+C",
    },
    { name: "since", kind: "string", value: "SPAN", meaning: "only those of the last 90m, 1h, 7d" },
    { name: "limit", kind: "number", value: "N", meaning: "at most so many (50)" },
    { name: "full", kind: "boolean", meaning: "show whole numbers, not masked ones" },
    ACCOUNT_OPTION,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ["messages --since 1h", "messages --with +15551234567 --follow"],
  async run(context, parsed): Promise<ExitCode> {
    const since = parsed.text("since");
    const number = parsed.text("with");
    const account = parsed.text("account");
    const limit = parsed.number("limit");
    const asked = {
      ...(number === undefined ? {} : { with: number }),
      ...(account === undefined ? {} : { account }),
      ...(limit === undefined ? {} : { limit }),
      ...(since === undefined ? {} : { sinceMs: context.clock.now() - spanMs(since) }),
    };
    if (parsed.flag("follow")) return await follow(context, parsed, asked);
    const { messages } = await withOperations(
      context,
      parsed,
      (operations) => operations.ask("listMessages", asked),
    );
    const full = parsed.flag("full");
    const shown = full
      ? messages
      : messages.map((one) => ({ ...one, number: maskNumber(one.number) }));
    if (parsed.flag("json")) printJson(context, { messages: shown });
    else if (number === undefined) print(context, shown);
    else printTranscript(context, messages);
    return 0;
  },
};
