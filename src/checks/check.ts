/**
 * Checks: what was looked at, how it is, and what mends it. `doctor` and `--probe` are lists of them.
 *
 * @module
 */

/** How something is; `skipped` when it could not be looked at because of something else. */
export type CheckState = "ok" | "warning" | "problem" | "skipped";

/** One check and its result. */
export interface Check {
  /** A fixed word for programs, such as `twilio.webhook-url`. */
  readonly id: string;
  /** The account it is about; null when it is about the bridge. */
  readonly account: string | null;
  /** What was looked at. */
  readonly title: string;
  readonly state: CheckState;
  /** What was found. */
  readonly detail: string;
  /** What mends it, in words; null when there is nothing to mend. */
  readonly fix: string | null;
  /** What mends it as a command line to be copied; null when there is none. */
  readonly command: string | null;
}

/** Makes the results of one check. */
export interface CheckMaker {
  ok(detail: string): Check;
  skipped(detail: string): Check;
  warning(detail: string, fix: string, command?: string): Check;
  problem(detail: string, fix: string, command?: string): Check;
}

/** Begins a check. */
export function checkOf(id: string, title: string, account: string | null = null): CheckMaker {
  const result =
    (state: CheckState) =>
    (detail: string, fix: string | null = null, command: string | null = null): Check => ({
      id,
      account,
      title,
      state,
      detail,
      fix,
      command,
    });
  return {
    ok: (detail) => result("ok")(detail),
    skipped: (detail) => result("skipped")(detail),
    warning: result("warning"),
    problem: result("problem"),
  };
}

/** Whether none of them is a problem. */
export function allWell(checks: readonly Check[]): boolean {
  return checks.every(({ state }) => state !== "problem");
}
