/**
 * Commands of OpenClaw's documentation that mean one of ours, or nothing here: `plugins install`,
 * `channels add`.
 *
 * @module
 */
import { setupCommand } from "../setup/command.ts";
import { CHANNEL_OPTION, type Command, JSON_OPTION } from "../command.ts";
import { printJson } from "../terminal/output.ts";

const NOTHING =
  "Nothing to install: sms-bridge takes the place of the plugin and runs beside the " +
  "Gateway.\nNext: `sms-bridge setup`, or `sms-bridge config patch --file sms.patch.json5`.\n";

const pluginsInstallCommand: Command = {
  path: ["plugins", "install"],
  group: "Other",
  summary: "as on OpenClaw's SMS page; there is nothing to install",
  arguments: [{
    name: "PLUGIN",
    choices: ["@openclaw/sms", "sms"],
    meaning: "the plugin that the bridge replaces",
  }],
  options: [JSON_OPTION],
  examples: ["plugins install @openclaw/sms"],
  run(context, parsed) {
    if (parsed.flag("json")) printJson(context, { installed: false, needed: false });
    else context.stdout(NOTHING);
    return 0;
  },
};

const channelsAddCommand: Command = {
  ...setupCommand,
  path: ["channels", "add"],
  summary: "set SMS up, as `openclaw channels add`; the same as setup",
  arguments: [{
    name: "CHANNEL",
    optional: true,
    choices: ["sms"],
    meaning: "as with openclaw; there is only sms",
  }],
  options: [CHANNEL_OPTION, ...(setupCommand.options ?? [])],
  examples: ["channels add --channel sms"],
};

/** Commands in OpenClaw's words that have no other place. */
export const AS_OPENCLAW_COMMANDS: readonly Command[] = [
  channelsAddCommand,
  pluginsInstallCommand,
];
