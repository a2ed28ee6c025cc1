/**
 * What an operator asks about how the bridge is.
 *
 * @module
 */
import { Failure, failure, unknownAccount } from "../system/failure.ts";
import { type Capabilities, readCapabilities } from "../checks/capabilities.ts";
import { accountNamed } from "../config/sms_accounts.ts";
import type { Check } from "../checks/check.ts";
import { type AccountParts, type InputReader, operation } from "./operation.ts";
import { probe, type ProbeParts } from "../checks/probe.ts";
import { usdPerDay } from "./spend.ts";
import { readStatus, type Status, type StatusParts } from "./status.ts";

/** What the operations on the bridge's state work on. */
export interface StatusOperationParts extends StatusParts, AccountParts {
  /** What a probe is made with; null or left out when the settings cannot be loaded. */
  readonly probe?: () => ProbeParts | null | Promise<ProbeParts | null>;
}

/** What a probe is made with, for the account asked for. */
export async function probePartsFor(
  { probe: parts }: Pick<StatusOperationParts, "probe">,
  account: string | undefined,
): Promise<ProbeParts | Failure> {
  const found = await parts?.() ?? null;
  if (found === null) {
    return failure(
      "configuration",
      "configuration-invalid",
      "Cannot probe with a configuration that has problems",
      "`sms-bridge doctor` lists them, each with its fix",
    );
  }
  const { accountChoice } = found.settings;
  return account === undefined || accountNamed(accountChoice, account) !== undefined
    ? found
    : unknownAccount(account, accountChoice.ids);
}

/** The name of an account as it is configured. */
function idOf({ settings: { accountChoice } }: ProbeParts, account: string | undefined) {
  return account && accountNamed(accountChoice, account);
}

const readAccount = (input: InputReader) => ({ account: input.optionalText("account") });

/** The operations on the bridge's state. */
export const STATUS_OPERATIONS = {
  /** How the bridge is, with all accounts or one. */
  status: operation({
    read: readAccount,
    async run(parts: StatusOperationParts, { account: name }): Promise<Status | Failure> {
      const account = name && (accountNamed(parts.accounts(), name) ?? name);
      const status = await readStatus(parts, account);
      if (account === undefined || status.accounts.length > 0) return status;
      return unknownAccount(account, parts.accounts().ids);
    },
  }),
  /** Whether Twilio, the Gateway and the public URL fit together. */
  probe: operation({
    read: readAccount,
    async run(
      parts: StatusOperationParts,
      { account },
    ): Promise<{ checks: Check[] } | Failure> {
      const found = await probePartsFor(parts, account);
      if (found instanceof Failure) return found;
      const rate = (id: string) => usdPerDay(parts.store, id, parts.clock.now());
      return { checks: await probe({ ...found, usdPerDay: rate }, idOf(found, account)) };
    },
  }),
  /** What each account can do. */
  capabilities: operation({
    read: readAccount,
    async run(
      parts: StatusOperationParts,
      { account },
    ): Promise<{ accounts: Capabilities[] } | Failure> {
      const found = await probePartsFor(parts, account);
      return found instanceof Failure
        ? found
        : { accounts: await readCapabilities(found, idOf(found, account)) };
    },
  }),
};
