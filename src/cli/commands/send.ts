/**
 * `message send` as OpenClaw spells it, and `send` for short.
 *
 * @module
 */
import type { Operations } from "../../operations/operations.ts";
import type { Settings } from "../../config/settings.ts";
import type { SendRequest } from "../../outbound/send.ts";
import { openSpool } from "../../store/spool.ts";
import { Failure, failure } from "../../system/failure.ts";
import { CONTROL_BODY_BYTES_MAX } from "../../system/limits.ts";
import {
  ACCOUNT_OPTION,
  CHANNEL_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { accountMeant } from "../account.ts";
import { exitCodeOf, followMessage, tellMessage } from "../follow_message.ts";
import { runningOperations, stateDirectory } from "../operations_client.ts";
import { printJson } from "../terminal/output.ts";
import { startProgress } from "../terminal/progress.ts";
import { effectiveSettings } from "../settings_source.ts";
import { type GivenFile, isLocal, keepFiles, plannedNames, readFiles } from "../send_files.ts";

/** A longer text is refused; with all its characters escaped it still fits the control socket. */
const INPUT_BYTES_MAX = CONTROL_BODY_BYTES_MAX / 4;
/** How long Twilio's acceptance is waited for, and the carrier's report with `--wait`. */
const TAKEN_TIMEOUT_S = 30;
const DELIVERED_TIMEOUT_S = 120;

const COMMON: readonly OptionSpec[] = [
  ACCOUNT_OPTION,
  { name: "dry-run", kind: "boolean", meaning: "show what would be sent, send nothing" },
  { name: "wait", kind: "boolean", meaning: "wait until a carrier reports it delivered" },
  {
    name: "timeout",
    kind: "number",
    value: "SECONDS",
    meaning: `how long to wait (${TAKEN_TIMEOUT_S}; with --wait ${DELIVERED_TIMEOUT_S})`,
  },
  {
    name: "media",
    kind: "string",
    value: "FILE",
    repeat: true,
    meaning: "a file to send with it: a path, or a URL that Twilio fetches: https://…",
  },
  {
    name: "price",
    kind: "number",
    value: "PRICE",
    meaning: "price of one segment, for --dry-run; as last billed when left out",
  },
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
  throw failure(
    "usage",
    "text-too-long",
    `Cannot send so long a text: it has more than ${INPUT_BYTES_MAX} bytes`,
    "shorten it",
  );
}

/** Sends, follows the message and tells what became of it. */
async function deliver(
  context: Context,
  parsed: Parsed,
  operations: Operations,
  request: SendRequest,
): Promise<ExitCode> {
  const wait = parsed.flag("wait");
  const seconds = parsed.number("timeout") ?? (wait ? DELIVERED_TIMEOUT_S : TAKEN_TIMEOUT_S);
  const progress = startProgress(context, "sending");
  try {
    const sent = await operations.ask("sendMessage", request);
    if (sent instanceof Failure) throw sent;
    if (wait) progress.say("sending, then waiting for the carrier's report");
    const message = await followMessage(context, operations, sent.message, {
      wait,
      timeoutMs: seconds * 1_000,
    });
    progress.end();
    if (parsed.flag("json")) printJson(context, { message, repeated: sent.repeated });
    else tellMessage(context, message, { repeated: sent.repeated, wait });
    if (context.signal.aborted) {
      context.stderr("Interrupted: the waiting ended, not the message. Do not send it again.\n");
    }
    return context.signal.aborted ? 130 : exitCodeOf(message, wait);
  } finally {
    progress.end();
  }
}

/** What goes with a request, read as far as it lies on this machine. @throws {Failure} */
async function filesOf(settings: Settings, request: SendRequest): Promise<GivenFile[]> {
  const { mediaUrls = [], ...bare } = request;
  if (!mediaUrls.some(isLocal)) return [...mediaUrls];
  // Whom it goes to and who sends it is the same with files and without.
  const text = bare.text.trim() === "" ? "x" : bare.text;
  const { planMessage } = await import("../../outbound/send.ts");
  const planned = planMessage({ settings: () => settings }, { ...bare, text });
  if (planned instanceof Failure) throw planned;
  return await readFiles(mediaUrls, planned.account, planned.to);
}

async function send(context: Context, parsed: Parsed, given: SendRequest): Promise<ExitCode> {
  const { settings: loaded } = await effectiveSettings(context, parsed);
  const stateDir = stateDirectory(context, parsed);
  const settings = { ...loaded, bridge: { ...loaded.bridge, stateDir } };
  const account = await accountMeant(context, parsed, settings.accountChoice);
  const request = { ...given, account };
  const files = await filesOf(settings, request);
  if (parsed.flag("dry-run")) {
    const { dryRun } = await import("../dry_run.ts");
    return await dryRun(context, parsed, settings, { ...request, mediaUrls: plannedNames(files) });
  }
  const running = await runningOperations(context, stateDir);
  if (running instanceof Failure) throw running;
  if (running !== null) {
    const mediaUrls = await keepFiles(files, openSpool(stateDir, context.random));
    return await deliver(context, parsed, running, { ...request, mediaUrls });
  }
  if (files.some((file) => typeof file !== "string")) {
    throw failure(
      "unreachable",
      "bridge-not-running",
      "Cannot send a file of this machine as no bridge runs from which Twilio could fetch it",
      "start it with `sms-bridge serve`",
    );
  }
  const { sendOffline } = await import("../offline.ts");
  return await sendOffline(
    context,
    settings,
    (operations) => deliver(context, parsed, operations, request),
  );
}

function more(parsed: Parsed): Pick<SendRequest, "idempotencyKey" | "mediaUrls"> {
  const mediaUrls = parsed.texts("media");
  const idempotencyKey = parsed.text("idempotency-key");
  return {
    ...(mediaUrls.length === 0 ? {} : { mediaUrls }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

const DETAILS =
  "Opt-outs, budgets and pacing hold as for every answer. The exit code is 0 when Twilio\n" +
  "has taken it, 6 when it may not go out, 1 when Twilio refused it or no phone got it: nothing is\n" +
  "kept. 4 when the credentials are refused, 7 when nobody knows yet: it stays in the outbox.";

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
    CHANNEL_OPTION,
    {
      name: "target",
      short: "t",
      kind: "string",
      value: "TARGET",
      meaning: "+…, sms:+… or twilio-sms:+…",
    },
    { name: "to-default", kind: "boolean", meaning: "send to channels.sms.defaultTo" },
    {
      name: "message",
      short: "m",
      kind: "string",
      value: "TEXT",
      meaning: "what to say; - reads standard input",
    },
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
    const media = parsed.texts("media");
    if (message === undefined && media.length === 0) {
      throw failure("usage", "message-missing", "Cannot send nothing", 'give `--message "hello"`');
    }
    const text = await textGiven(context, message ?? "");
    return await send(context, parsed, {
      ...(target === undefined ? {} : { to: target }),
      text,
      ...more(parsed),
    });
  },
};
