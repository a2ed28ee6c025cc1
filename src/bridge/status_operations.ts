/**
 * What an operator asks about the bridge itself.
 *
 * @module
 */
import type { OperationTable } from "./operation.ts";
import { readStatus, type StatusParts, type StatusView } from "./status.ts";

/** The operations on the bridge itself. */
export interface StatusOperations {
  status(input: Record<never, never>): Promise<StatusView>;
}

/** Where each is found, and what it must be given. */
export const STATUS_OPERATIONS: OperationTable<StatusOperations> = {
  status: { path: "/v1/status", required: [] },
};

/** Carries them out. */
export function statusOperations(parts: StatusParts): StatusOperations {
  return { status: () => readStatus(parts) };
}
