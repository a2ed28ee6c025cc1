/**
 * What an operator asks about people: who they are, and whom to leave out.
 *
 * @module
 */
import { accountNamed, chooseAccount } from "../config/sms_accounts.ts";
import { type Blocked, listBlocked, setBlocked } from "../people/blocked.ts";
import { setName } from "../people/names.ts";
import type { BookParts } from "../people/pairing_book.ts";
import { endPause } from "../people/pause.ts";
import { listRefused, type Refused } from "../people/refused.ts";
import type { Phone } from "../policy/phone.ts";
import { Failure, failure, unknownAccount } from "../system/failure.ts";
import { type PeopleViewParts, type PersonView, readPeople } from "./people_view.ts";
import {
  type AccountParts,
  type InputReader,
  nameGiven,
  numberGiven,
  operation,
} from "./operation.ts";

/** What the operations on people work on. */
export interface PeopleParts extends BookParts, AccountParts, PeopleViewParts {}

/** Somebody who was refused, and in which account. */
export interface RefusedView extends Refused {
  readonly account: string;
}

interface NumberInput {
  readonly number: string;
  readonly account: string | undefined;
}

const readNumber = (input: InputReader): NumberInput => ({
  number: input.text("number"),
  account: input.optionalText("account"),
});

/** The person that was named. */
function personGiven(
  parts: PeopleParts,
  { number, account: name }: NumberInput,
): { readonly account: string; readonly phone: Phone } {
  const phone = numberGiven(number);
  const account = chooseAccount(parts.accounts(), name);
  if (account instanceof Failure) throw account;
  return { account, phone };
}

/** The operations on people. */
export const PEOPLE_OPERATIONS = {
  block: operation({
    read: readNumber,
    async run(parts: PeopleParts, input) {
      const { account, phone } = personGiven(parts, input);
      const before = await setBlocked(parts, account, phone, true);
      return { account, phone, already: before !== null };
    },
  }),
  unblock: operation({
    read: readNumber,
    async run(parts: PeopleParts, input) {
      const { account, phone } = personGiven(parts, input);
      const blockedAtMs = await setBlocked(parts, account, phone, false);
      return blockedAtMs !== null ? { account, phone, blockedAtMs } : failure(
        "not-found",
        "number-not-blocked",
        "That number is not blocked",
        "see who is with `sms-bridge pair blocked`; a block is kept for each account",
      );
    },
  }),
  resume: operation({
    read: readNumber,
    async run(parts: PeopleParts, input) {
      const { account, phone } = personGiven(parts, input);
      const pausedUntilMs = await endPause(parts, account, phone);
      return pausedUntilMs !== null ? { account, phone, pausedUntilMs } : failure(
        "not-found",
        "number-not-paused",
        "That conversation is not paused",
        "see who is paused with `sms-bridge people`; a pause is kept for each account",
      );
    },
  }),
  /** Whose texts reached nobody of late, and why. */
  listRefused: operation({
    read: (input) => ({ account: input.optionalText("account") }),
    async run(parts: PeopleParts, { account: name }): Promise<{ refused: RefusedView[] }> {
      const { ids } = parts.accounts();
      const account = name && accountNamed(parts.accounts(), name);
      if (name !== undefined && account === undefined) throw unknownAccount(name, ids);
      const asked = account === undefined ? ids : [account];
      const lists = await Promise.all(
        asked.map(async (one) =>
          (await listRefused(parts, one)).map((row): RefusedView => ({ account: one, ...row }))
        ),
      );
      return { refused: lists.flat().sort((a, b) => b.atMs - a.atMs) };
    },
  }),
  listBlocked: operation({
    read: (input) => ({ account: input.optionalText("account") }),
    async run(parts: PeopleParts, { account: name }): Promise<{ blocked: Blocked[] }> {
      const account = name && (accountNamed(parts.accounts(), name) ?? name);
      const { ids } = parts.accounts();
      const blocked = await listBlocked(parts, account);
      if (blocked.length === 0 && account !== undefined && !ids.includes(account)) {
        throw unknownAccount(account, ids);
      }
      return { blocked };
    },
  }),
  listPeople: operation({
    read: (input) => ({ account: input.optionalText("account"), brief: input.flag("brief") }),
    async run(parts: PeopleParts, { account: name, brief }): Promise<{ people: PersonView[] }> {
      const account = name && (accountNamed(parts.accounts(), name) ?? name);
      const { ids } = parts.accounts();
      const people = await readPeople(parts, account, brief);
      if (people.length === 0 && account !== undefined && !ids.includes(account)) {
        throw unknownAccount(account, ids);
      }
      return { people };
    },
  }),
  namePerson: operation({
    read: (input) => ({ ...readNumber(input), name: input.text("name") }),
    async run(parts: PeopleParts, input) {
      const { account, phone } = personGiven(parts, input);
      const name = nameGiven(input.name);
      await setName(parts, account, phone, name);
      return { account, phone, name };
    },
  }),
};
