/**
 * Telling a failure: a sentence and a hint for a person, one envelope for a program.
 *
 * @module
 */
import { errorText, Failure, failure } from "../system/failure.ts";
import { printableLines } from "../system/redact.ts";
import type { ExitCode } from "./command.ts";
import type { Context } from "./terminal/context.ts";
import { jsonText, paint } from "./terminal/output.ts";

/** What the exit codes mean, for help and the reference. */
export const EXIT_CODES: Readonly<Record<ExitCode, string>> = {
  0: "ok",
  1: "failed",
  2: "wrong usage",
  3: "wrong configuration",
  4: "refused by Twilio or the Gateway: credentials",
  5: "not found",
  6: "conflict, used or expired",
  7: "unreachable",
  130: "interrupted",
};

/** What the system refuses, whichever file it is about. */
const REFUSALS: Readonly<Record<string, { code: string; why: string; hint: string }>> = {
  EROFS: {
    code: "disk-read-only",
    why: "Cannot write: the disk is read-only",
    hint: "mount it for writing again, or name a place on another disk",
  },
  ENOSPC: {
    code: "disk-full",
    why: "Cannot write: the disk is full",
    hint: "make room: `df -h` tells where",
  },
  EDQUOT: {
    code: "disk-full",
    why: "Cannot write: the quota of this user is used up",
    hint: "make room: `quota` tells how much",
  },
  EACCES: {
    code: "access-denied",
    why: "This user may not do that",
    hint: "run it as the user that the files belong to, or change their owner or mode",
  },
  ENOTDIR: {
    code: "path-wrong",
    why: "A path leads through what is no folder",
    hint: "name another path",
  },
  EEXIST: {
    code: "path-wrong",
    why: "A path leads to what is no folder",
    hint: "name another path",
  },
  EISDIR: { code: "path-wrong", why: "A path leads to a folder", hint: "name a file" },
  ENAMETOOLONG: { code: "path-wrong", why: "A path is too long", hint: "name a shorter one" },
};

/** What was thrown, as a failure. An exception that nobody expected keeps its message for the log. */
export function toFailure(error: unknown, interrupted: boolean): Failure {
  if (error instanceof Failure) return error;
  if (interrupted) return failure("interrupted", "interrupted", "Interrupted");
  const message = errorText(error);
  const refusal = REFUSALS[(error as { code?: string } | null)?.code ?? ""];
  if (refusal !== undefined) {
    return failure("failed", refusal.code, `${refusal.why} (${message})`, refusal.hint);
  }
  if (error instanceof Deno.errors.NotCapable) {
    return failure("failed", "kept-away", `Cannot go on: ${message}`, "name another path");
  }
  return failure(
    "failed",
    "internal",
    `The program failed: ${message}`,
    "set SMS_BRIDGE_DEBUG=1 to see where",
  );
}

/** Tells a failure on stderr and returns the exit code. */
export function tellFailure(context: Context, error: Failure, json: boolean): ExitCode {
  if (json) {
    context.stderr(`${jsonText(error)}\n`);
  } else {
    const { red, dim } = paint(context.colour && context.terminal.stderr);
    // It may repeat what was given, and whoever runs the command need not have written that.
    context.stderr(`${red("error:")} ${printableLines(error.message)}\n`);
    if (error.hint !== "") context.stderr(`${dim("hint:")} ${printableLines(error.hint)}\n`);
  }
  return error.exitCode as ExitCode;
}
