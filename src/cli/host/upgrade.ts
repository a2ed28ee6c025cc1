/**
 * `upgrade`: putting the newest release in the place of this program, and the former one back.
 *
 * @module
 */
import { Failure, failure } from "../../system/failure.ts";
import { RELEASE_TIMEOUT_MS } from "../../system/limits.ts";
import { VERSION } from "../../system/version.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import {
  fetchProgram,
  newerRelease,
  type Release,
  releaseSettings,
  releasesFrom,
} from "./release.ts";

/** The former program's place. */
const formerOf = (program: string) => `${program}.old`;

/** The version of a program, by its own word. @throws {Failure} When it does not start. */
async function versionOf(program: string): Promise<string> {
  try {
    const args = ["version", "--json"];
    const { success, stdout } = await new Deno.Command(program, { args, stdin: "null" }).output();
    const { version } = JSON.parse(new TextDecoder().decode(stdout)) as { version?: unknown };
    if (success && typeof version === "string") return version;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw failure(
        "not-found",
        "former-absent",
        `There is no former program: ${program} is not there`,
        "`sms-bridge upgrade` keeps one when it puts a newer one in its place",
      );
    }
  }
  throw failure(
    "failed",
    "program-broken",
    `${program} does not start on this machine; nothing was changed`,
    "`sms-bridge doctor` looks at the machine",
  );
}

/** Refuses where the program is not ours to replace. @throws {Failure} */
async function checkReplaceable(program: string): Promise<void> {
  const cannot = (why: string, hint: string) =>
    failure("failed", "not-replaceable", `Cannot upgrade ${program}: ${why}`, hint);
  if (/(^|[\\/])deno(\.exe)?$/.test(program)) {
    throw cannot("the program runs from its source", "git pull, then deno task compile");
  }
  if (/^\/(usr\/)?s?bin\//.test(program)) {
    throw cannot(
      "it came by a package",
      "install the newer .deb with the system's package manager",
    );
  }
  try {
    const trial = `${program}.new`;
    await Deno.writeFile(trial, new Uint8Array(), { mode: 0o755 });
    await Deno.remove(trial);
  } catch {
    throw cannot("its folder cannot be written to", "run it as the user who installed it");
  }
}

/**
 * Puts `next` in the place of the program, which is kept as the former one. Where the system lets it, the
 * program has a second name meanwhile: killed at any instant, this leaves one that starts.
 */
async function replace(program: string, next: string): Promise<void> {
  const kept = `${program}.kept`;
  await Deno.remove(kept).catch(() => {});
  // Windows puts nothing in the place of a program that runs, but gives that one another name.
  const linked = Deno.build.os !== "windows" &&
    await Deno.link(program, kept).then(() => true, () => false);
  if (!linked) await Deno.rename(program, kept);
  try {
    await Deno.rename(next, program);
  } catch (error) {
    await (linked ? Deno.remove(kept) : Deno.rename(kept, program));
    throw error;
  }
  await Deno.rename(kept, formerOf(program));
}

/** Fetches a release and puts it in the program's place. @throws {Failure} */
async function install(
  program: string,
  base: string,
  release: Release,
  signal: AbortSignal,
): Promise<void> {
  await checkReplaceable(program);
  const bytes = await fetchProgram(base, release, signal);
  const next = `${program}.new`;
  await Deno.writeFile(next, bytes, { mode: 0o755 });
  try {
    const version = await versionOf(next);
    if (version !== release.version) {
      const message = `${release.name} holds version ${version}; nothing was changed`;
      throw failure("failed", "release-broken", message, "fetch another release");
    }
    await replace(program, next);
  } finally {
    await Deno.remove(next).catch(() => {});
  }
}

function tellDone(context: Context, parsed: Parsed, from: string, to: string): ExitCode {
  if (parsed.flag("json")) printJson(context, { from, to, changed: true });
  else {
    context.stdout(
      `sms-bridge ${from} is ${to} now. The service takes it up when it starts anew:\n`,
    );
    context.stdout(
      "  sms-bridge service restart\n  sms-bridge upgrade --rollback   # the way back\n",
    );
  }
  return 0;
}

async function rollBack(context: Context, parsed: Parsed, program: string): Promise<ExitCode> {
  const former = formerOf(program);
  const version = await versionOf(former);
  await checkReplaceable(program);
  await replace(program, former);
  return tellDone(context, parsed, VERSION, version);
}

/** `upgrade`, of the program at a path. */
export function upgradeCommand(programPath: () => string): Command {
  return {
    path: ["upgrade"],
    group: "Set up",
    summary: "put the newest release in the place of this program",
    details:
      "Checks the archive's SHA-256 and whether the new program starts, and keeps the former one\n" +
      "beside it. Never by itself; the service takes it up when it is restarted. --check exits with 1\n" +
      "when there is a newer version. After a rollback a store of a newer form is refused: restore the\n" +
      "backup that was made before.",
    options: [
      { name: "check", kind: "boolean", meaning: "only tell whether there is a newer version" },
      { name: "rollback", kind: "boolean", meaning: "put the former program back" },
      CONFIG_OPTION,
      STATE_DIR_OPTION,
      JSON_OPTION,
    ],
    examples: ["upgrade --check", "upgrade", "upgrade --rollback"],
    async run(context, parsed): Promise<ExitCode> {
      // The former program can be run to put itself back, where the new one does not start.
      const program = (await Deno.realPath(programPath())).replace(/\.old$/, "");
      if (parsed.flag("rollback")) return await rollBack(context, parsed, program);
      const base = releasesFrom(releaseSettings(context, parsed).url);
      const newer = await newerRelease(context, base, RELEASE_TIMEOUT_MS);
      if (newer === null || parsed.flag("check")) {
        const newest = newer?.version ?? VERSION;
        if (parsed.flag("json")) printJson(context, { version: VERSION, newest, changed: false });
        else if (newer === null) context.stdout(`sms-bridge ${VERSION} is the newest.\n`);
        else {context.stdout(
            `sms-bridge ${newest} is there; this is ${VERSION}: \`sms-bridge upgrade\`\n`,
          );}
        return newer === null ? 0 : 1;
      }
      const signal = AbortSignal.any([context.signal, AbortSignal.timeout(RELEASE_TIMEOUT_MS)]);
      try {
        await install(program, base, newer, signal);
      } catch (error) {
        if (error instanceof Failure || context.signal.aborted) throw error;
        const message = `Cannot upgrade ${program}: ${
          error instanceof Error ? error.message : error
        }`;
        throw failure("failed", "upgrade-failed", message, "nothing was changed; try again");
      }
      return tellDone(context, parsed, VERSION, newer.version);
    },
  };
}
