/**
 * What an operator asks about pairings and the senders let in.
 *
 * @module
 */
import { PAIRING_APPROVED_TEXT, type PendingPairing } from "../policy/pairing.ts";
import type { Phone } from "../policy/phone.ts";
import { accountNamed, chooseAccount } from "../config/sms_accounts.ts";
import { Failure, failure, unknownAccount } from "../system/failure.ts";
import { type AccountParts, nameGiven, numberGiven, operation } from "./operation.ts";
import type { AllowedSender } from "../store/allowed_row.ts";
import {
  allow,
  approve,
  type BookParts,
  listAllowed,
  listPending,
  readAllowed,
  reject,
  revoke,
} from "../people/pairing_book.ts";
import { isBlocked } from "../people/blocked.ts";
import { setName } from "../people/names.ts";
import { listOptedOut, type OptedOut, setOptOut } from "../people/opt_out.ts";
import { readSender } from "../store/sender_row.ts";

/** A pairing request as it is shown. */
export interface PendingView extends PendingPairing {
  /** Milliseconds until the code expires. */
  readonly leftMs: number;
}

/** Someone has been let in. */
export interface Approval {
  readonly approved: AllowedSender;
  /** Nobody had been let in before. */
  readonly first: boolean;
  /** Whether the sender is told; null when nobody asked for that. */
  readonly notified: boolean | null;
}

/** What the operations on pairings work on. */
export interface PairingParts extends BookParts, AccountParts {
  /** Texts a sentence to a sender, from the number that was texted; left out where nothing can be sent. */
  readonly say?: (
    account: string,
    to: Phone,
    sentence: string,
    texted: Phone | undefined,
  ) => Promise<boolean>;
}

/** Someone who was let in, as shown. */
export interface AllowedView extends AllowedSender {
  /** When the sender said STOP; null when not. */
  readonly optedOutAtMs: number | null;
  /** Why: a keyword of theirs, or Twilio's refusal (21610); null when not. */
  readonly optOutReason: "keyword" | "twilio" | null;
}

/** Someone who has opted out, let in or not. */
export interface OptedOutView extends OptedOut {
  /** Whether pairing or `pair allow` has let them in. */
  readonly allowed: boolean;
}

/** The account that was named, which may be one that only the store knows by now; all when none was. */
async function accountAsked(
  parts: PairingParts,
  name: string | undefined,
): Promise<{ account?: string }> {
  if (name === undefined) return {};
  const account = accountNamed(parts.accounts(), name);
  if (account !== undefined) return { account };
  const known = (await listAllowed(parts)).some((one) => one.account === name);
  if (!known) throw unknownAccount(name, parts.accounts().ids);
  return { account: name };
}

function blockedFailure(): Failure {
  return failure(
    "conflict",
    "number-blocked",
    "Cannot let that number in: it is blocked",
    "lift that first with `sms-bridge pair unblock <NUMBER>`",
  );
}

async function unknownCode(parts: BookParts, message: string): Promise<Failure> {
  const codes = (await listPending(parts)).map(({ code }) => code);
  const pending = codes.length === 0 ? "nobody is waiting" : `pending: ${codes.join(", ")}`;
  return failure(
    "not-found",
    "pairing-code-unknown",
    message,
    `${pending}; see \`sms-bridge pair list\``,
  );
}

async function notify(
  { say }: PairingParts,
  { account, phone }: AllowedSender,
  texted: Phone | undefined,
) {
  return say === undefined ? false : await say(account, phone, PAIRING_APPROVED_TEXT, texted);
}

async function approveCode(
  parts: PairingParts,
  input: {
    code: string;
    account: string | undefined;
    owner: boolean;
    notify: boolean;
    name: string | undefined;
  },
): Promise<Approval | Failure> {
  const name = nameGiven(input.name ?? "");
  const { account } = await accountAsked(parts, input.account);
  const outcome = await approve(parts, input.code, account, input.owner);
  switch (outcome.kind) {
    case "ok": {
      const { sender: approved, first, texted } = outcome;
      if (name !== null) await setName(parts, approved.account, approved.phone, name);
      const notified = input.notify ? await notify(parts, approved, texted) : null;
      return { approved, first, notified };
    }
    case "expired":
      return failure(
        "conflict",
        "pairing-code-expired",
        "That pairing code has expired",
        "ask the sender to text again; a new code will come",
      );
    case "used":
      return failure(
        "conflict",
        "pairing-code-used",
        "That pairing code has been used or rejected already",
        "see who is let in with `sms-bridge pair allowed`",
      );
    case "locked":
      return failure(
        "conflict",
        "pairing-locked",
        `Approval is locked until ${
          new Date(outcome.untilMs).toISOString()
        } after too many wrong codes`,
        "wait, or let the number in by hand: `sms-bridge pair allow <NUMBER>`",
      );
    case "unknown":
      return await unknownCode(parts, "No pairing request has that code");
  }
}

