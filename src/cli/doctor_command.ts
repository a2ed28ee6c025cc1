/**
 * `doctor`: finds what is wrong and says how to mend it.
 *
 * @module
 */
import type { Loaded } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { controlClient } from "../server/control_client.ts";
import { STORE_FILE } from "../store/kv.ts";
import { Failure } from "../system/failure.ts";
import { type Check, ok, printChecks, problem, warning } from "./checks.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "./command.ts";
import type { Context } from "./context.ts";
import { controlSocketPath } from "./operations_client.ts";
import { plural, printJson } from "./output.ts";
import { probe } from "./probe.ts";
import { startProgress } from "./progress.ts";
import { loadFor } from "./settings_source.ts";

const SKEW_MS_MAX = 60_000;
const FREE_BYTES_MIN = 100e6;

function checkConfig({ problems, settings, ownPath }: Loaded): Check[] {
  if (problems.length === 0) {
    return [
      ok("config", "the configuration is right"),
      ...settings!.warnings.map((text) =>
        warning("config", text, "`sms-bridge config show` tells where each value comes from")
      ),
    ];
  }
  return problems.map(({ name, problem: what, fix, where }) =>
    problem(
      "config",
      `${name} ${what}`,
      `${fix}${where === undefined ? ` (${ownPath})` : ` (${where})`}`,
    )
  );
}

function mode(path: string): number | null {
  try {
    return Deno.statSync(path).mode;
  } catch {
    return null;
  }
}

function checkFiles({ bridge: { stateDir } }: Settings): Check[] {
  const folder = mode(stateDir);
  if (folder === null) {
    return [warning("state", `there is no ${stateDir} yet`, "`sms-bridge serve` makes it")];
  }
  const checks: Check[] = [];
  const wrong = (path: string, bits: number | null, right: string) => {
    if (bits !== null && (bits & 0o077) !== 0) {
      checks.push(problem("state", `${path} can be read by others`, `chmod ${right} ${path}`));
    }
  };
  wrong(stateDir, folder, "700");
  const store = `${stateDir}/${STORE_FILE}`;
  wrong(store, mode(store), "600");
  return checks.length > 0 ? checks : [ok("state", `${stateDir} is private`)];
}

async function checkDisk({ bridge: { stateDir } }: Settings): Promise<Check[]> {
  try {
    const { statfs } = await import("node:fs/promises");
    const { bavail, bsize } = await statfs(stateDir);
    const free = Number(bavail) * Number(bsize);
    const text = `${(free / 1e9).toFixed(1)} GB are free for the store`;
    return [
      free >= FREE_BYTES_MIN
        ? ok("disk", text)
        : problem("disk", text, "make room: without it texts are refused with 503"),
    ];
  } catch {
    return [];
  }
}

async function checkDaemon({ bridge: { stateDir } }: Settings): Promise<Check> {
  const reply = await controlClient(controlSocketPath(stateDir)).request("GET", "/v1/ping");
  if (reply.kind === "answer") return ok("daemon", "the bridge runs");
  if (reply.kind === "absent") {
    return problem("daemon", "the bridge does not run", "start it: `sms-bridge serve`");
  }
  return problem("daemon", reply.error.message, reply.error.hint);
}

/** Compares our clock with Twilio's: catch-up and look-ups go by time. */
async function checkClock(context: Context, { bridge, accounts }: Settings): Promise<Check[]> {
  if (accounts.length === 0) return [];
  const url = bridge.twilioApiUrl ?? "https://api.twilio.com";
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(4_000), redirect: "manual" });
    await response.body?.cancel();
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const skewMs = Math.abs(context.clock.now() - theirs);
    if (Number.isNaN(skewMs)) return [];
    const text = `the clock differs from Twilio's by ${Math.round(skewMs / 1_000)} s`;
    return [
      skewMs <= SKEW_MS_MAX
        ? ok("clock", "the clock is right")
        : problem("clock", text, "let the system keep its time: `timedatectl set-ntp true`"),
    ];
  } catch {
    return [];
  }
}

/** All checks; those about the outside only when the configuration is right. */
export async function examine(context: Context, loaded: Loaded): Promise<Check[]> {
  const checks = checkConfig(loaded);
  const { settings } = loaded;
  if (settings === null) return checks;
  const parts = await Promise.all([
    Promise.resolve(checkFiles(settings)),
    checkDisk(settings),
    checkDaemon(settings).then((check) => [check]),
    checkClock(context, settings),
    probe(context, settings),
  ]);
  return [...checks, ...parts.flat()];
}

/** The command `doctor`. */
export const doctorCommand: Command = {
  path: ["doctor"],
  group: "Find out",
  summary: "find what is wrong, and how to mend it",
  details:
    "Looks at the configuration, the files, the Gateway, Twilio and the public URL. Ends with 0\n" +
    "when there is no problem, else with 1.",
  options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["doctor", "doctor --json"],
  async run(context, parsed): Promise<ExitCode> {
    const progress = startProgress(context, "looking at everything");
    let checks: Check[];
    try {
      checks = await examine(context, await loadFor(context, parsed));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      checks = [problem(error.code, error.message, error.hint)];
    } finally {
      progress.end();
    }
    const problems = checks.filter(({ level }) => level === "problem").length;
    if (parsed.flag("json")) printJson(context, { ok: problems === 0, checks });
    else {
      printChecks(context, checks);
      context.stdout(
        problems === 0 ? "\nNo problems.\n" : `\n${plural(problems, "problem")} to mend.\n`,
      );
    }
    return problems === 0 ? 0 : 1;
  },
};
