/**
 * What the admin page's forms do: each posts to a path, and one sentence is told of it.
 *
 * @module
 */
import type { InputOf, OperationName, OutputOf } from "../operations/operations.ts";
import { Failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import type { AdminSession } from "./session.ts";

/** What a button does about a person. */
export type PersonAction = "block" | "unblock" | "revoke" | "resume" | "opt-in" | "name";

/** What an action works with. */
export interface ActionParts {
  /** Asks the bridge. @throws {Failure} */
  ask<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>;
  /** Has the doctor look, behind the page. */
  examine(): void;
  readonly session: AdminSession;
  readonly form: URLSearchParams;
}

/** An action: where it leads back to, and what it does. */
export interface Action {
  readonly room: string;
  run(parts: ActionParts): Promise<string>;
}

async function approve({ ask, form }: ActionParts): Promise<string> {
  const code = form.get("code") ?? "";
  const account = form.get("account") ?? "";
  const name = form.get("name") ?? "";
  const notify = form.get("tell") === "yes";
  const { approved, notified } = await ask("approve", { code, account, notify, name });
  const told = notified
    ? "They are told by an SMS."
    : notify
    ? "They are not told: the bridge cannot text them now."
    : "They are not told.";
  return `${maskNumber(approved.phone)} may now text the assistant. ${told}`;
}

async function reject({ ask, form }: ActionParts): Promise<string> {
  const code = form.get("code") ?? "";
  const { rejected } = await ask("reject", { code, account: form.get("account") ?? "" });
  return `The request of ${maskNumber(rejected.phone)} was turned down.`;
}

/** An action on the person that a form names. */
function onPerson(
  does: (
    parts: ActionParts,
    person: { readonly number: string; readonly account: string },
  ) => Promise<string>,
): Action {
  return {
    room: "/people",
    async run(parts) {
      const person = parts.session.marks.find(parts.form.get("person") ?? "");
      if (person === null) return "Nobody here is meant by that any more. Load the page again.";
      const { account, phone: number } = person;
      return `${maskNumber(number)} ${await does(parts, { account, number })}`;
    },
  };
}

/** What is done about people, by its word. */
const OF_PEOPLE: Readonly<Record<PersonAction, Action>> = {
  block: onPerson(async ({ ask }, person) => {
    await ask("block", person);
    return "is blocked now.";
  }),
  unblock: onPerson(async ({ ask }, person) => {
    await ask("unblock", person);
    return "is not blocked any more.";
  }),
  revoke: onPerson(async ({ ask }, person) => {
    await ask("revoke", person);
    return "is no longer let in.";
  }),
  resume: onPerson(async ({ ask }, person) => {
    await ask("resume", person);
    return "is answered again.";
  }),
  "opt-in": onPerson(async ({ ask }, person) => {
    await ask("optIn", person);
    return "may be texted again, unless Twilio has the opt-out too.";
  }),
  name: onPerson(async ({ ask, form }, person) => {
    const { name } = await ask("namePerson", { ...person, name: form.get("name") ?? "" });
    return name === null ? "has no name now." : `is called ${name}.`;
  }),
};

/** Every action by the path that its form posts to. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  "/pairings/approve": { room: "/people", run: approve },
  "/pairings/reject": { room: "/people", run: reject },
  ...Object.fromEntries(
    Object.entries(OF_PEOPLE).map(([word, action]) => [`/people/${word}`, action]),
  ),
  "/queues/retry": {
    room: "/queues",
    async run({ ask, form }) {
      await ask("retryQueued", { id: form.get("item") ?? "" });
      return "It is tried again.";
    },
  },
  "/queues/drop": {
    room: "/queues",
    async run({ ask, form }) {
      await ask("dropQueued", { id: form.get("item") ?? "" });
      return "It is dropped.";
    },
  },
  "/doctor/run": {
    room: "/doctor",
    run({ examine }) {
      examine();
      return Promise.resolve("The doctor looks; what it finds stands here in seconds.");
    },
  },
};

/** Does what a form asks for; what to tell of it, also when it could not be done. */
export async function perform(action: Action, parts: ActionParts): Promise<string> {
  try {
    return await action.run(parts);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `${error.message}. ${error.hint}`;
  }
}
