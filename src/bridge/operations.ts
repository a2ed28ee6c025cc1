/**
 * Operations: what an operator asks of the bridge, in the same words whether the daemon does it or,
 * when none runs, the command itself on the store.
 *
 * @module
 */
import type { ControlRequest, ControlRoutes } from "../server/control.ts";
import { failure } from "../system/failure.ts";
import type { OperationTable } from "./operation.ts";
import {
  PAIRING_OPERATIONS,
  type PairingOperations,
  pairingOperations,
  type PairingParts,
} from "./pairing_operations.ts";
import {
  STATUS_OPERATIONS,
  type StatusOperationParts,
  type StatusOperations,
  statusOperations,
} from "./status_operations.ts";
import {
  WEBHOOK_OPERATIONS,
  type WebhookOperationParts,
  type WebhookOperations,
  webhookOperations,
} from "./webhook_operations.ts";

/** All that can be asked: one group of operations for each matter. */
export type Operations = PairingOperations & StatusOperations & WebhookOperations;

/** What all of them work on. */
export type OperationParts = PairingParts & StatusOperationParts & WebhookOperationParts;

/** Where each operation is found on the control socket. */
export const OPERATIONS: OperationTable<Operations> = {
  ...PAIRING_OPERATIONS,
  ...STATUS_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
};

/** Carries operations out on a store. */
export function operationsOn(parts: OperationParts): Operations {
  return { ...pairingOperations(parts), ...statusOperations(parts), ...webhookOperations(parts) };
}

function inputOf({ body }: ControlRequest): Record<string, unknown> {
  return typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
}

/** The control socket's routes for the operations. */
export function operationRoutes(operations: Operations): ControlRoutes {
  return Object.fromEntries(
    (Object.keys(OPERATIONS) as (keyof Operations)[]).map((name) => [
      `POST ${OPERATIONS[name].path}`,
      (request: ControlRequest) => {
        const input = inputOf(request);
        const missing = OPERATIONS[name].required.find((one) => typeof input[one] !== "string");
        if (missing !== undefined) {
          return failure("usage", "input-missing", `"${missing}" must be a string`);
        }
        if (input.account !== undefined && typeof input.account !== "string") {
          return failure("usage", "input-invalid", '"account" must be a string');
        }
        return operations[name](input as never);
      },
    ]),
  );
}
