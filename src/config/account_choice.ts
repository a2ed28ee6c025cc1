/**
 * Which account is meant: the one rule of all commands.
 *
 * @module
 */
import { type Failure, failure, unknownAccount } from "../system/failure.ts";

/** The accounts there are, and the one that is meant when none is named. */
export interface AccountChoice {
  readonly ids: readonly string[];
  /** The only one, or the default one; null when nobody has said which. */
  readonly normal: string | null;
}

/** What an account is called in the configuration; undefined when there is none of that name. */
export function accountNamed({ ids }: AccountChoice, name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return ids.find((id) => id === name) ?? ids.find((id) => id.toLowerCase() === wanted);
}

/** The account that is named, else the only one, else the default one; a failure lists them. */
export function chooseAccount(choice: AccountChoice, name: string | undefined): string | Failure {
  const { ids, normal } = choice;
  if (name !== undefined) return accountNamed(choice, name) ?? unknownAccount(name, ids);
  if (normal !== null) return normal;
  const [first = "ID"] = ids;
  return failure(
    "usage",
    "account-ambiguous",
    `Cannot tell which account is meant: there are ${ids.join(", ")}`,
    `give \`--account ${first}\`, or \`sms-bridge config set channels.sms.defaultAccount ${first}\``,
  );
}
