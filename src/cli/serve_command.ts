/**
 * `serve`: runs the bridge until it is told to stop.
 *
 * @module
 */
import { loadSettings, type Problem } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { SchemaError, StoreError } from "../store/kv.ts";
import { type Failure, failure } from "../system/failure.ts";
import { createLog } from "../system/log.ts";
import { type Command, type ExitCode, type OptionSpec, STATE_DIR_OPTION } from "./command.ts";
import type { Context } from "./context.ts";
import { addressText, startDaemon } from "./daemon.ts";
import { homeOf } from "./operations_client.ts";

const LOG_FORMAT_OPTION: OptionSpec = {
  name: "log-format",
  kind: "string",
  choices: ["text", "json"],
  value: "FORMAT",
  meaning: "how events are written to stderr",
};

/** All problems of a configuration in one failure, each with its fix. */
export function configurationFailure(problems: readonly Problem[]): Failure {
  const lines = problems.map(({ name, problem, fix }) => `  ${name} ${problem}\n    → ${fix}`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return failure(
    "configuration",
    "configuration-invalid",
    `Cannot start: ${count} in the configuration\n${lines.join("\n")}`,
    "set these in the environment, then run the command again",
  );
}

/** The settings in force, from the command line and the environment. @throws {Failure} */
function settingsFor(
  context: Context,
  overrides: Readonly<Record<string, string | undefined>>,
): Settings {
  const env = (name: string) => overrides[name] ?? context.env(name);
  const loaded = loadSettings({ env, home: homeOf(context) });
  if (loaded.kind === "problems") throw configurationFailure(loaded.problems);
  return loaded.settings;
}

function startFailure(error: unknown): unknown {
  if (error instanceof SchemaError) {
    return failure("configuration", "store-too-new", error.message, "update sms-bridge");
  }
  if (error instanceof StoreError) {
    return failure(
      "failed",
      "store-unusable",
      error.message,
      "check the state directory and the disk",
    );
  }
  return error;
}

/** Resolves at the first signal to stop. */
async function untilStopped({ signal }: Context): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** The command `serve`. */
export const serveCommand: Command = {
  path: ["serve"],
  group: "Run",
  summary: "run the bridge",
  details: "Runs until SIGINT or SIGTERM, then lets what is under way end for up to 10 s.\n" +
    "A second signal ends it at once; nothing is lost either way.",
  options: [STATE_DIR_OPTION, LOG_FORMAT_OPTION],
  examples: ["serve", "serve --log-format json"],
  async run(context, parsed): Promise<ExitCode> {
    const settings = settingsFor(context, {
      SMS_BRIDGE_STATE_DIR: parsed.text("state-dir"),
      SMS_BRIDGE_LOG_FORMAT: parsed.text("log-format"),
    });
    const { logFormat: format, logLevel: level } = settings.bridge;
    const { clock, random } = context;
    const colour = context.colour && context.terminal.stderr;
    const log = createLog({ clock, format, level, colour, write: (line) => context.stderr(line) });
    for (const warning of settings.warnings) log.warn("settings.warning", { warning });
    const daemon = await startDaemon({ settings, clock, random, log }).catch((error) => {
      throw startFailure(error);
    });
    log.info("serve.listening", {
      address: addressText(daemon.address),
      admin: daemon.adminAddress === null ? undefined : addressText(daemon.adminAddress),
      paths: settings.accounts.map(({ webhookPath }) => webhookPath).join(" "),
    });
    await untilStopped(context);
    log.info("serve.stopping", daemon.bridge.pending());
    await daemon.stop();
    log.info("serve.stopped");
    return 0;
  },
};
