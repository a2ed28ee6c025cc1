/**
 * Operations: what an operator asks of the bridge, in the same words whether the daemon does it or,
 * when none runs, the command itself on the store.
 *
 * @module
 */
import type { ControlRequest, ControlRoutes } from "../server/control.ts";
import { failure } from "../system/failure.ts";
import {
  ADMIN_OPERATIONS,
  type AdminOperationParts,
  type AdminOperations,
  adminOperations,
} from "./admin_operations.ts";
import {
  MESSAGE_OPERATIONS,
  type MessageOperations,
  messageOperations,
  type MessageParts,
} from "./message_operations.ts";
import type { OperationTable } from "./operation.ts";
import {
  PAIRING_OPERATIONS,
  type PairingOperations,
  pairingOperations,
  type PairingParts,
} from "./pairing_operations.ts";
import {
  QUEUE_OPERATIONS,
  type QueueOperations,
  queueOperations,
  type QueueParts,
} from "./queue_operations.ts";
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
export type Operations =
  & PairingOperations
  & MessageOperations
  & QueueOperations
  & StatusOperations
  & WebhookOperations
  & AdminOperations;

/** What they all work on. */
export type OperationParts =
  & PairingParts
  & MessageParts
  & StatusOperationParts
  & QueueParts
  & WebhookOperationParts
  & AdminOperationParts;

/** Where each operation is found on the control socket. */
export const OPERATIONS: OperationTable<Operations> = {
  ...PAIRING_OPERATIONS,
  ...MESSAGE_OPERATIONS,
  ...QUEUE_OPERATIONS,
  ...STATUS_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...ADMIN_OPERATIONS,
};

/** Carries operations out on a store. */
export function operationsOn(parts: OperationParts): Operations {
  return {
    ...pairingOperations(parts),
    ...messageOperations(parts),
    ...queueOperations(parts),
    ...statusOperations(parts),
    ...webhookOperations(parts),
    ...adminOperations(parts),
  };
}

function inputOf({ body, idempotencyKey }: ControlRequest): Record<string, unknown> {
  const input = typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
  return idempotencyKey === null ? input : { ...input, idempotencyKey };
}

/** The parts of an input that are texts wherever they stand. */
const TEXTS = ["account", "to", "with", "queue", "after", "idempotencyKey"] as const;

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
        const wrong = TEXTS.find((one) =>
          input[one] !== undefined && typeof input[one] !== "string"
        );
        if (wrong !== undefined) {
          return failure("usage", "input-invalid", `"${wrong}" must be a string`);
        }
        return operations[name](input as never);
      },
    ]),
  );
}

/** The same by GET, for scripts. */
export function queryRoutes(operations: Operations): ControlRoutes {
  return {
    "GET /v1/status": () => operations.status({}),
    "GET /v1/messages/{id}": ({ params }) => operations.getMessage({ id: params.id ?? "" }),
    "GET /v1/messages": ({ query }) =>
      operations.listMessages({
        ...Object.fromEntries([...query].filter(([name]) => name === "with" || name === "account")),
        ...Object.fromEntries(
          ["sinceMs", "limit"].flatMap((name) =>
            query.has(name) ? [[name, Number(query.get(name) || NaN)]] : []
          ),
        ),
      }),
  };
}
