/**
 * What the commands about people have in common: they ask the bridge once, and show masked numbers.
 *
 * @module
 */
import type { Operations } from "../../operations/operations.ts";
import type { Failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type ArgumentSpec,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { withOperations } from "../operations_client.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";

/** `--full` shows whole numbers. */
export const FULL_OPTION: OptionSpec = {
  name: "full",
  kind: "boolean",
  meaning: "show whole numbers, not masked ones",
};
/** The number that a command is about. */
export const NUMBER: ArgumentSpec = {
  name: "NUMBER",
  meaning: "the number in E.164, as in +15551234567",
};

/** A number as it is shown. */
export function shown(parsed: Parsed, phone: string): string {
  return parsed.flag("full") ? phone : maskNumber(phone);
}

/** Whole numbers only with `--full`, or where the caller named the number. */
function shownJson(parsed: Parsed, result: unknown): unknown {
  if (parsed.flag("full") || parsed.argument("NUMBER") !== undefined) return result;
  const mask = (key: string, value: unknown) =>
    (key === "phone" || key === "id") && typeof value === "string" ? maskNumber(value) : value;
  return JSON.parse(JSON.stringify(result), mask);
}

/** A command about people: what it asks of the bridge, and how the answer is told. */
interface PeopleCommand<T> extends Omit<Command, "group" | "options" | "run"> {
  readonly more?: readonly OptionSpec[];
  readonly ask: (
    operations: Operations,
    parsed: Parsed,
    context: Context,
  ) => Promise<T | Failure>;
  readonly tell: (context: Context, parsed: Parsed, result: T) => void;
  /** What `--json` prints; the result itself when left out. */
  readonly json?: (result: T) => unknown;
}

/** Makes a command about people. */
export function peopleCommand<T>(
  { more = [], ask, tell, json, ...rest }: PeopleCommand<T>,
): Command {
  return {
    ...rest,
    group: "People",
    options: [ACCOUNT_OPTION, CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION, ...more],
    async run(context, parsed): Promise<ExitCode> {
      const result = await withOperations(
        context,
        parsed,
        (operations) => ask(operations, parsed, context),
      );
      if (parsed.flag("json")) printJson(context, shownJson(parsed, json?.(result) ?? result));
      else tell(context, parsed, result);
      return 0;
    },
  };
}