/** The operations on pairings. */
export const PAIRING_OPERATIONS = {
  /** The accounts there are, and which is meant when none is named. */
  accounts: operation({
    read: () => ({}),
    run: (parts: PairingParts) => Promise.resolve(parts.accounts()),
  }),
  listPending: operation({
    read: (input) => ({ account: input.optionalText("account") }),
    async run(parts: PairingParts, { account: name }): Promise<{ pending: PendingView[] }> {
      const { account } = await accountAsked(parts, name);
      const nowMs = parts.clock.now();
      const pending = await listPending(parts, account);
      return { pending: pending.map((one) => ({ ...one, leftMs: one.expiresAtMs - nowMs })) };
    },
  }),
  listAllowed: operation({
    read: (input) => ({ account: input.optionalText("account") }),
    async run(parts: PairingParts, { account: name }): Promise<{ allowed: AllowedView[] }> {
      const { account } = await accountAsked(parts, name);
      const allowed = await listAllowed(parts, account);
      const views = allowed.map(async (one) => {
        const { row } = await readSender(parts, one.account, one.phone);
        const { optedOutAtMs } = row;
        const optOutReason = optedOutAtMs === null ? null : row.optOutReason ?? "keyword";
        return { ...one, optedOutAtMs, optOutReason };
      });
      return { allowed: await Promise.all(views) };
    },
  }),
  listOptedOut: operation({
    read: (input) => ({ account: input.optionalText("account") }),
    async run(parts: PairingParts, { account: name }): Promise<{ optedOut: OptedOutView[] }> {
      const account = name && (accountNamed(parts.accounts(), name) ?? name);
      const { ids } = parts.accounts();
      const optedOut = await listOptedOut(parts, account);
      if (optedOut.length === 0 && account !== undefined && !ids.includes(account)) {
        throw unknownAccount(account, ids);
      }
      const views = optedOut.map(async (one) => ({
        ...one,
        allowed: await readAllowed(parts.store, one.account, one.phone) !== null,
      }));
      return { optedOut: await Promise.all(views) };
    },
  }),
  approve: operation({
    read: (input) => ({
      code: input.text("code"),
      account: input.optionalText("account"),
      owner: input.flag("owner"),
      notify: input.flag("notify"),
      name: input.optionalText("name"),
    }),
    run: approveCode,
  }),
  reject: operation({
    read: (input) => ({ code: input.text("code"), account: input.optionalText("account") }),
    async run(parts: PairingParts, { code, account: name }) {
      const { account } = await accountAsked(parts, name);
      const rejected = await reject(parts, code, account);
      return rejected === null
        ? await unknownCode(parts, "No pending pairing request has that code")
        : { rejected };
    },
  }),
  allow: operation({
    read: (input) => ({
      number: input.text("number"),
      account: input.optionalText("account"),
      owner: input.flag("owner"),
      /** When they were let in, where that was elsewhere and before. */
      sinceMs: input.optionalNumber("sinceMs"),
    }),
    async run(parts: PairingParts, { number, account: name, owner, sinceMs }) {
      const phone = numberGiven(number);
      const account = chooseAccount(parts.accounts(), name);
      if (account instanceof Failure) return account;
      if (await isBlocked(parts, account, phone)) return blockedFailure();
      const atMs = Math.min(sinceMs || Infinity, parts.clock.now());
      return { allowed: await allow(parts, account, phone, owner, atMs) };
    },
  }),
  optIn: operation({
    read: (input) => ({ number: input.text("number"), account: input.optionalText("account") }),
    async run(parts: PairingParts, { number, account: name }) {
      const phone = numberGiven(number);
      const account = chooseAccount(parts.accounts(), name);
      if (account instanceof Failure) return account;
      const { row } = await readSender(parts, account, phone);
      if (row.optedOutAtMs === null) {
        return failure(
          "not-found",
          "number-not-opted-out",
          "That number has not opted out",
          "see `sms-bridge pair allowed`; an opt-out is kept for each account",
        );
      }
      await setOptOut(parts, account, phone, { optedOut: false });
      return { phone, optedOutAtMs: row.optedOutAtMs, reason: row.optOutReason ?? "keyword" };
    },
  }),
  revoke: operation({
    read: (input) => ({ number: input.text("number"), account: input.optionalText("account") }),
    async run(parts: PairingParts, { number, account: name }) {
      const { account } = await accountAsked(parts, name);
      const revoked = await revoke(parts, numberGiven(number), account);
      return revoked.length > 0 ? { revoked } : failure(
        "not-found",
        "number-not-allowed",
        "That number was not let in",
        "see who is with `sms-bridge pair allowed`; numbers in allowFrom are removed in the configuration",
      );
    },
  }),
};
