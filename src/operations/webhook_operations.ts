/**
 * What an operator does with the webhook: posts a text to it and follows what becomes of it.
 *
 * @module
 */
import { parsePhone } from "../policy/phone.ts";
import type { Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import { Failure, failure } from "../system/failure.ts";
import type { OperationTable } from "./operation.ts";
import type { ProbeParts } from "../checks/probe.ts";
import { type Simulated, simulateText } from "./simulate.ts";
import { probePartsFor } from "./status_operations.ts";
import { readTrace, type Trace } from "./trace.ts";

/** What they work on. */
export interface WebhookOperationParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly probe?: () => ProbeParts | null;
}

/** The operations on the webhook. */
export interface WebhookOperations {
  /** Posts a signed text to the running bridge, as if Twilio did. */
  simulate(
    input: { from: string; text: string; account?: string },
  ): Promise<Simulated | Failure>;
  /** What has become of a text so far. */
  trace(
    input: { account: string; phone: string; messageSid: string; sinceMs: number },
  ): Promise<Trace | Failure>;
}

/** Where each is found, and what it must be given. */
export const WEBHOOK_OPERATIONS: OperationTable<WebhookOperations> = {
  simulate: { path: "/v1/webhook/simulate", required: ["from", "text"] },
  trace: { path: "/v1/webhook/trace", required: ["account", "phone", "messageSid"] },
};

/** Carries them out. */
export function webhookOperations(parts: WebhookOperationParts): WebhookOperations {
  return {
    async simulate({ from, text, account: wanted }) {
      const found = probePartsFor(parts, wanted);
      if (found instanceof Failure) return found;
      const { accounts, defaultAccount } = found.settings;
      const account = accounts.find(({ id }) => id === (wanted ?? defaultAccount)) ?? accounts[0]!;
      return await simulateText(found, account, { from, text });
    },
    async trace({ account, phone: given, messageSid, sinceMs }) {
      const phone = parsePhone(given);
      return phone === null
        ? failure("usage", "number-invalid", "Cannot trace a text without its sender's number")
        : await readTrace(parts, { account, phone, messageSid, sinceMs: Number(sinceMs) || 0 });
    },
  };
}
