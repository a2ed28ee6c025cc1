/**
 * The operations for a command that carries out one or two of them by itself: each is loaded when it is asked
 * for, with those of its kind. The daemon has them all from the start.
 *
 * @module
 */
import type { Operation } from "../operations/operation.ts";
import type {
  InputOf,
  InputsOf,
  OperationName,
  OperationParts,
  Operations,
  OutputOf,
} from "../operations/operations.ts";

const admin = async () => (await import("../operations/admin_operations.ts")).ADMIN_OPERATIONS;
const messages = async () =>
  (await import("../operations/message_operations.ts")).MESSAGE_OPERATIONS;
const pairing = async () =>
  (await import("../operations/pairing_operations.ts")).PAIRING_OPERATIONS;
const people = async () => (await import("../operations/people_operations.ts")).PEOPLE_OPERATIONS;
const queue = async () => (await import("../operations/queue_operations.ts")).QUEUE_OPERATIONS;
const route = async () => (await import("../operations/route_operations.ts")).ROUTE_OPERATIONS;
const spend = async () => (await import("../operations/spend_operations.ts")).SPEND_OPERATIONS;
const status = async () => (await import("../operations/status_operations.ts")).STATUS_OPERATIONS;
const webhook = async () =>
  (await import("../operations/webhook_operations.ts")).WEBHOOK_OPERATIONS;

type Row<Name extends OperationName> = Operation<OperationParts, InputsOf<Name>, OutputOf<Name>>;

/** Loads the kind of each. */
const KINDS: {
  readonly [Name in OperationName]: () => Promise<{ readonly [N in Name]: Row<N> }>;
} = {
  accounts: pairing,
  listPending: pairing,
  listAllowed: pairing,
  listOptedOut: pairing,
  approve: pairing,
  reject: pairing,
  allow: pairing,
  optIn: pairing,
  revoke: pairing,
  block: people,
  unblock: people,
  listRefused: people,
  resume: people,
  listBlocked: people,
  listPeople: people,
  namePerson: people,
  sendMessage: messages,
  getMessage: messages,
  listMessages: messages,
  listConversations: messages,
  listQueue: queue,
  showQueued: queue,
  retryQueued: queue,
  dropQueued: queue,
  exportQueue: queue,
  importQueued: queue,
  spend,
  hours: spend,
  estimate: spend,
  balance: spend,
  status,
  probe: status,
  capabilities: status,
  route,
  beginAnew: webhook,
  noteTaken: webhook,
  simulate: webhook,
  proveInstance: webhook,
  trace: webhook,
  adminUrl: admin,
};

async function ask<Name extends OperationName>(
  parts: OperationParts,
  name: Name,
  input: InputOf<Name>,
): Promise<Awaited<ReturnType<Row<Name>["handle"]>>> {
  const row: Row<Name> = (await KINDS[name]())[name];
  return await row.handle(parts, input);
}

/** Carries operations out on a store. */
export function operationsByName(parts: OperationParts): Operations {
  return { ask: (name, input) => ask(parts, name, input) };
}
