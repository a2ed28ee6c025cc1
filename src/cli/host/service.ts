/**
 * `service`: running by itself.
 *
 * @module
 */
import type { Loaded } from "../../config/load.ts";
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
import { configurationFailure, loadFor } from "../settings_source.ts";
import { confirm, type Context, homeOf, interrupted } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { shellVariables, withVariables } from "./env_file.ts";
import { runAll, runProgram } from "./run_program.ts";
import {
  isSystemUnit,
  SERVICE_USER,
  type ServiceFile,
  serviceFile,
  SYSTEM_OPTION,
  systemUser,
  USER_OPTION,
} from "./service_file.ts";
import { dirname } from "../../system/path.ts";

const WHICH = [SYSTEM_OPTION, USER_OPTION, CONFIG_OPTION, STATE_DIR_OPTION] as const;
const OPTIONS = [...WHICH, JSON_OPTION] as const;

/** With `--json` there is one object on one stream, and what other programs say is left out. */
function besides(context: Context, parsed: Parsed): Context {
  const nowhere = () => {};
  return parsed.flag("json") ? { ...context, stdout: nowhere, stderr: nowhere } : context;
}

function here(context: Context, parsed: Parsed): ServiceFile {
  return serviceFile(context, parsed, isSystemUnit(context, parsed));
}

/** Asks on a terminal; without one, and with `--yes`, what is asked for is done. */
async function wants(
  context: Context,
  parsed: Parsed,
  question: string,
  soFar?: string,
): Promise<boolean> {
  return parsed.flag("yes") || parsed.flag("json") || !context.terminal.stdin ||
    await confirm(context, question, true, soFar);
}

async function textOf(path: string): Promise<string | null> {
  return await Deno.readTextFile(path).catch(() => null);
}

/** Writes a file for its owner alone, in place of what was there. */
async function writePrivately(path: string, text: string, uid?: number, gid?: number) {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  await Deno.chmod(path, 0o600);
  if (uid !== undefined && gid !== undefined) await Deno.chown(path, uid, gid);
}

/** Refuses what could not run, before anything is written. @throws {Failure} */
async function checkFirst(context: Context, file: ServiceFile, loaded: Loaded): Promise<void> {
  if (loaded.settings === null) throw configurationFailure(loaded);
  const binary = await Deno.stat(file.program).catch(() => null);
  if (binary === null) {
    context.stderr(`warning: ${file.program} is not there yet: \`deno task compile\` makes it\n`);
  }
  if (!file.system) return;
  const { user = SERVICE_USER } = file;
  if (systemUser(context, user) === null && user !== SERVICE_USER) {
    throw failure(
      "not-found",
      "user-unknown",
      `Cannot run the service as ${user}: there is no such user on this machine`,
      `\`sudo useradd --system --create-home ${user}\` makes it, or leave --user out`,
    );
  }
  if (Deno.uid() !== 0) {
    throw failure(
      "failed",
      "not-root",
      "Cannot install a unit of the system without root",
      "`sudo sms-bridge service install --system`, or leave --system out",
    );
  }
}

/** Said where a service that runs was left at the last question. */
export const RUNS_ALL_THE_SAME = "the service is installed and runs, until you log out";

/** Keeps the services of a user running when they log out. */
async function linger(context: Context, parsed: Parsed): Promise<void> {
  const user = context.env("USER") ?? context.env("LOGNAME") ?? String(Deno.uid() ?? "");
  const stops = "Without lingering the service stops when you log out.";
  const question = `${stops} Turn it on for ${user}?`;
  if (!await wants(context, parsed, question, RUNS_ALL_THE_SAME)) {
    context.stderr(`${stops} This turns it on: loginctl enable-linger ${user}\n`);
    return;
  }
  const code = await runProgram(besides(context, parsed), ["loginctl", "enable-linger", user])
    .catch((error) => {
      if (error instanceof Failure) return 1;
      throw error;
    });
  if (code !== 0) {
    context.stderr(`${stops} This turns it on: sudo loginctl enable-linger ${user}\n`);
  }
}

