/**
 * `serve`: runs the bridge until it is told to stop.
 *
 * @module
 */
import type { Loaded } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import { addressText } from "../../server/listen.ts";
import { keepPrivate } from "../../store/private_folder.ts";
import { isShared } from "../../store/shared/place.ts";
import { connectionsWithin, descriptorLimit } from "../../system/descriptors.ts";
import { createLog, LOG_FORMATS } from "../../system/log.ts";
import { Failure } from "../../system/failure.ts";
import { createNotifier } from "../../system/notify.ts";
import { runtimeDoubt } from "../../system/runtime.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  type OptionSpec,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { type ConfinedDaemon, startConfined } from "../../daemon/confined.ts";
import { watchSettings } from "../../daemon/reload.ts";
import { untilAborted } from "../../system/clock.ts";
import { configurationFailure, loadFor } from "../settings_source.ts";

const LOG_FORMAT_OPTION: OptionSpec = {
  name: "log-format",
  kind: "string",
  choices: LOG_FORMATS,
  value: "FORMAT",
  meaning: "how events are written to stderr",
};

/**
 * Gives up what only starting needed: the service has its own permissions, and what is left here reads
 * settings, and runs programs only where secrets come from some.
 */
async function dropPermissions({ env }: Context, { values }: Loaded): Promise<void> {
  const asks = values.some(({ value }) =>
    (value as { source?: unknown } | null)?.source === "exec"
  );
  // systemd is told by a socket of ours.
  const notifies = env("NOTIFY_SOCKET") !== undefined;
  const kinds: readonly Deno.PermissionDescriptor["name"][] = [
    "import",
    "ffi",
    ...(asks ? [] : ["run"] as const),
    ...(notifies ? [] : ["net", "write"] as const),
  ];
  for (const name of kinds) await Deno.permissions.revoke({ name } as Deno.PermissionDescriptor);
}

/** A store that does not serve, as commands tell it. */
async function explained(error: unknown, { bridge }: Settings): Promise<unknown> {
  const isStore = error instanceof Failure && error.code === "store-unusable";
  if (!isStore || isShared(bridge)) return error;
  const { unusable } = await import("../store_operations.ts");
  return await unusable(error, bridge);
}

/** Resolves at the first signal to stop; rejects when the service has ended by itself. */
async function untilStopped({ signal }: Context, { crashed }: ConfinedDaemon): Promise<void> {
  await Promise.race([untilAborted(signal), crashed]);
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
    // Unlike others it may be given a state directory that it is to make.
    const loaded = await loadFor(context, parsed);
    const { settings } = loaded;
    if (settings === null) throw configurationFailure(loaded);
    const { logFormat: format, logLevel: level } = settings.bridge;
    const { clock } = context;
    const colour = context.colour && context.terminal.stderr;
    const log = createLog({ clock, format, level, colour, write: (line) => context.stderr(line) });
    for (const warning of settings.warnings) log.warn("settings.warning", { warning });
    const doubt = runtimeDoubt();
    if (doubt !== null) log.warn("serve.runtime-leaks", { reason: doubt });
    const asked = descriptorLimit().then(connectionsWithin);
    const daemon = await startConfined(settings, async () => {
      for (const path of await keepPrivate(settings.bridge.stateDir)) {
        log.warn("state.made-private", { path, was: "others on this machine could get at it" });
      }
      return { colour, connectionsMax: await asked };
    }).catch(async (error) => {
      throw await explained(error, settings);
    });
    const connectionsMax = await asked;
    await dropPermissions(context, loaded);
    const { signal } = context;
    const load = () => loadFor(context, parsed);
    // Before anybody is told that it runs: until then SIGHUP would end it.
    const watching = watchSettings({
      load,
      apply: daemon.reload,
      standing: daemon.standing,
      clock,
      log,
      signal,
    }, loaded);
    log.info("serve.listening", {
      address: addressText(daemon.address),
      admin: daemon.adminAddress === null ? undefined : addressText(daemon.adminAddress),
      connectionsMax,
      paths: settings.accounts.map(({ webhookPath }) => webhookPath).join(" "),
    });
    const notifier = createNotifier({ env: context.env, clock });
    await notifier.ready(`listening on ${addressText(daemon.address)}`);
    notifier.watch(
      async () => {
        const { storeWorks, hears } = await daemon.look();
        return storeWorks && hears;
      },
      signal,
    );
    await untilStopped(context, daemon);
    await watching;
    log.info("serve.stopping", (await daemon.look()).pending);
    await notifier.stopping();
    await daemon.stop();
    notifier.close();
    log.info("serve.stopped");
    return 0;
  },
};
