/**
 * `status`: how the bridge is, at a glance.
 *
 * @module
 */
import { allWell, type Check } from "../../checks/check.ts";
import type { Operations } from "../../operations/operations.ts";
import type { Status } from "../../operations/status.ts";
import { Failure } from "../../system/failure.ts";
import { sleep } from "../../system/clock.ts";
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
import { renderChecks } from "../terminal/checks.ts";
import { accountGiven, hasStore, stateDirectory, withOperations } from "../operations_client.ts";
import { jsonText, paint, printJson } from "../terminal/output.ts";
import { startProgress } from "../terminal/progress.ts";
import { renderStatus } from "../terminal/status.ts";

const PROBE_OPTION: OptionSpec = {
  name: "probe",
  kind: "boolean",
  meaning: "ask Twilio, the Gateway and the public URL whether they fit",
};
const WATCH_OPTION: OptionSpec = {
  name: "watch",
  short: "w",
  kind: "boolean",
  meaning: "refresh every two seconds, until Ctrl-C",
};
const WATCH_INTERVAL_MS = 2_000;
/** Home; then each line erases what was right of it, and the last what was below. */
const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";
const CLEAR_ALL = "\x1b[2J";

/** The status, with the results of the probe if one was asked for. */
interface Answer extends Status {
  readonly probe?: { readonly ok: boolean; readonly checks: readonly Check[] };
}

async function ask(context: Context, parsed: Parsed): Promise<Answer> {
  const account = accountGiven(parsed);
  const question = async (operations: Operations): Promise<Answer | Failure> => {
    const status = await operations.ask("status", account);
    if (status instanceof Failure || !parsed.flag("probe")) return status;
    const probed = await operations.ask("probe", account);
    if (probed instanceof Failure) return probed;
    const { checks } = probed;
    return { ...status, probe: { ok: allWell(checks), checks } };
  };
  return await withOperations(context, parsed, question);
}

function drawn(context: Context, { probe, ...status }: Answer, rows?: number): string {
  const options = { paint: paint(context.colour), columns: context.columns, rows };
  const text = renderStatus(status, options);
  return probe === undefined ? text : `${text}\n${renderChecks(probe.checks, options)}`;
}

/** Draws over what was drawn before, without flicker; one after the other where there is no terminal. */
async function watch(context: Context, parsed: Parsed): Promise<ExitCode> {
  const { terminal, signal, clock } = context;
  if (terminal.stdout && !parsed.flag("json")) context.stdout(CLEAR_ALL);
  while (!signal.aborted) {
    const status = await ask(context, parsed);
    if (parsed.flag("json")) context.stdout(`${jsonText(status)}\n`);
    else if (!terminal.stdout) context.stdout(`${drawn(context, status)}\n`);
    else {
      const text = drawn(context, status, context.rows && context.rows - 3).replaceAll(
        "\n",
        `${CLEAR_LINE}\n`,
      );
      const hint = paint(context.colour).dim("Shown anew every 2 s; Ctrl-C ends it.");
      context.stdout(`${HOME}${text}${CLEAR_LINE}\n${hint}${CLEAR_LINE}\n${CLEAR_BELOW}`);
    }
    await sleep(clock, WATCH_INTERVAL_MS, signal);
  }
  return signal.reason === "EPIPE" ? 0 : 130;
}

/** The command `status`. */
export const statusCommand: Command = {
  path: ["status"],
  aliases: [["channels", "status"]],
  group: "Find out",
  summary: "show how the bridge is: link, queues, people, errors",
  details: "Without a running bridge it shows what the store knows, and says so.\n" +
    "--probe changes nothing and sends no SMS. Exits with 1 when the bridge does not\n" +
    "run, the Gateway refuses it, or the probe found a problem.",
  options: [
    PROBE_OPTION,
    ACCOUNT_OPTION,
    CHANNEL_OPTION,
    WATCH_OPTION,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    "status",
    "status --watch",
    "status --probe",
    "channels status --channel sms --probe --json",
  ],
  async run(context, parsed): Promise<ExitCode> {
    if (parsed.flag("watch")) return await watch(context, parsed);
    const progress = parsed.flag("probe") ? startProgress(context, "asking Twilio") : null;
    const status = await ask(context, parsed).finally(() => progress?.end());
    if (!status.running && !hasStore(context, stateDirectory(context, parsed))) {
      const { configurationFailure, loadFor } = await import("../settings_source.ts");
      const loaded = await loadFor(context, parsed);
      if (loaded.untouched) throw configurationFailure(loaded);
    }
    if (parsed.flag("json")) printJson(context, status);
    else {
      context.stdout(drawn(context, status));
      const { newerVersionWord } = await import("../host/release.ts");
      const word = await newerVersionWord(context, parsed);
      if (word !== null) context.stderr(`hint: ${word}\n`);
    }
    const refused = status.gateway.state === "refused";
    return status.running && !refused && status.probe?.ok !== false ? 0 : 1;
  },
};
