/**
 * Operations: what an operator asks of the bridge, in the same words whether the daemon does it or,
 * when none runs, the command itself on the store.
 *
 * @module
 */
import type { PendingPairing } from "../policy/pairing.ts";
import { parsePhone } from "../policy/phone.ts";
import type { ControlRequest, ControlRoutes } from "../server/control.ts";
import { type Failure, failure } from "../system/failure.ts";
import {
  allow,
  type AllowedSender,
  approve,
  type BookParts,
  listAllowed,
  listPending,
  reject,
  revoke,
} from "./pairing_book.ts";

/** A pairing request as it is shown. */
export interface PendingView extends PendingPairing {
  /** Milliseconds until the code expires. */
  readonly leftMs: number;
}

/** What can be asked. Each takes one object and gives one, so that it travels as JSON. */
export interface Operations {
  listPending(input: { account?: string }): Promise<{ pending: PendingView[] }>;
  listAllowed(input: { account?: string }): Promise<{ allowed: AllowedSender[] }>;
  approve(
    input: { code: string; account?: string },
  ): Promise<{ approved: AllowedSender; first: boolean } | Failure>;
  reject(
    input: { code: string; account?: string },
  ): Promise<{ rejected: PendingPairing } | Failure>;
  allow(input: { number: string; account: string }): Promise<{ allowed: AllowedSender } | Failure>;
  revoke(
    input: { number: string; account?: string },
  ): Promise<{ revoked: AllowedSender[] } | Failure>;
}

/** Where each operation is found on the control socket. */
export const OPERATION_PATHS: Readonly<Record<keyof Operations, string>> = {
  listPending: "/v1/pairings/pending",
  listAllowed: "/v1/pairings/allowed",
  approve: "/v1/pairings/approve",
  reject: "/v1/pairings/reject",
  allow: "/v1/pairings/allow",
  revoke: "/v1/pairings/revoke",
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

async function approveCode(
  parts: BookParts,
  { code, account }: { code: string; account?: string },
): ReturnType<Operations["approve"]> {
  const outcome = await approve(parts, code, account);
  switch (outcome.kind) {
    case "ok":
      return { approved: outcome.sender, first: outcome.first };
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

/** Carries operations out on a store. */
export function operationsOn(parts: BookParts): Operations {
  return {
    async listPending({ account }) {
      const nowMs = parts.clock.now();
      const pending = await listPending(parts, account);
      return { pending: pending.map((one) => ({ ...one, leftMs: one.expiresAtMs - nowMs })) };
    },
    listAllowed: async ({ account }) => ({ allowed: await listAllowed(parts, account) }),
    approve: (input) => approveCode(parts, input),
    async reject({ code, account }) {
      const rejected = await reject(parts, code, account);
      return rejected === null
        ? await unknownCode(parts, "No pending pairing request has that code")
        : { rejected };
    },
    async allow({ number, account }) {
      const phone = parsePhone(number);
      return phone === null
        ? numberFailure(number)
        : { allowed: await allow(parts, account, phone) };
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

function inputOf({ body }: ControlRequest): Record<string, unknown> {
  return typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
}

/** Which members of an operation's input must be strings. */
const REQUIRED: Readonly<Record<keyof Operations, readonly string[]>> = {
  listPending: [],
  listAllowed: [],
  approve: ["code"],
  reject: ["code"],
  allow: ["number", "account"],
  revoke: ["number"],
};

/** The control socket's routes for the operations. */
export function operationRoutes(operations: Operations): ControlRoutes {
  return Object.fromEntries(
    (Object.keys(OPERATION_PATHS) as (keyof Operations)[]).map((name) => [
      `POST ${OPERATION_PATHS[name]}`,
      (request: ControlRequest) => {
        const input = inputOf(request);
        const missing = REQUIRED[name].find((member) => typeof input[member] !== "string");
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
