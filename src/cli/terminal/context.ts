/**
 * What a command may touch of the world, injected so that tests run commands in the same process.
 *
 * @module
 */
import { type Failure, failure } from "../../system/failure.ts";
import type { Clock } from "../../system/clock.ts";
import type { Random } from "../../system/random.ts";
import { wrapText } from "./width.ts";

/** The world as a command sees it. */
export interface Context {
  /** A variable of the environment; undefined when it is not set. */
  env(name: string): string | undefined;
  /** Writes results. */
  stdout(text: string): void;
  /** Writes everything else: progress, warnings, errors, questions. */
  stderr(text: string): void;
  /** All of standard input, at most `bytesMax`; null when there is more. */
  readStdin(bytesMax: number): Promise<string | null>;
  /** Asks on the terminal; null when input ends or there is no terminal. */
  ask(question: string): Promise<string | null>;
  /** Asks without showing what is typed; null when input ends or there is no terminal. */
  askSecret(question: string): Promise<string | null>;
  /** Which streams are a terminal. Without one on stdin, nothing is asked. */
  readonly terminal: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
  };
  /** Height of the terminal; undefined when there is none. */
  readonly rows?: number | undefined;
  /** Width of the terminal; 80 when there is none. */
  readonly columns: number;
  /** Whether results are coloured. */
  readonly colour: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Aborts at the first SIGINT or SIGTERM, or when nobody reads the results any more. */
  readonly signal: AbortSignal;
}

/** The user's home directory. */
export function homeOf(context: Pick<Context, "env">): string {
  return context.env("HOME") ?? context.env("USERPROFILE") ?? ".";
}

/** Whether to colour what goes to a stream (https://no-color.org, https://force-color.org). */
export function wantsColour(env: Context["env"], isTerminal: boolean): boolean {
  if (env("NO_COLOR")) return false;
  const force = env("FORCE_COLOR");
  if (force) return force !== "0";
  return isTerminal && env("TERM") !== "dumb";
}

/** What Ctrl-C at a question says. */
export const interrupted = (said: string): Failure =>
  failure("interrupted", "interrupted", `Interrupted: ${said}`);

/**
 * Asks a question on the terminal; whatever is not a yes is a no, except Enter where `normal` says so.
 *
 * @param soFar What had been done when Ctrl-C ends it.
 * @throws {Failure} When Ctrl-C does.
 */
export async function confirm(
  { ask, stderr, columns, signal }: Pick<Context, "ask" | "stderr" | "columns" | "signal">,
  question: string,
  normal = false,
  soFar = "nothing was done",
): Promise<boolean> {
  const lines = wrapText(`${question} ${normal ? "[Y/n]" : "[y/N]"}`, columns - 1);
  const answer = await ask(`${lines.join("\n")} `);
  if (signal.aborted) {
    stderr("\n");
    throw interrupted(soFar);
  }
  if (answer?.trim() === "") return normal;
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
