/**
 * Running programs of the system, with what they say passed on.
 *
 * @module
 */
import { failure } from "../../system/failure.ts";
import type { Context } from "../terminal/context.ts";

/** Programs are looked for where the command's own environment says. */
function pathOf({ env }: Context): Record<string, string> {
  const PATH = env("PATH");
  return PATH === undefined ? {} : { PATH };
}

/** Runs a command of the system and passes its output on. @throws {Failure} When it is not there. */
export async function runProgram(
  context: Context,
  words: readonly string[],
  output: "piped" | "inherit" = "piped",
): Promise<number> {
  try {
    const done = await new Deno.Command(words[0]!, {
      args: words.slice(1),
      stdin: "null",
      env: pathOf(context),
      stdout: output,
      stderr: output,
      signal: context.signal,
    }).output();
    const { code } = done;
    if (output === "inherit") return code;
    const decoder = new TextDecoder();
    context.stdout(decoder.decode(done.stdout));
    context.stderr(decoder.decode(done.stderr));
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

/** Runs commands one after the other, each shown. @throws {Failure} At the first that fails. */
export async function runAll(
  context: Context,
  steps: readonly (readonly string[])[],
): Promise<void> {
  for (const words of steps) {
    context.stderr(`$ ${words.join(" ")}\n`);
    const code = await runProgram(context, words);
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

/** What a command of the system writes to stdout; null where it is not there or fails. */
export async function runQuietly(
  context: Context,
  words: readonly string[],
): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(words[0]!, {
      args: words.slice(1),
      stdin: "null",
      env: pathOf(context),
      stdout: "piped",
      stderr: "null",
      signal: context.signal,
    }).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch {
    return null;
  }
}
