/**
 * `status` and `capabilities`, also as OpenClaw spells them.
 *
 * @module
 */
import type { StatusView } from "../bridge/status.ts";
import { sleep } from "../system/clock.ts";
import { SMS_BODY_CHARS_MAX } from "../system/limits.ts";
import { type Check, printChecks } from "./checks.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "./command.ts";
import type { Context } from "./context.ts";
import { stateDirectory, withOperations } from "./operations_client.ts";
import { formatAge, formatDuration, paint, plural, printJson } from "./output.ts";
import { probe } from "./probe.ts";
import { reportUrl } from "./probe_twilio.ts";
import { startProgress } from "./progress.ts";
import { effectiveSettings } from "./settings_source.ts";

const WATCH_MS = 2_000;
const CHANNEL: OptionSpec = {
  name: "channel",
  kind: "string",
  value: "CHANNEL",
  choices: ["sms"],
  meaning: "there is only sms",
};

function ofLimit(spent: number, limit: number | null): string {
  return limit === null || limit === 0 ? String(spent) : `${spent} of ${limit}`;
}

function queue({ rows, oldestAgeMs }: StatusView["inbox"]): string {
  return oldestAgeMs === null ? "empty" : `${rows}, oldest ${formatDuration(oldestAgeMs)}`;
}

/** The status for people, at most 80 columns where it can be. */
export function renderStatus(context: Context, status: StatusView): string {
  const { bold, dim, green, red, yellow } = paint(context.colour);
  const now = context.clock.now();
  const state = !status.running
    ? red("not running")
    : status.ready
    ? green("ready")
    : yellow(`not ready: ${status.reasons.join(", ")}`);
  const since = status.startedAtMs === null
    ? ""
    : dim(` since ${formatAge(status.startedAtMs, now)}`);
  const line = (name: string, value: string) => `${name.padEnd(10)}${value}\n`;
  const { last } = status;
  let text = line("Bridge", `${state}${since} ${dim(`(${status.version})`)}`);
  text += line("Gateway", status.gateway.advice);
  text += line("Inbox", queue(status.inbox));
  text += line("Outbox", queue(status.outbox));
  text += line(
    "Last",
    `text ${formatAge(last.inboundAtMs, now)}, reply ${formatAge(last.outboundAtMs, now)}, ` +
      `report ${formatAge(last.deliveryAtMs, now)}`,
  );
  for (const one of status.accounts) {
    text += `\n${bold(`Account ${one.id}`)} ${dim(one.webhookPath ?? "")}\n`;
    text += line(
      "  People",
      `${one.allowedSenders} let in, ${one.pendingPairings} waiting, ${one.optedOutSenders} opted out, ` +
        `${one.limitedSenders} limited, ${one.pausedSenders} paused`,
    );
    text += line(
      "  Spent",
      `${ofLimit(one.segmentsLastDay, one.segmentsPerDayMax)} segments today, ` +
        `${ofLimit(one.segmentsLastHourMax, one.segmentsPerSenderHourMax)} to one sender this hour`,
    );
    if (one.signatureValidation === false) {
      text += line("  DANGER", red("signature validation is OFF"));
    }
  }
  if (status.deadLetters > 0) {
    text += `\n${plural(status.deadLetters, "dead letter")}, the newest:\n`;
    for (const { atMs, reason, detail } of status.troubles) {
      text += `  ${formatAge(atMs, now)}: ${reason}: ${detail}\n`;
    }
  }
  for (const warning of status.warnings) text += `${yellow("warning:")} ${warning}\n`;
  return text;
}

async function read(context: Context, parsed: Parsed): Promise<StatusView> {
  return await withOperations(
    context,
    stateDirectory(context, parsed),
    (operations) => operations.status({}),
  );
}

async function probed(context: Context, parsed: Parsed): Promise<Check[]> {
  const { settings } = await effectiveSettings(context, parsed);
  const progress = startProgress(context, "asking Twilio, the Gateway and the public URL");
  return await probe(context, settings).finally(() => progress.end());
}

async function watch(context: Context, parsed: Parsed): Promise<ExitCode> {
  while (!context.signal.aborted) {
    const text = renderStatus(context, await read(context, parsed));
    context.stdout(`${context.terminal.stdout ? "\x1b[H\x1b[2J" : ""}${text}`);
    await sleep(context.clock, WATCH_MS, context.signal);
  }
  return 130;
}

/** The command `status`. */
export const statusCommand: Command = {
  path: ["status"],
  aliases: [["channels", "status"]],
  group: "Find out",
  summary: "show how the bridge is, and with --probe everything it needs",
  details: "Ends with 1 when a probe found a problem, or the bridge does not run.",
  options: [
    { name: "probe", kind: "boolean", meaning: "ask Twilio, the Gateway and the public URL" },
    { name: "watch", kind: "boolean", meaning: "show it again every two seconds" },
    CHANNEL,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ["status --watch", "channels status --channel sms --probe --json"],
  async run(context, parsed): Promise<ExitCode> {
    if (parsed.flag("watch") && !parsed.flag("json")) return await watch(context, parsed);
    const status = await read(context, parsed);
    const checks = parsed.flag("probe") ? await probed(context, parsed) : null;
    if (parsed.flag("json")) {
      printJson(context, { ...status, ...(checks === null ? {} : { probe: checks }) });
    } else {
      context.stdout(renderStatus(context, status));
      if (checks !== null) {
        context.stdout("\n");
        printChecks(context, checks);
      }
    }
    const wrong = checks?.some(({ level }) => level === "problem") ?? false;
    return status.running && !wrong ? 0 : 1;
  },
};

/** The command `capabilities`. */
export const capabilitiesCommand: Command = {
  path: ["capabilities"],
  aliases: [["channels", "capabilities"]],
  group: "Find out",
  summary: "show what the channel can do",
  options: [CHANNEL, CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["capabilities", "channels capabilities --channel sms --json"],
  async run(context, parsed): Promise<ExitCode> {
    const { settings } = await effectiveSettings(context, parsed);
    const accounts = settings.accounts.map((account) => ({
      id: account.id,
      sender: account.fromNumber === undefined ? "messaging-service" : "number",
      textChunkLimit: account.textChunkLimit,
      dmPolicy: account.dmPolicy,
      deliveryReports: reportUrl(account) !== null,
      signatureValidation: !account.dangerouslyDisableSignatureValidation,
    }));
    const capabilities = {
      channel: "sms",
      chatTypes: ["direct"],
      inbound: { text: true, images: true, files: false },
      outbound: { text: true, media: false, charactersMax: SMS_BODY_CHARS_MAX },
      pairing: true,
      threads: false,
      reactions: false,
      accounts,
    };
    if (parsed.flag("json")) {
      printJson(context, capabilities);
      return 0;
    }
    context.stdout("Direct messages by SMS. Pictures are taken in; files are named, not taken.\n");
    for (const one of accounts) {
      context.stdout(
        `${one.id}: ${one.dmPolicy}, ${one.textChunkLimit} characters a message, ` +
          `${one.deliveryReports ? "delivery reports" : "no delivery reports"}\n`,
      );
    }
    return 0;
  },
};
