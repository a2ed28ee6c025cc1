/**
 * The admin page of the running program: its parts joined with the operations.
 *
 * @module
 */
import type { Operations } from "../operations/operations.ts";
import { type AdminPage, createAdminPage } from "./page.ts";
import { peopleSection, type PersonAction, personMark } from "./people_section.ts";
import { type AdminSessions, sameSecret } from "./session.ts";
import type { Clock } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import type { Random } from "../system/random.ts";
import { maskNumber } from "../system/redact.ts";
import { adminDocument } from "./document.ts";
import { adminMain } from "./html.ts";

const MESSAGES_SHOWN = 20;

/** Does what a form asks for; one sentence about it. */
async function decide(
  operations: Operations,
  decision: "approve" | "reject",
  form: { readonly code: string; readonly account: string },
): Promise<string> {
  if (decision === "approve") {
    const result = await operations.ask("approve", { ...form, notify: true });
    if (result instanceof Failure) return `${result.message}. ${result.hint}`;
    const told = result.notified
      ? "They are told by an SMS."
      : "They are not told: the bridge cannot text them now.";
    return `${maskNumber(result.approved.phone)} may now text the assistant. ${told}`;
  }
  const result = await operations.ask("reject", form);
  if (result instanceof Failure) return `${result.message}. ${result.hint}`;
  return `The request of ${maskNumber(result.rejected.phone)} was turned down.`;
}

const OPERATION_OF = {
  block: "block",
  unblock: "unblock",
  revoke: "revoke",
  "opt-in": "optIn",
} as const;
const DONE: Readonly<Record<PersonAction, string>> = {
  block: "is blocked now.",
  unblock: "is not blocked any more.",
  revoke: "is no longer let in.",
  "opt-in": "may be texted again, unless Twilio has the opt-out too.",
};

/** Does something about a person; one sentence about it. */
async function act(
  operations: Operations,
  action: PersonAction,
  mark: string,
  csrf: string,
): Promise<string> {
  const known = await operations.ask("listPeople", { brief: true });
  if (known instanceof Failure) return `${known.message}. ${known.hint}`;
  const person = known.people.find((one) => sameSecret(personMark(one, csrf), mark));
  if (person === undefined) return "Nobody here is meant by that any more.";
  const { account, phone: number } = person;
  const result = await operations.ask(OPERATION_OF[action], { number, account });
  if (result instanceof Failure) return `${result.message}. ${result.hint}`;
  return `${person.name ?? maskNumber(number)} ${DONE[action]}`;
}

/** Makes the page over the operations of a running bridge. */
export function adminPageOver(
  operations: Operations,
  { sessions, clock, random }: {
    readonly sessions: AdminSessions;
    readonly clock: Clock;
    readonly random: Random;
  },
): AdminPage {
  return createAdminPage({
    sessions,
    clock,
    random,
    document: adminDocument,
    async main(csrf) {
      const [status, waiting, listed, known] = await Promise.all([
        operations.ask("status", {}),
        operations.ask("listPending", {}),
        operations.ask("listMessages", { limit: MESSAGES_SHOWN }),
        operations.ask("listPeople", { brief: true }),
      ]);
      if (known instanceof Failure) throw known;
      if (status instanceof Failure) throw status;
      if (waiting instanceof Failure) throw waiting;
      if (listed instanceof Failure) throw listed;
      return adminMain({ status, pending: waiting.pending, messages: listed.messages, csrf }) +
        peopleSection(known.people, csrf, status.atMs);
    },
    decide: (decision, form) => decide(operations, decision, form),
    act: (action, mark, csrf) => act(operations, action, mark, csrf),
  });
}
