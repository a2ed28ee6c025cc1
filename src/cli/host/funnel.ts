/**
 * `funnel`: being reached by Tailscale Funnel.
 *
 * @module
 */
import { funnelCommand } from "../../checks/public_route.ts";
import { Failure } from "../../system/failure.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { effectiveSettings } from "../settings_source.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { runAll, runProgram } from "./run_program.ts";

interface Mapping {
  readonly account: string;
  readonly words: readonly string[];
}

/** What publishes each account's path, and nothing else of the bridge. */
async function mappings(context: Context, parsed: Parsed): Promise<readonly Mapping[]> {
  const { settings: { accounts, bridge } } = await effectiveSettings(context, parsed);
  return accounts.map((account) => ({
    account: account.id,
    words: funnelCommand(account, bridge.listen).split(" "),
  }));
}

/** The commands of `funnel`. Only `enable` and `status` call `tailscale`. */
export const FUNNEL_COMMANDS: readonly Command[] = [
  {
    path: ["funnel", "print"],
    group: "Set up",
    summary: "print the commands for Tailscale Funnel",
    options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
    examples: ["funnel print"],
    async run(context, parsed): Promise<ExitCode> {
      const list = await mappings(context, parsed);
      if (parsed.flag("json")) {
        printJson(context, {
          commands: list.map(({ account, words }) => ({ account, command: words.join(" ") })),
        });
      } else for (const { words } of list) context.stdout(`${words.join(" ")}\n`);
      return 0;
    },
  },
  {
    path: ["funnel", "enable"],
    group: "Set up",
    summary: "publish the webhook by Tailscale Funnel",
    options: [CONFIG_OPTION, STATE_DIR_OPTION],
    examples: ["funnel enable"],
    async run(context, parsed): Promise<ExitCode> {
      await runAll(context, (await mappings(context, parsed)).map(({ words }) => words));
      context.stdout("Published. `sms-bridge doctor` tells whether Twilio can come in.\n");
      return 0;
    },
  },
  {
    path: ["funnel", "status"],
    group: "Set up",
    summary: "show what Tailscale Funnel publishes",
    examples: ["funnel status"],
    async run(context): Promise<ExitCode> {
      const code = await runProgram(context, ["tailscale", "funnel", "status"]).catch((error) => {
        if (error instanceof Failure) throw error;
        return 1;
      });
      return code === 0 ? 0 : 1;
    },
  },
];
