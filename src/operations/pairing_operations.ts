/**
 * What an operator asks about pairings and the senders let in.
 *
 * @module
 */
import { PAIRING_APPROVED_TEXT, type PendingPairing } from "../policy/pairing.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { type Failure, failure } from "../system/failure.ts";
import type { OperationTable } from "./operation.ts";
import {
  allow,
  type AllowedSender,
  approve,
  type BookParts,
  listAllowed,
  listPending,
  reject,
  revoke,
} from "../people/pairing_book.ts";
import { readSender } from "../people/sender.ts";

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
export interface PairingParts extends BookParts {
  /** Texts a sentence to a sender; left out where nothing can be sent. */
  readonly say?: (account: string, to: Phone, sentence: string) => Promise<boolean>;
}

/** Someone who was let in, as shown. */
export interface AllowedView extends AllowedSender {
  /** When the sender said STOP; null when not. */
  readonly optedOutAtMs: number | null;
}

/** The operations on pairings. */
export interface PairingOperations {
  listPending(input: { account?: string }): Promise<{ pending: PendingView[] }>;
  listAllowed(input: { account?: string }): Promise<{ allowed: AllowedView[] }>;
  approve(
    input: { code: string; account?: string; owner?: boolean; notify?: boolean },
  ): Promise<Approval | Failure>;
  reject(
    input: { code: string; account?: string },
  ): Promise<{ rejected: PendingPairing } | Failure>;
  allow(
    input: { number: string; account: string; owner?: boolean },
  ): Promise<{ allowed: AllowedSender } | Failure>;
  revoke(
    input: { number: string; account?: string },
  ): Promise<{ revoked: AllowedSender[] } | Failure>;
}

/** Where each is found, and what it must be given. */
export const PAIRING_OPERATIONS: OperationTable<PairingOperations> = {
  listPending: { path: "/v1/pairings/pending", required: [] },
  listAllowed: { path: "/v1/pairings/allowed", required: [] },
  approve: { path: "/v1/pairings/approve", required: ["code"] },
  reject: { path: "/v1/pairings/reject", required: ["code"] },
  allow: { path: "/v1/pairings/allow", required: ["number", "account"] },
  revoke: { path: "/v1/pairings/revoke", required: ["number"] },
};

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

function numberFailure(number: string): Failure {
  return failure(
    "usage",
    "number-invalid",
    `Cannot use "${number.slice(0, 40)}" as a number: it must be in E.164`,
    "write it with country code, as in +15551234567",
  );
}

async function notify({ say }: PairingParts, { account, phone }: AllowedSender) {
  return say === undefined ? false : await say(account, phone, PAIRING_APPROVED_TEXT);
}

async function approveCode(
  parts: PairingParts,
  input: Parameters<PairingOperations["approve"]>[0],
): ReturnType<PairingOperations["approve"]> {
  const outcome = await approve(parts, input.code, input.account, input.owner === true);
  switch (outcome.kind) {
    case "ok": {
      const { sender: approved, first } = outcome;
      const notified = input.notify === true ? await notify(parts, approved) : null;
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

/** Carries them out on a store. */
export function pairingOperations(parts: PairingParts): PairingOperations {
  return {
    async listPending({ account }) {
      const nowMs = parts.clock.now();
      const pending = await listPending(parts, account);
      return { pending: pending.map((one) => ({ ...one, leftMs: one.expiresAtMs - nowMs })) };
    },
    async listAllowed({ account }) {
      const allowed = await listAllowed(parts, account);
      const views = allowed.map(async (one) => {
        const { row } = await readSender(parts, one.account, one.phone);
        return { ...one, optedOutAtMs: row.optedOutAtMs };
      });
      return { allowed: await Promise.all(views) };
    },
    approve: (input) => approveCode(parts, input),
    async reject({ code, account }) {
      const rejected = await reject(parts, code, account);
      return rejected === null
        ? await unknownCode(parts, "No pending pairing request has that code")
        : { rejected };
    },
    async allow({ number, account, owner }) {
      const phone = parsePhone(number);
      return phone === null
        ? numberFailure(number)
        : { allowed: await allow(parts, account, phone, owner === true) };
    },
    async revoke({ number, account }) {
      const phone = parsePhone(number);
      if (phone === null) return numberFailure(number);
      const revoked = await revoke(parts, phone, account);
      return revoked.length > 0 ? { revoked } : failure(
        "not-found",
        "number-not-allowed",
        "That number was not let in",
        "see who is with `sms-bridge pair allowed`; numbers in allowFrom are removed in the configuration",
      );
    },
  };
}
