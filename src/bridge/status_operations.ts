/**
 * What an operator asks about how the bridge is.
 *
 * @module
 */
import { type Failure, failure } from "../system/failure.ts";
import type { OperationTable } from "./operation.ts";
import { readStatus, type Status, type StatusParts } from "./status.ts";

/** The operations on the bridge's state. */
export interface StatusOperations {
  /** How the bridge is, with all accounts or one. */
  status(input: { account?: string }): Promise<Status | Failure>;
}

/** Where each is found, and what it must be given. */
export const STATUS_OPERATIONS: OperationTable<StatusOperations> = {
  status: { path: "/v1/status", required: [] },
};

/** Says that an account is not there, and which are. */
export function unknownAccount(account: string, known: readonly string[]): Failure {
  return failure(
    "not-found",
    "account-unknown",
    `Cannot find the account "${account.slice(0, 40)}"`,
    `known: ${known.join(", ") || "none"}`,
  );
}

/** Carries them out. */
export function statusOperations(parts: StatusParts): StatusOperations {
  return {
    async status({ account }) {
      const status = await readStatus(parts, account);
      if (account === undefined || status.accounts.length > 0) return status;
      const { accounts } = await readStatus(parts);
      return unknownAccount(account, accounts.map(({ id }) => id));
    },
  };
}
