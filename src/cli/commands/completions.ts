/**
 * `completions`: what a shell needs to complete our command lines.
 *
 * @module
 */
import { allRows } from "../../config/rows/setting_rows.ts";
import type { Operations } from "../../operations/operations.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import {
  renderCompletions,
  type Shell,
  SHELLS,
  VALUE_KINDS,
  type ValueKind,
} from "../completions.ts";
import { accountGiven, withOperations } from "../operations_client.ts";
import type { Context } from "../terminal/context.ts";
import { TOPICS } from "../topics.ts";

/** A value, with what a shell may show of it. */
type Offer = readonly [value: string, shown: string];

/** What was answered; where that cannot be, there is nothing to offer. */
function answered<T>(answer: T | Failure): T {
  if (answer instanceof Failure) throw answer;
  return answer;
}

/** Whom we know: masked, as a shell's screen is seen by others, with the name they were given. */
async function numbers(operations: Operations, account: { account?: string }): Promise<Offer[]> {
  const { people } = answered(await operations.ask("listPeople", { ...account, brief: true }));
  const known = new Map(people.map(({ phone, name }) => [phone, name]));
  return [...known].map(([phone, name]) => [phone, `${maskNumber(phone)} ${name ?? ""}`.trim()]);
}

const OFFERS: Readonly<
  Record<
    Exclude<ValueKind, "settings" | "topics">,
    (operations: Operations, account: { account?: string }) => Promise<Offer[]>
  >
> = {
  async accounts(operations) {
    const { ids } = answered(await operations.ask("accounts", {}));
    return ids.map((id) => [id, ""]);
  },
  async codes(operations, account) {
    const { pending } = answered(await operations.ask("listPending", account));
    return pending.map(({ code, phone }) => [code, `${code} ${maskNumber(phone)}`]);
  },
  async ids(operations) {
    const { items } = answered(await operations.ask("listQueue", {}));
    return items.map(({ id, queue, number, state }) => [
      id,
      `${id} ${queue} ${number === null ? "" : maskNumber(number)} ${state}`,
    ]);
  },
  numbers,
};

async function offersOf(
  context: Context,
  parsed: Parsed,
  commands: readonly Command[],
  kind: ValueKind,
): Promise<readonly Offer[]> {
  if (kind === "settings") {
    return allRows().map(({ path, row }) => [path, `${path} -- ${row.meaning}`]);
  }
  if (kind === "topics") {
    const first = new Map(commands.map(({ path, summary }) => [path[0]!, summary] as const));
    return [
      ...Object.entries(TOPICS).map(([title, topic]): Offer => [topic, `${topic} -- ${title}`]),
      ...[...first.keys()].map((word): Offer => [word, ""]),
    ];
  }
  const account = accountGiven(parsed);
  return await withOperations(context, parsed, (operations) => OFFERS[kind](operations, account));
}

/** Prints what may be offered; nothing where nothing is known. */
async function printValues(
  context: Context,
  parsed: Parsed,
  commands: readonly Command[],
  kind: ValueKind,
): Promise<void> {
  const offers = await offersOf(context, parsed, commands, kind).catch((error: unknown) => {
    if (error instanceof Failure) return [];
    throw error;
  });
  for (const [value, shown] of offers) {
    context.stdout(shown === "" ? `${value}\n` : `${value}\t${shown}\n`);
  }
}

/** The command `completions`, over a table that it is itself part of. */
export function completionsCommand(commands: () => readonly Command[]): Command {
  return {
    path: ["completions"],
    group: "Other",
    summary: "print a completion script for a shell",
    details:
      "The scripts ask for what the bridge knows by --values: a line each, the value, and after a\n" +
      "tab what may be shown of it.",
    arguments: [{
      name: "SHELL",
      choices: SHELLS,
      optional: true,
      meaning: `one of ${SHELLS.join(", ")}`,
    }],
    options: [
      {
        name: "values",
        kind: "string",
        value: "KIND",
        choices: VALUE_KINDS,
        meaning: `print what may be offered now: ${VALUE_KINDS.join(", ")}`,
      },
      ACCOUNT_OPTION,
      CONFIG_OPTION,
      STATE_DIR_OPTION,
    ],
    examples: [
      "completions bash > ~/.local/share/bash-completion/completions/sms-bridge",
      "completions fish > ~/.config/fish/completions/sms-bridge.fish",
    ],
    async run(context, parsed): Promise<ExitCode> {
      const kind = parsed.text("values") as ValueKind | undefined;
      const shell = parsed.argument("SHELL") as Shell | undefined;
      if (kind !== undefined) await printValues(context, parsed, commands(), kind);
      else if (shell !== undefined) context.stdout(renderCompletions(shell, commands()));
      else {
        throw failure(
          "usage",
          "shell-missing",
          "Cannot print completions: no shell is named",
          `give one of ${SHELLS.join(", ")}`,
        );
      }
      return 0;
    },
  };
}
