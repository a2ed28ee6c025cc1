/**
 * `service` and `funnel`: running by itself, and being reached.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { funnelCommand } from "../../checks/public_route.ts";
import { Failure, failure } from "../../system/failure.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { type Context, homeOf } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { LAUNCHD_LABEL, launchdPlist, systemdUnit, UNIT_NAME } from "../../daemon/service_unit.ts";
import { effectiveSettings } from "../settings_source.ts";

const SYSTEM_OPTION: OptionSpec = {
  name: "system",
  kind: "boolean",
  meaning: "a unit of the system, not of this user (needs root to install)",
};
const USER_OPTION: OptionSpec = {
  name: "user",
  kind: "string",
  value: "NAME",
  meaning: "the user that a system unit runs as (sms-bridge)",
};

/** A service file with the place where it belongs. */
interface ServiceFile {
  readonly path: string;
  readonly text: string;
  /** What makes it known, and what begins it. */
  readonly enable: readonly (readonly string[])[];
  readonly disable: readonly (readonly string[])[];
  readonly status: readonly string[];
}

/** The executable that the service is to run. @throws {Failure} When this is not a compiled program. */
function programPath(): string {
  const path = Deno.execPath();
  if (!/deno(\.exe)?$/.test(path)) return path;
  return join(dirname(new URL(import.meta.url).pathname), "../../dist/sms-bridge");
}

function serviceFile(context: Context, parsed: Parsed): ServiceFile {
  const home = homeOf(context);
  const program = programPath();
  if (Deno.build.os === "darwin") {
    const path = `${home}/Library/LaunchAgents/${LAUNCHD_LABEL}.plist`;
    const domain = `gui/${Deno.uid()}`;
    return {
      path,
      text: launchdPlist(program, `${home}/Library/Logs/sms-bridge.log`),
      enable: [["launchctl", "bootstrap", domain, path]],
      disable: [["launchctl", "bootout", `${domain}/${LAUNCHD_LABEL}`]],
      status: ["launchctl", "print", `${domain}/${LAUNCHD_LABEL}`],
    };
  }
  const system = parsed.flag("system");
  const ctl = system ? ["systemctl"] : ["systemctl", "--user"];
  const config = context.env("XDG_CONFIG_HOME") ?? `${home}/.config`;
  return {
    path: system ? `/etc/systemd/system/${UNIT_NAME}` : `${config}/systemd/user/${UNIT_NAME}`,
    text: systemdUnit({
      program,
      scope: system ? "system" : "user",
      user: parsed.text("user") ?? "sms-bridge",
      environmentFile: system ? "/etc/sms-bridge/env" : "%h/.openclaw/sms-bridge/env",
    }),
    enable: [[...ctl, "daemon-reload"], [...ctl, "enable", "--now", UNIT_NAME]],
    disable: [[...ctl, "disable", "--now", UNIT_NAME]],
    status: [...ctl, "--no-pager", "status", UNIT_NAME],
  };
}

/** Runs a command of the system and passes its output on. @throws {Failure} When it is not there. */
async function run(context: Context, words: readonly string[]): Promise<number> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(words[0]!, {
      args: words.slice(1),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decoder = new TextDecoder();
    context.stdout(decoder.decode(stdout));
    context.stderr(decoder.decode(stderr));
    return code;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw failure(
      "not-found",
      "program-missing",
      `There is no ${words[0]} on this machine`,
      "install it, or run the step by hand",
    );
  }
}

async function runAll(context: Context, steps: ServiceFile["enable"]): Promise<void> {
  for (const words of steps) {
    context.stderr(`$ ${words.join(" ")}\n`);
    const code = await run(context, words);
    if (code !== 0) {
      throw failure(
        "failed",
        "step-failed",
        `\`${words.join(" ")}\` ended with ${code}`,
        "see what it said above",
      );
    }
  }
}

const OPTIONS = [SYSTEM_OPTION, USER_OPTION] as const;

/** The commands of `service`. */
export const SERVICE_COMMANDS: readonly Command[] = [
  {
    path: ["service", "print"],
    group: "Set up",
    summary: "print the service file: systemd, or launchd on macOS",
    options: [...OPTIONS, JSON_OPTION],
    examples: ["service print", "service print --system --user openclaw"],
    run(context, parsed): ExitCode {
      const { path, text } = serviceFile(context, parsed);
      if (parsed.flag("json")) printJson(context, { path, text });
      else context.stdout(text);
      return 0;
    },
  },
  {
    path: ["service", "install"],
    group: "Set up",
    summary: "write the service file; start it now and at boot",
    options: OPTIONS,
    examples: ["service install"],
    async run(context, parsed): Promise<ExitCode> {
      const { path, text, enable } = serviceFile(context, parsed);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text);
      context.stderr(`Wrote ${path}\n`);
      await runAll(context, enable);
      context.stdout("The service runs. `sms-bridge doctor` tells whether all is well.\n");
      return 0;
    },
  },
  {
    path: ["service", "uninstall"],
    group: "Set up",
    summary: "stop the service and remove its file",
    options: OPTIONS,
    examples: ["service uninstall"],
    async run(context, parsed): Promise<ExitCode> {
      const { path, disable } = serviceFile(context, parsed);
      await runAll(context, disable);
      await Deno.remove(path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
      context.stdout(`Removed ${path}\n`);
      return 0;
    },
  },
  {
    path: ["service", "status"],
    group: "Set up",
    summary: "show the state of the service",
    options: OPTIONS,
    examples: ["service status"],
    async run(context, parsed): Promise<ExitCode> {
      const code = await run(context, serviceFile(context, parsed).status);
      return code === 0 ? 0 : 1;
    },
  },
];

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
      const code = await run(context, ["tailscale", "funnel", "status"]).catch((error) => {
        if (error instanceof Failure) throw error;
        return 1;
      });
      return code === 0 ? 0 : 1;
    },
  },
];
