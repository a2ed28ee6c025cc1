/**
 * The table of operations: what an operator asks of the bridge, in the same words whether the daemon
 * does it or, when none runs, the command itself on the store. The control socket, the commands and the
 * admin page read it.
 *
 * @module
 */
import type { ControlRequest, ControlRoutes } from "../server/control.ts";
import type { Failure } from "../system/failure.ts";
import { ADMIN_OPERATIONS, type AdminOperationParts } from "./admin_operations.ts";
import { MESSAGE_OPERATIONS, type MessageParts } from "./message_operations.ts";
import type { Operation } from "./operation.ts";
import { OPERATION_PATHS } from "./paths.ts";
import { PAIRING_OPERATIONS, type PairingParts } from "./pairing_operations.ts";
import { PEOPLE_OPERATIONS } from "./people_operations.ts";
import { QUEUE_OPERATIONS, type QueueParts } from "./queue_operations.ts";
import { ROUTE_OPERATIONS, type RouteOperationParts } from "./route_operations.ts";
import { SPEND_OPERATIONS, type SpendParts } from "./spend_operations.ts";
import { STATUS_OPERATIONS, type StatusOperationParts } from "./status_operations.ts";
import { WEBHOOK_OPERATIONS, type WebhookOperationParts } from "./webhook_operations.ts";

const ROWS = {
  ...PAIRING_OPERATIONS,
  ...PEOPLE_OPERATIONS,
  ...MESSAGE_OPERATIONS,
  ...QUEUE_OPERATIONS,
  ...SPEND_OPERATIONS,
  ...STATUS_OPERATIONS,
  ...ROUTE_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...ADMIN_OPERATIONS,
};

/** What they all work on. */
export type OperationParts =
  & PairingParts
  & MessageParts
  & SpendParts
  & StatusOperationParts
  & RouteOperationParts
  & QueueParts
  & WebhookOperationParts
  & AdminOperationParts;

/** The name of an operation. */
export type OperationName = keyof typeof OPERATION_PATHS;

type Inputs = { [Name in OperationName]: ReturnType<(typeof ROWS)[Name]["read"]> };
type Outputs = {
  [Name in OperationName]: Exclude<Awaited<ReturnType<(typeof ROWS)[Name]["handle"]>>, Failure>;
};

/** Every operation by its name. */
const OPERATIONS: {
  readonly [Name in OperationName]: Operation<OperationParts, Inputs[Name], Outputs[Name]>;
} = ROWS;

/** An input as it is given: what may be undefined, and flags, may be left out. */
type Given<Input> =
  & { [Key in keyof Input as MayBeAbsent<Input[Key]> extends true ? never : Key]: Input[Key] }
  & { [Key in keyof Input as MayBeAbsent<Input[Key]> extends true ? Key : never]?: Input[Key] };
type MayBeAbsent<Value> = undefined extends Value ? true : Value extends boolean ? true : false;

/** What an operation reads. */
export type InputsOf<Name extends OperationName> = Inputs[Name];
/** What an operation is given. */
export type InputOf<Name extends OperationName> = Given<Inputs[Name]>;
/** What an operation gives when it succeeds. */
export type OutputOf<Name extends OperationName> = Outputs[Name];

/** Asks the bridge: the daemon, or where none runs the store. */
export interface Operations {
  ask<Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
  ): Promise<OutputOf<Name> | Failure>;
}

/** Carries operations out on a store. */
export function operationsOn(parts: OperationParts): Operations {
  return { ask: (name, input) => OPERATIONS[name].handle(parts, input) };
}

function inputOf({ body, idempotencyKey }: ControlRequest): unknown {
  return idempotencyKey === null
    ? body
    : { ...(typeof body === "object" ? body : {}), idempotencyKey };
}

/** The control socket's routes for the operations. */
export function operationRoutes(parts: OperationParts): ControlRoutes {
  const paths: Readonly<Record<string, string>> = OPERATION_PATHS;
  return Object.fromEntries(
    Object.entries(OPERATIONS).map(([name, { handle }]) => [
      `POST ${paths[name]}`,
      (request: ControlRequest) => handle(parts, inputOf(request)),
    ]),
  );
}

/** The same by GET, for scripts. */
export function queryRoutes(parts: OperationParts): ControlRoutes {
  const { status, getMessage, listMessages } = OPERATIONS;
  return {
    "GET /v1/status": () => status.handle(parts, {}),
    "GET /v1/messages/{id}": ({ params }) => getMessage.handle(parts, { id: params.id ?? "" }),
    "GET /v1/messages": ({ query }) =>
      listMessages.handle(parts, {
        ...Object.fromEntries([...query].filter(([name]) => name === "with" || name === "account")),
        ...Object.fromEntries(
          ["sinceMs", "limit"].flatMap((name) =>
            query.has(name) ? [[name, Number(query.get(name) || NaN)]] : []
          ),
        ),
      }),
  };
}