/** What is put back when an install fails: each file as it was. */
async function keepFormer(paths: readonly string[]): Promise<() => Promise<void>> {
  const former = await Promise.all(paths.map(async (path) => [path, await textOf(path)] as const));
  return async () => {
    for (const [path, text] of former) {
      if (text !== null) await Deno.writeTextFile(path, text);
      else await Deno.remove(path).catch(() => {});
    }
  };
}

async function writeFiles(
  context: Context,
  parsed: Parsed,
  file: ServiceFile,
  loaded: Loaded,
): Promise<void> {
  const owner = file.user === undefined ? null : systemUser(context, file.user);
  const { environmentFile, configFile } = file;
  if (configFile !== undefined) {
    await writePrivately(
      configFile,
      await textOf(loaded.ownPath) ?? "{}\n",
      owner?.uid,
      owner?.gid,
    );
    context.stderr(`Wrote ${configFile}, a copy of ${loaded.ownPath} for ${file.user}\n`);
  }
  // Another user reads neither this shell's variables nor this user's Gateway's.
  const env = configFile === undefined ? context.env : loaded.env;
  const variables = shellVariables(env, parsed, loaded, homeOf(context));
  if (file.system) variables.delete("SMS_BRIDGE_STATE_DIR");
  if (configFile !== undefined) variables.delete("SMS_BRIDGE_CONFIG");
  if (environmentFile !== undefined && variables.size > 0) {
    const names = [...variables.keys()].join(", ");
    const question = `Only this shell has ${names}. Write them to ${environmentFile} (0600)?`;
    if (await wants(context, parsed, question)) {
      const before = await textOf(environmentFile) ?? "";
      await writePrivately(environmentFile, withVariables(before, variables));
      context.stderr(`Wrote ${names} to ${environmentFile}, for its owner alone\n`);
    }
  }
  await Deno.mkdir(dirname(file.path), { recursive: true });
  await Deno.writeTextFile(file.path, file.text);
  context.stderr(`Wrote ${file.path}\n`);
}

/** Why systemd could not be used, in words that help. */
function stepFailure(error: unknown, file: ServiceFile): unknown {
  if (!(error instanceof Failure)) return error;
  const hint = file.system
    ? "look at what it said above; `sms-bridge serve` runs the bridge without a service"
    : "a user's services need a login session with systemd: log in by ssh or on a terminal, not by " +
      "su; `sudo sms-bridge service install --system` needs none, and `sms-bridge serve` runs " +
      "without a service";
  return failure("failed", error.code, `${error.message}; what was written is undone`, hint);
}

/** `service install`. @throws {Failure} */
export async function installService(context: Context, parsed: Parsed): Promise<ExitCode> {
  const file = serviceFile(context, parsed, parsed.flag("system"));
  const loaded = await loadFor(context, parsed);
  await checkFirst(besides(context, parsed), file, loaded);
  const paths = [file.path, file.environmentFile, file.configFile].filter((one) =>
    one !== undefined
  );
  const putBack = await keepFormer(paths);
  const anew = await textOf(file.path) !== null;
  const madeUser = file.system && systemUser(context, file.user!) === null;
  try {
    if (madeUser) {
      await runAll(besides(context, parsed), [[
        "useradd",
        "--system",
        "--shell",
        "/usr/sbin/nologin",
        file.user!,
      ]]);
    }
    await writeFiles(besides(context, parsed), parsed, file, loaded);
    await runAll(besides(context, parsed), file.enable);
  } catch (error) {
    await putBack();
    if (madeUser && systemUser(context, file.user!) !== null) {
      await runAll(besides(context, parsed), [["userdel", file.user!]]).catch(() => {});
    }
    if (context.signal.aborted) throw interrupted("what was written for the service is undone");
    throw stepFailure(error, file);
  }
  if (!file.system && Deno.build.os === "linux") await linger(besides(context, parsed), parsed);
  if (parsed.flag("json")) printJson(context, { path: file.path, did: "install" });
  else {
    // systemd starts what does not run, and leaves what does as it is.
    const restart = anew ? "`sms-bridge service restart` takes up what changed; " : "";
    context.stdout(
      `The service runs. ${restart}\`sms-bridge doctor\` tells whether all is well.\n`,
    );
  }
  return 0;
}

