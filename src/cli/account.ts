/**
 * The account of a command: asked for on a terminal, where several are there and none is meant.
 *
 * @module
 */
import { type AccountChoice, accountNamed, chooseAccount } from "../config/sms_accounts.ts";
import type { Operations } from "../operations/operations.ts";
import { Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import type { Context } from "./terminal/context.ts";

/** Names that are no account are asked for again so often. */
const TRIES_MAX = 5;

/** The account that a command works on. @throws {Failure} When nobody can say which. */
export async function accountMeant(
  context: Context,
  parsed: Parsed,
  choice: AccountChoice,
): Promise<string> {
  const chosen = chooseAccount(choice, parsed.text("account"));
  if (!(chosen instanceof Failure)) return chosen;
  const mayAsk = chosen.code === "account-ambiguous" && context.terminal.stdin &&
    !parsed.flag("json") && !parsed.flag("yes");
  if (!mayAsk) throw chosen;
  for (let i = 0; i < TRIES_MAX; i++) {
    const answer = await context.ask(`Which account: ${choice.ids.join(", ")}? `);
    if (answer === null || context.signal.aborted) {
      throw failure("interrupted", "interrupted", "Interrupted: nothing was changed");
    }
    const account = accountNamed(choice, answer);
    if (account !== undefined) return account;
  }
  throw chosen;
}

/** The same, of the accounts that the bridge knows. @throws {Failure} */
export async function accountOfBridge(
  context: Context,
  parsed: Parsed,
  operations: Operations,
): Promise<string> {
  const choice = await operations.ask("accounts", {});
  if (choice instanceof Failure) throw choice;
  return await accountMeant(context, parsed, choice);
}
