/**
 * `pair`: who asked to be let in, and who is.
 *
 * @module
 */
import type { AllowedSender } from "../bridge/pairing_book.ts";
import type { Operations } from "../bridge/operations.ts";
import type { PendingView } from "../bridge/pairing_operations.ts";
import type { Failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type ArgumentSpec,
  type Command,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "./command.ts";
import type { Context } from "./context.ts";
import { stateDirectory, withOperations } from "./operations_client.ts";
import { formatAge, formatDuration, paint, printJson, renderTable } from "./output.ts";

const FULL_OPTION: OptionSpec = {
  name: "full",
  kind: "boolean",
  meaning: "show whole numbers, not masked ones",
};
const CODE: ArgumentSpec = { name: "CODE", meaning: "the pairing code, in any case" };
const NUMBER: ArgumentSpec = { name: "NUMBER", meaning: "the number in E.164, as in +15551234567" };

/** The account given, as a member to be spread; all accounts when none was. */
function accountGiven(parsed: Parsed): { account?: string } {
  const account = parsed.text("account");
  return account === undefined ? {} : { account };
}

function shown(parsed: Parsed, phone: string): string {
  return parsed.flag("full") ? phone : maskNumber(phone);
}

function printPending(context: Context, parsed: Parsed, pending: readonly PendingView[]): void {
  if (pending.length === 0) {
    context.stdout("Nobody is waiting to be let in.\n");
    return;
  }
  const rows = pending.map((one) => [
    one.code,
    shown(parsed, one.phone),
    one.account,
    formatAge(one.createdAtMs, context.clock.now()),
    formatDuration(one.leftMs),
  ]);
  const columns = ["Code", "Number", "Account", "Age", "Left"].map((title) => ({ title }));
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}

function printAllowed(context: Context, parsed: Parsed, allowed: readonly AllowedSender[]): void {
  if (allowed.length === 0) {
    context.stdout("Nobody has been let in by pairing.\n");
    return;
  }
  const rows = allowed.map((one) => [
    shown(parsed, one.phone),
    one.account,
    one.via,
    formatAge(one.atMs, context.clock.now()),
  ]);
  const columns = ["Number", "Account", "By", "Since"].map((title) => ({ title }));
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}

/** A command of `pair`: what it asks of the bridge, and how the answer is told. */
interface PairCommand<T> extends Omit<Command, "group" | "options" | "run"> {
  readonly more?: readonly OptionSpec[];
  readonly ask: (operations: Operations, parsed: Parsed) => Promise<T | Failure>;
  readonly tell: (context: Context, parsed: Parsed, result: T) => void;
}

function pairCommand<T>({ more = [], ask, tell, ...rest }: PairCommand<T>): Command {
  return {
    ...rest,
    group: "People",
    options: [ACCOUNT_OPTION, STATE_DIR_OPTION, JSON_OPTION, ...more],
    async run(context, parsed): Promise<ExitCode> {
      const stateDir = stateDirectory(context, parsed);
      const result = await withOperations(
        context,
        stateDir,
        (operations) => ask(operations, parsed),
      );
      if (parsed.flag("json")) printJson(context, result);
      else tell(context, parsed, result);
      return 0;
    },
  };
}

function codeGiven(parsed: Parsed): { code: string; account?: string } {
  return { code: parsed.argument("CODE")!, ...accountGiven(parsed) };
}

/** The commands of `pair`, also as OpenClaw spells them. */
export const PAIR_COMMANDS: readonly Command[] = [
  pairCommand({
    path: ["pair", "list"],
    aliases: [["pairing", "list", "sms"], ["pairing", "list"]],
    summary: "list who asked to be let in",
    more: [FULL_OPTION],
    examples: ["pair list", "pair list --json"],
    ask: (operations, parsed) => operations.listPending(accountGiven(parsed)),
    tell: (context, parsed, { pending }) => printPending(context, parsed, pending),
  }),
  pairCommand({
    path: ["pair", "approve"],
    aliases: [["pairing", "approve", "sms"], ["pairing", "approve"]],
    summary: "let in whoever got this code",
    arguments: [CODE],
    examples: ["pair approve 4MYQL6BM", "pairing approve sms 4MYQL6BM"],
    ask: (operations, parsed) => operations.approve(codeGiven(parsed)),
    tell: (context, _parsed, { approved }) =>
      context.stdout(`${maskNumber(approved.phone)} may now text the assistant.\n`),
  }),
  pairCommand({
    path: ["pair", "reject"],
    aliases: [["pairing", "reject", "sms"], ["pairing", "reject"]],
    summary: "turn a request down; its code no longer serves",
    arguments: [CODE],
    examples: ["pair reject 4MYQL6BM"],
    ask: (operations, parsed) => operations.reject(codeGiven(parsed)),
    tell: (context, _parsed, { rejected }) =>
      context.stdout(`The request of ${maskNumber(rejected.phone)} was turned down.\n`),
  }),
  pairCommand({
    path: ["pair", "allow"],
    summary: "let a number in without a code",
    arguments: [NUMBER],
    examples: ["pair allow +15551234567"],
    ask: (operations, parsed) =>
      operations.allow({
        number: parsed.argument("NUMBER")!,
        account: parsed.text("account") ?? "default",
      }),
    tell: (context, _parsed, { allowed }) =>
      context.stdout(`${maskNumber(allowed.phone)} may now text the assistant.\n`),
  }),
  pairCommand({
    path: ["pair", "revoke"],
    summary: "take an admission back, from the next text on",
    arguments: [NUMBER],
    examples: ["pair revoke +15551234567"],
    ask: (operations, parsed) =>
      operations.revoke({ number: parsed.argument("NUMBER")!, ...accountGiven(parsed) }),
    tell: (context, _parsed, { revoked }) =>
      context.stdout(`${maskNumber(revoked[0]!.phone)} is no longer let in.\n`),
  }),
  pairCommand({
    path: ["pair", "allowed"],
    summary: "list who has been let in",
    more: [FULL_OPTION],
    examples: ["pair allowed", "pair allowed --full"],
    ask: (operations, parsed) => operations.listAllowed(accountGiven(parsed)),
    tell: (context, parsed, { allowed }) => printAllowed(context, parsed, allowed),
  }),
];
