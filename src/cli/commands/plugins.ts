/**
 * `plugins install`: the first command of OpenClaw's SMS page, which has nothing to do here.
 *
 * @module
 */
import { type Command, JSON_OPTION } from "../command.ts";
import { printJson } from "../terminal/output.ts";

const NOTHING =
  "Nothing to install: sms-bridge takes the place of the plugin and runs beside the " +
  "Gateway.\nNext: `sms-bridge setup`, or `sms-bridge config patch --file sms.patch.json5`.\n";

/** The command `plugins install`. */
export const pluginsInstallCommand: Command = {
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
