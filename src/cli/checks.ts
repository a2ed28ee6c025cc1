/**
 * Checks: what `doctor` and `status --probe` look at, and how it is told.
 *
 * @module
 */
import type { Context } from "./context.ts";
import { paint } from "./output.ts";

/** What came of one check. */
export interface Check {
  /** A fixed word in kebab case, such as `twilio-webhook`. */
  readonly id: string;
  /** The account it is about; null when it is about the whole bridge. */
  readonly account: string | null;
  readonly level: "ok" | "warning" | "problem";
  /** What was found, in a sentence. */
  readonly message: string;
  /** The command or step that mends it; empty when there is nothing to mend. */
  readonly fix: string;
}

/** A check about the whole bridge that found nothing wrong. */
export function ok(id: string, message: string, account: string | null = null): Check {
  return { id, account, level: "ok", message, fix: "" };
}

/** One that found something to know. */
export function warning(
  id: string,
  message: string,
  fix: string,
  account: string | null = null,
): Check {
  return { id, account, level: "warning", message, fix };
}

/** One that found something to mend. */
export function problem(
  id: string,
  message: string,
  fix: string,
  account: string | null = null,
): Check {
  return { id, account, level: "problem", message, fix };
}

/** Prints checks, those to mend last. */
export function printChecks(context: Context, checks: readonly Check[]): void {
  const { green, yellow, red, dim } = paint(context.colour);
  const marks = { ok: green("✓"), warning: yellow("!"), problem: red("✗") } as const;
  const order = { ok: 0, warning: 1, problem: 2 } as const;
  for (const check of checks.toSorted((a, b) => order[a.level] - order[b.level])) {
    const account = check.account === null ? "" : dim(` (${check.account})`);
    context.stdout(`${marks[check.level]} ${check.message}${account}\n`);
    if (check.fix !== "") context.stdout(`  ${dim("→")} ${check.fix}\n`);
  }
}
