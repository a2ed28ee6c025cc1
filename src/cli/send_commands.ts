/**
 * `message send` as OpenClaw spells it, and `send` for short.
 *
 * @module
 */
import type { MessageView } from "../bridge/message_view.ts";
import type { Operations } from "../bridge/operations.ts";
import { renderMessage, sendingAccount, type SendRequest, targetOf } from "../bridge/send.ts";
import type { Settings } from "../config/settings.ts";
import { controlClient } from "../server/control_client.ts";
import { sleep } from "../system/clock.ts";
import { Failure, failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "./command.ts";
import type { Context } from "./context.ts";
import { sendOffline } from "./offline.ts";
import { controlSocketPath, daemonAnswers, remoteOperations } from "./operations_client.ts";
import { plural, printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { effectiveSettings } from "./settings_source.ts";

/** A text beyond this is no message. */
const INPUT_BYTES_MAX = 1024 * 1024;
/** How long Twilio's acceptance is waited for. */
const TAKEN_TIMEOUT_MS = 30_000;
const DELIVERED_TIMEOUT_MS = 120_000;
const LOOK_MS = 250;

const COMMON: readonly OptionSpec[] = [
  ACCOUNT_OPTION,
  { name: "dry-run", kind: "boolean", meaning: "show what would be sent, send nothing" },
  { name: "wait", kind: "boolean", meaning: "wait until a carrier reports it delivered" },
  { name: "price", kind: "number", value: "PRICE", meaning: "price of one segment, for --dry-run" },
  {
    name: "idempotency-key",
    kind: "string",
    value: "KEY",
    meaning: "send nothing when this key was used within 24 hours",
  },
  CONFIG_OPTION,
  STATE_DIR_OPTION,
  JSON_OPTION,
];

async function textGiven(context: Context, text: string): Promise<string> {
  if (text !== "-") return text;
  const input = await context.readStdin(INPUT_BYTES_MAX);
  if (input !== null) return input;
  throw failure("usage", "text-too-long", `The text is longer than ${INPUT_BYTES_MAX} bytes`);
}

function dryRun(
  context: Context,
  parsed: Parsed,
  settings: Settings,
  request: SendRequest,
): ExitCode {
  const surroundings = { settings: () => settings };
  const account = sendingAccount(surroundings, request.account);
  if (account instanceof Failure) throw account;
  const to = targetOf(account, request.to);
  if (to instanceof Failure) throw to;
  const rendered = renderMessage(surroundings, account, request.text);
  if (rendered instanceof Failure) throw rendered;
  const { chunks } = rendered;
  const segments = chunks.reduce((sum, chunk) => sum + chunk.segments, 0);
  const price = parsed.number("price");
  const cost = price === undefined ? null : Number((segments * price).toFixed(6));
  if (parsed.flag("json")) {
    printJson(context, { dryRun: true, account: account.id, to, chunks, segments, cost });
    return 0;
  }
  for (const { body, encoding, segments: count } of chunks) {
    context.stdout(
      `${body.replace(/^/gm, "  ")}\n  (${encoding}, ${plural(count, "segment")})\n\n`,
    );
  }
  const costs = cost === null ? "" : `, cost ${cost}`;
  context.stdout(
    `Would send ${plural(chunks.length, "SMS", "SMS")} to ${maskNumber(to)}: ` +
      `${plural(segments, "segment")}${costs}. Nothing was sent.\n`,
  );
  return 0;
}

/** Looks at a message until it fits, or time is over. */
async function follow(
  context: Context,
  operations: Operations,
  id: string,
  fits: (message: MessageView) => boolean,
  timeoutMs: number,
): Promise<MessageView> {
  const deadlineMs = context.clock.now() + timeoutMs;
  for (;;) {
    const found = await operations.getMessage({ id });
    if (found instanceof Failure) throw found;
    const over = context.clock.now() >= deadlineMs || context.signal.aborted;
    if (fits(found.message) || over) return found.message;
    await sleep(context.clock, LOOK_MS, context.signal);
  }
}

/** What the exit code says of a message. */
function exitCodeOf({ status, chunks }: MessageView): ExitCode {
  if (["sent", "delivered"].includes(status)) return 0;
  if (status === "waiting") return chunks.some(({ sid }) => sid !== null) ? 0 : 7;
  return 1;
}

function tell(context: Context, message: MessageView, repeated: boolean): void {
  const { status, number, chunks, segments, detail } = message;
  const to = maskNumber(number);
  const parts = `${plural(chunks.length, "SMS", "SMS")}, ${plural(segments, "segment")}`;
  if (repeated) context.stdout("Sent before under the same key; nothing was sent again.\n");
  if (status === "waiting") {
    context.stdout(`It waits in the outbox for ${to} (message ${message.id}).\n`);
    context.stderr("hint: `sms-bridge messages` tells what becomes of it\n");
  } else if (exitCodeOf(message) === 0) {
    context.stdout(`${status === "delivered" ? "Delivered" : "Sent"} to ${to}: ${parts}.\n`);
  } else {
    context.stderr(`error: The message to ${to} was not sent: ${detail || status}\n`);
    for (const { meaning, advice } of chunks) {
      if (meaning !== "") context.stderr(`hint: ${meaning}. ${advice}\n`);
    }
  }
}

async function deliver(
  context: Context,
  parsed: Parsed,
  operations: Operations,
  request: SendRequest,
  delivered: () => Promise<void>,
): Promise<ExitCode> {
  const sent = await operations.sendMessage(request);
  if (sent instanceof Failure) throw sent;
  const { message: { id }, repeated } = sent;
  const progress = startProgress(context, "sending");
  try {
    await delivered();
    const gone = ({ status }: MessageView) => status !== "waiting";
    let message = await follow(context, operations, id, gone, TAKEN_TIMEOUT_MS);
    if (parsed.flag("wait") && message.status === "sent") {
      progress.say("waiting for the carrier's report");
      const final = ({ status }: MessageView) => status !== "sent";
      message = await follow(context, operations, id, final, DELIVERED_TIMEOUT_MS);
    }
    progress.end();
    if (parsed.flag("json")) printJson(context, { message, repeated });
    else tell(context, message, repeated);
    return context.signal.aborted ? 130 : exitCodeOf(message);
  } finally {
    progress.end();
  }
}

async function send(context: Context, parsed: Parsed, request: SendRequest): Promise<ExitCode> {
  const { settings } = await effectiveSettings(context, parsed);
  if (parsed.flag("dry-run")) return dryRun(context, parsed, settings, request);
  const client = controlClient(controlSocketPath(settings.bridge.stateDir));
  if (await daemonAnswers(client)) {
    const operations = remoteOperations(client, context.signal);
    return await deliver(context, parsed, operations, request, () => Promise.resolve());
  }
  return await sendOffline(
    context,
    settings,
    (operations, delivered) => deliver(context, parsed, operations, request, delivered),
  );
}

function more(parsed: Parsed): Pick<SendRequest, "account" | "idempotencyKey"> {
  const account = parsed.text("account");
  const idempotencyKey = parsed.text("idempotency-key");
  return {
    ...(account === undefined ? {} : { account }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

const DETAILS =
  "Opt-outs, budgets and pacing hold as for every answer. The exit code is 0 when Twilio\n" +
  "has taken it, 6 when it may not go out, 1 when Twilio refused it, 7 when it still waits.";

/** `send NUMBER TEXT`. */
export const sendCommand: Command = {
  path: ["send"],
  group: "Messages",
  summary: "text a number",
  details: DETAILS,
  arguments: [
    { name: "NUMBER", meaning: "the number in E.164, as in +15551234567" },
    { name: "TEXT", meaning: "what to say; - reads standard input" },
  ],
  options: COMMON,
  examples: ['send +15551234567 "hello"', "send +15551234567 - --dry-run"],
  async run(context, parsed): Promise<ExitCode> {
    const text = await textGiven(context, parsed.argument("TEXT")!);
    return await send(context, parsed, { to: parsed.argument("NUMBER")!, text, ...more(parsed) });
  },
};

/** `message send`, word for word as with OpenClaw. */
export const messageSendCommand: Command = {
  path: ["message", "send"],
  group: "Messages",
  summary: "text a number, as `openclaw message send`",
  details: DETAILS,
  options: [
    {
      name: "channel",
      kind: "string",
      value: "CHANNEL",
      choices: ["sms"],
      meaning: "there is only sms",
    },
    { name: "target", kind: "string", value: "TARGET", meaning: "+…, sms:+… or twilio-sms:+…" },
    { name: "to-default", kind: "boolean", meaning: "send to channels.sms.defaultTo" },
    { name: "message", kind: "string", value: "TEXT", meaning: "what to say; - reads stdin" },
    ...COMMON,
  ],
  examples: ['message send --channel sms --target sms:+15551234567 --message "hello"'],
  async run(context, parsed): Promise<ExitCode> {
    const target = parsed.text("target");
    const message = parsed.text("message");
    if ((target === undefined) !== parsed.flag("to-default")) {
      throw failure(
        "usage",
        "target-missing",
        "Cannot send without one target",
        "give `--target sms:+15551234567`, or `--to-default`",
      );
    }
    if (message === undefined) {
      throw failure("usage", "message-missing", "Cannot send nothing", 'give `--message "hello"`');
    }
    const text = await textGiven(context, message);
    return await send(context, parsed, {
      ...(target === undefined ? {} : { to: target }),
      text,
      ...more(parsed),
    });
  },
};
