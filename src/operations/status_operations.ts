/**
 * What an operator asks about how the bridge is.
 *
 * @module
 */
import { Failure, failure } from "../system/failure.ts";
import { type Capabilities, readCapabilities } from "../checks/capabilities.ts";
import type { Check } from "../checks/check.ts";
import type { OperationTable } from "./operation.ts";
import { probe, type ProbeParts } from "../checks/probe.ts";
import { readStatus, type Status, type StatusParts } from "./status.ts";

/** What the operations on the bridge's state work on. */
export interface StatusOperationParts extends StatusParts {
  /** What a probe is made with; null or left out when the settings cannot be loaded. */
  readonly probe?: () => ProbeParts | null;
}

/** The operations on the bridge's state. */
export interface StatusOperations {
  /** How the bridge is, with all accounts or one. */
  status(input: { account?: string }): Promise<Status | Failure>;
  /** Whether Twilio, the Gateway and the public URL fit together. */
  probe(input: { account?: string }): Promise<{ checks: Check[] } | Failure>;
  /** What each account can do. */
  capabilities(input: { account?: string }): Promise<{ accounts: Capabilities[] } | Failure>;
}

/** Where each is found, and what it must be given. */
export const STATUS_OPERATIONS: OperationTable<StatusOperations> = {
  status: { path: "/v1/status", required: [] },
  probe: { path: "/v1/probe", required: [] },
  capabilities: { path: "/v1/capabilities", required: [] },
};

/** Says that an account is not there, and which are. */
function unknownAccount(account: string, known: readonly string[]): Failure {
  return failure(
    "not-found",
    "account-unknown",
    `Cannot find the account "${account.slice(0, 40)}"`,
    `known: ${known.join(", ") || "none"}`,
  );
}

/** What a probe is made with, for the account asked for. */
export function probePartsFor(
  { probe: parts }: Pick<StatusOperationParts, "probe">,
  account: string | undefined,
): ProbeParts | Failure {
  const found = parts?.() ?? null;
  if (found === null) {
    return failure(
      "configuration",
      "configuration-invalid",
      "Cannot probe with a configuration that has problems",
      "`sms-bridge doctor` lists them, each with its fix",
    );
  }
  const ids = found.settings.accounts.map(({ id }) => id);
  return account === undefined || ids.includes(account) ? found : unknownAccount(account, ids);
}

/** Carries them out. */
export function statusOperations(parts: StatusOperationParts): StatusOperations {
  return {
    async status({ account }) {
      const status = await readStatus(parts, account);
      if (account === undefined || status.accounts.length > 0) return status;
      const { accounts } = await readStatus(parts);
      return unknownAccount(account, accounts.map(({ id }) => id));
    },
    async probe({ account }) {
      const found = probePartsFor(parts, account);
      return found instanceof Failure ? found : { checks: await probe(found, account) };
    },
    async capabilities({ account }) {
      const found = probePartsFor(parts, account);
      return found instanceof Failure
        ? found
        : { accounts: await readCapabilities(found, account) };
    },
  };
}