const FOLLOW_OPTION: OptionSpec = {
  name: "follow",
  short: "f",
  kind: "boolean",
  meaning: "go on with what comes, until Ctrl-C",
};

function verb(name: "start" | "stop" | "restart", summary: string): Command {
  return {
    path: ["service", name],
    group: "Set up",
    summary,
    options: OPTIONS,
    examples: [`service ${name}`],
    async run(context, parsed): Promise<ExitCode> {
      const file = here(context, parsed);
      if (await textOf(file.path) === null) throw notInstalled(file);
      await runAll(besides(context, parsed), [file[name]]);
      if (parsed.flag("json")) printJson(context, { path: file.path, did: name });
      return 0;
    },
  };
}

function notInstalled({ path }: ServiceFile): Failure {
  return failure(
    "not-found",
    "service-absent",
    `There is no service: ${path} is not there`,
    "`sms-bridge service install` installs it",
  );
}

/** The commands of `service`. */
export const SERVICE_COMMANDS: readonly Command[] = [
  {
    path: ["service", "print"],
    group: "Set up",
    summary: "print the service file: systemd, or launchd on macOS",
    options: OPTIONS,
    examples: ["service print", "service print --system --user openclaw"],
    run(context, parsed): ExitCode {
      const { path, text } = serviceFile(context, parsed, parsed.flag("system"));
      if (parsed.flag("json")) printJson(context, { path, text });
      else context.stdout(text);
      return 0;
    },
  },
  {
    path: ["service", "install"],
    group: "Set up",
    summary: "write the service file; start it now and at boot",
    details:
      "Checks first whether the service could run. Variables that only this shell has go into a\n" +
      "file of its own (0600). A user's service goes on after logout (loginctl enable-linger).\n" +
      "Asks on a terminal. What a failed install has written is undone.",
    options: [
      ...OPTIONS,
      { name: "yes", short: "y", kind: "boolean", meaning: "do not ask" },
    ],
    examples: ["service install", "service install --system --user openclaw"],
    run: installService,
  },
  {
    path: ["service", "uninstall"],
    group: "Set up",
    summary: "stop the service and remove its file",
    options: OPTIONS,
    examples: ["service uninstall"],
    async run(context, parsed): Promise<ExitCode> {
      const file = here(context, parsed);
      const { path, disable } = file;
      if (await textOf(path) === null) throw notInstalled(file);
      await runAll(besides(context, parsed), disable);
      await Deno.remove(path).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
      if (parsed.flag("json")) printJson(context, { path, did: "uninstall" });
      else context.stdout(`Removed ${path}\n`);
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
      const file = here(context, parsed);
      const installed = await textOf(file.path);
      if (installed === null && !parsed.flag("json")) throw notInstalled(file);
      const code = await runProgram(besides(context, parsed), file.status);
      const differs = installed !== null && installed !== file.text;
      if (parsed.flag("json")) {
        const facts = { installed: installed !== null, differs, active: code === 0 };
        printJson(context, { path: file.path, ...facts });
      } else if (differs) {
        context.stderr(
          `${file.path} differs from what would be written today: \`sms-bridge service install\` ` +
            "writes it anew.\n",
        );
      }
      return code === 0 ? 0 : 1;
    },
  },
  verb("start", "start the service that is installed"),
  verb("stop", "stop the service until the next boot"),
  verb("restart", "restart the service"),
  {
    path: ["service", "logs"],
    group: "Set up",
    summary: "show what the service wrote",
    options: [...WHICH, FOLLOW_OPTION],
    examples: ["service logs", "service logs --follow"],
    async run(context, parsed): Promise<ExitCode> {
      const code = await runProgram(
        context,
        here(context, parsed).logs(parsed.flag("follow")),
        "inherit",
      );
      return context.signal.aborted ? 130 : code === 0 ? 0 : 1;
    },
  },
];
