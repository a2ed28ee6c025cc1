/**
 * Checks as a person reads them: what is wrong stands out, with what mends it below.
 *
 * @module
 */
import type { Check, CheckState } from "../../checks/check.ts";
import { printable, printableLines } from "../../system/redact.ts";
import { hanging, textColumns } from "./facts.ts";
import { type Paint } from "./output.ts";
import { plural } from "../../text/amounts.ts";

/** How checks are drawn. */
export interface CheckTextOptions {
  readonly paint: Paint;
  readonly columns: number;
}

function mark(state: CheckState, { green, yellow, red, dim }: Paint): string {
  switch (state) {
    case "ok":
      return green("✓");
    case "warning":
      return yellow("!");
    case "problem":
      return red("✗");
    case "skipped":
      return dim("-");
  }
}

function checkLines(check: Check, accounts: number, { paint, columns }: CheckTextOptions) {
  const { title, account, state, detail, fix, command } = check;
  const name = account === null || accounts < 2 ? title : `${title} (${account})`;
  const shown = state === "problem" ? paint.bold(printable(name)) : printable(name);
  return [
    ...hanging(`${mark(state, paint)} `, `${shown}: ${printableLines(detail)}`, columns),
    ...(fix === null ? [] : hanging(`  ${paint.cyan("→")} `, printableLines(fix), columns)),
    // In one piece, however long: it is there to be copied.
    ...(command === null ? [] : [`  ${paint.dim("$")} ${paint.bold(printableLines(command))}`]),
  ];
}

/** Renders one check. */
export function renderCheck(check: Check, { paint, columns }: CheckTextOptions): string {
  const lines = checkLines(check, 1, { paint, columns: textColumns(columns) });
  return lines.map((line) => `${line}\n`).join("");
}

/** One line that sums the checks up. */
function checksSummary(checks: readonly Check[]): string {
  const count = (state: CheckState) => checks.filter((check) => check.state === state).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems + warnings === 0) return `${plural(checks.length, "check")}, all well`;
  return `${plural(checks.length, "check")}: ${plural(problems, "problem")}, ` +
    plural(warnings, "warning");
}

/** Renders checks, with a summary at the end. */
export function renderChecks(checks: readonly Check[], options: CheckTextOptions): string {
  const columns = textColumns(options.columns);
  const accounts = new Set(checks.map(({ account }) => account).filter((id) => id !== null)).size;
  const lines = checks.flatMap((check) => checkLines(check, accounts, { ...options, columns }));
  return [...lines, "", checksSummary(checks)].map((line) => `${line}\n`).join("");
}
