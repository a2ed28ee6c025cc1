/**
 * `serve`: runs the bridge until it is told to stop.
 *
 * @module
 */
import type { Loaded } from "../config/load.ts";
import { SchemaError, StoreError } from "../store/kv.ts";
import { failure } from "../system/failure.ts";
import { createLog } from "../system/log.ts";
import { createNotifier } from "../system/notify.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  type OptionSpec,
  STATE_DIR_OPTION,
} from "./command.ts";
import type { Context } from "./context.ts";
import { addressText, startDaemon } from "./daemon.ts";
import { watchSettings } from "./reload.ts";
import { effectiveSettings, loadFor } from "./settings_source.ts";

const LOG_FORMAT_OPTION: OptionSpec = {
  name: "log-format",
  kind: "string",
  choices: ["text", "json"],
  value: "FORMAT",
  meaning: "how events are written to stderr",
};

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

/** Gives up loading code, and running programs, which only secrets of the source `exec` need. */
async function dropPermissions({ values }: Loaded): Promise<void> {
  await Deno.permissions.revoke({ name: "import" });
  const asks = values.some(({ value }) =>
    (value as { source?: unknown } | null)?.source === "exec"
  );
  if (!asks) await Deno.permissions.revoke({ name: "run" });
}

/** Resolves at the first signal to stop. */
async function untilStopped({ signal }: Context): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

/** The command `serve`. */
export const serveCommand: Command = {
  path: ["serve"],
  aliases: [["gateway"]],
  group: "Run",
  summary: "run the bridge",
  details: "Runs until SIGINT or SIGTERM, then lets what is under way end for up to 10 s.\n" +
    "A second signal ends it at once; nothing is lost either way.",
  options: [CONFIG_OPTION, STATE_DIR_OPTION, LOG_FORMAT_OPTION],
  examples: ["serve", "serve --log-format json"],
  async run(context, parsed): Promise<ExitCode> {
    const loaded = await effectiveSettings(context, parsed);
    const { settings } = loaded;
    await dropPermissions(loaded);
    const { logFormat: format, logLevel: level } = settings.bridge;
    const { clock, random } = context;
    const colour = context.colour && context.terminal.stderr;
    const log = createLog({ clock, format, level, colour, write: (line) => context.stderr(line) });
    for (const warning of settings.warnings) log.warn("settings.warning", { warning });
    const daemon = await startDaemon({ settings, clock, random, log }).catch((error) => {
      throw startFailure(error);
    });
    const { signal } = context;
    const load = () => loadFor(context, parsed);
    // Before anybody is told that it runs: until then SIGHUP would end it.
    const watching = watchSettings({ load, apply: daemon.reload, clock, log, signal }, loaded);
    log.info("serve.listening", {
      address: addressText(daemon.address),
      admin: daemon.adminAddress === null ? undefined : addressText(daemon.adminAddress),
      paths: settings.accounts.map(({ webhookPath }) => webhookPath).join(" "),
    });
    const notifier = createNotifier({ env: context.env, clock });
    await notifier.ready(`listening on ${addressText(daemon.address)}`);
    notifier.watch(
      async () => !(await daemon.bridge.readiness()).reasons.includes("store-refuses"),
      signal,
    );
    await untilStopped(context);
    await watching;
    log.info("serve.stopping", daemon.bridge.pending());
    await notifier.stopping();
    await daemon.stop();
    notifier.close();
    log.info("serve.stopped");
    return 0;
  },
};
