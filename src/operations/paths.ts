/**
 * Where each operation is found on the control socket. Alone in a file, so that a command that asks the
 * running bridge need not load what carries operations out.
 *
 * @module
 */

/** The path that an operation is posted to, by its name. */
export const OPERATION_PATHS = {
  accounts: "/v1/accounts",
  listPending: "/v1/pairings/pending",
  listAllowed: "/v1/pairings/allowed",
  listOptedOut: "/v1/pairings/opted-out",
  approve: "/v1/pairings/approve",
  reject: "/v1/pairings/reject",
  allow: "/v1/pairings/allow",
  optIn: "/v1/pairings/opt-in",
  revoke: "/v1/pairings/revoke",
  block: "/v1/people/block",
  unblock: "/v1/people/unblock",
  listRefused: "/v1/people/refused",
  resume: "/v1/people/resume",
  listBlocked: "/v1/people/blocked",
  listPeople: "/v1/people/list",
  namePerson: "/v1/people/name",
  sendMessage: "/v1/messages",
  getMessage: "/v1/messages/get",
  listMessages: "/v1/messages/list",
  listConversations: "/v1/conversations",
  listQueue: "/v1/queue/list",
  showQueued: "/v1/queue/show",
  retryQueued: "/v1/queue/retry",
  dropQueued: "/v1/queue/drop",
  exportQueue: "/v1/queue/export",
  importQueued: "/v1/queue/import",
  spend: "/v1/spend",
  hours: "/v1/hours",
  estimate: "/v1/estimate",
  balance: "/v1/balance",
  status: "/v1/status",
  probe: "/v1/probe",
  capabilities: "/v1/capabilities",
  route: "/v1/route",
  beginAnew: "/v1/begin",
  noteTaken: "/v1/taken",
  simulate: "/v1/webhook/simulate",
  proveInstance: "/v1/webhook/prove",
  trace: "/v1/webhook/trace",
  adminUrl: "/v1/admin/url",
} as const;
