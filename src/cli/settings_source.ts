/**
 * The settings of a command: from its flags, the environment and the files.
 *
 * @module
 */
import { EditError } from "../config/json5/edit.ts";
import { type Loaded, loadSettings } from "../config/load.ts";
import { stateDirOf } from "../config/sources.ts";
import type { LoadOptions } from "../config/read_values.ts";
import type { Problem } from "../config/problem.ts";
import type { Settings } from "../config/settings.ts";
import { type Failure, failure } from "../system/failure.ts";
import { printable } from "../system/redact.ts";
import type { Parsed } from "./command.ts";
import { stateDirAbsent } from "./state_trouble.ts";
import { type Context, homeOf } from "./terminal/context.ts";

/** Problems as lines: what is wrong, where, and what mends it. */
export function problemLines(problems: readonly Problem[]): string {
  return problems.map(({ name, problem, fix, where }) => {
    const place = where === undefined ? "" : ` (${where})`;
    const [what, help] = [`${printable(name, 200)} ${problem}`, fix].map((text) =>
      printable(text, 500)
    );
    return `  ${what}${printable(place)}\n    → ${help}`;
  }).join("\n");
}

/** What every command says where nothing is configured. */
export function notSetUp(): Failure {
  return failure(
    "configuration",
    "not-set-up",
    "Nothing is set up on this machine yet",
    "run `sms-bridge setup`",
  );
}

/** All problems of a configuration in one failure, each with its fix. */
export function configurationFailure({ problems, ownPath, untouched }: Loaded): Failure {
  if (untouched) return notSetUp();
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const mend = problems.every(({ problem }) => problem.startsWith("is missing"))
    ? `set these in the environment or in ${ownPath}`
    : "mend what is named";
  return failure(
    "configuration",
    "configuration-invalid",
    `Cannot start: ${count} in the configuration\n${problemLines(problems)}`,
    `${mend}; \`sms-bridge config check\` tells whether it is right`,
  );
}

/** Loads what is configured, right or wrong. */
export function loadFor(
  context: Context,
  parsed: Parsed,
  more: Pick<LoadOptions, "rivalAllowed"> = {},
): Promise<Loaded> {
  const flags: Record<string, { flag: string; value: unknown }> = {};
  const logFormat = parsed.text("log-format");
  if (logFormat !== undefined) {
    flags["bridge.logFormat"] = { flag: "--log-format", value: logFormat };
  }
  const stateDir = parsed.text("state-dir");
  if (stateDir !== undefined) flags["bridge.stateDir"] = { flag: "--state-dir", value: stateDir };
  return loadSettings({
    env: context.env,
    home: homeOf(context),
    configPath: parsed.text("config"),
    stateDir,
    flags,
    ...more,
  });
}

/** Looks for a state directory that was named. @throws {Failure} When it is not there: most likely a typo. */
export async function checkStateDir(context: Context, parsed: Parsed): Promise<void> {
  const given = parsed.text("state-dir");
  if (given === undefined) return;
  const stateDir = stateDirOf({ env: context.env, home: homeOf(context), stateDir: given });
  if (!await Deno.stat(stateDir).then(() => true, () => false)) throw stateDirAbsent(stateDir);
}

/** The settings in force with where they came from. @throws {Failure} When something is wrong with them. */
export async function effectiveSettings(
  context: Context,
  parsed: Parsed,
): Promise<Loaded & { readonly settings: Settings }> {
  const loaded = await loadFor(context, parsed);
  if (loaded.untouched) await checkStateDir(context, parsed);
  if (loaded.settings === null) throw configurationFailure(loaded);
  return { ...loaded, settings: loaded.settings };
}

/** The text that an edit comes to. @throws {Failure} When it cannot be made. */
export function edited(path: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof EditError)) throw error;
    throw failure(
      "configuration",
      "file-invalid",
      `Cannot change ${path}: ${error.message}`,
      "mend the file there by hand",
    );
  }
}
