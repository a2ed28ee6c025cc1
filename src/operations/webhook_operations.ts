/**
 * What an operator does with the webhook: posts a text to it and follows what becomes of it.
 *
 * @module
 */
import { chooseAccount } from "../config/sms_accounts.ts";
import { ALIVE_KEY, BEGINNING_KEY, COPIED_KEY, MISSED_KEY, seenKey } from "../store/keys.ts";
import type { Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import { Failure, failure } from "../system/failure.ts";
import { DEDUPE_TTL_MS } from "../system/limits.ts";
import { numberGiven, operation } from "./operation.ts";
import { type Simulated, simulateText } from "./simulate.ts";
import { probePartsFor, type StatusOperationParts } from "./status_operations.ts";
import { readTrace, type Trace } from "./trace.ts";

/** So many go well into one commit. */
const TAKEN_AT_ONCE = 500;

/** What they work on. */
export interface WebhookOperationParts extends Pick<StatusOperationParts, "probe"> {
  readonly store: Store;
  readonly clock: Clock;
}

/** The operations on the webhook. */
export const WEBHOOK_OPERATIONS = {
  /** Posts a signed text to the running bridge, as if Twilio did. */
  simulate: operation({
    read: (input) => ({
      from: input.text("from"),
      text: input.text("text"),
      account: input.optionalText("account"),
    }),
    async run(
      parts: WebhookOperationParts,
      { from, text, account: wanted },
    ): Promise<Simulated | Failure> {
      const found = await probePartsFor(parts, wanted);
      if (found instanceof Failure) return found;
      const { accounts, accountChoice } = found.settings;
      const chosen = chooseAccount(accountChoice, wanted);
      if (chosen instanceof Failure) return chosen;
      const account = accounts.find(({ id }) => id === chosen)!;
      return await simulateText(found, account, { from, text });
    },
  }),
  /** Notes that texts from now on (or from a time on) are ours, and none before: somebody else answered them. */
  beginAnew: operation({
    read: (input) => ({ sinceMs: input.optionalNumber("sinceMs") }),
    async run({ store, clock }: WebhookOperationParts, { sinceMs }): Promise<{ atMs: number }> {
      // Twilio's list tells times in whole seconds: the one that has begun is the other's still.
      const atMs = Math.ceil((sinceMs || clock.now()) / 1_000) * 1_000;
      const set = [BEGINNING_KEY, ALIVE_KEY].map((key) => ({ key, value: atMs }));
      await store.commit({ set, delete: [COPIED_KEY, MISSED_KEY] });
      return { atMs };
    },
  }),
  /** Notes texts that somebody else took in, and answers. */
  noteTaken: operation({
    read: (input) => ({
      accountSid: input.text("accountSid"),
      messageSids: input.optionalTexts("messageSids") ?? [],
    }),
    async run({ store }: WebhookOperationParts, { accountSid, messageSids }) {
      const keys = messageSids.map((sid) => seenKey(accountSid, sid));
      for (let from = 0; from < keys.length; from += TAKEN_AT_ONCE) {
        const set = keys.slice(from, from + TAKEN_AT_ONCE)
          .map((key) => ({ key, value: null, expireInMs: DEDUPE_TTL_MS }));
        await store.commit({ set });
      }
      return {};
    },
  }),
  /** What this bridge, and no other, answers to the nonce of a probe. */
  proveInstance: operation({
    read: (input) => ({ nonce: input.text("nonce") }),
    async run(parts: WebhookOperationParts, { nonce }): Promise<{ proof: string } | Failure> {
      const found = await probePartsFor(parts, undefined);
      if (found instanceof Failure) return found;
      const proof = await found.instanceProof(nonce);
      return typeof proof === "string"
        ? { proof }
        : failure("unreachable", "daemon-absent", "No bridge runs here", "sms-bridge serve");
    },
  }),
  /** What has become of a text so far. */
  trace: operation({
    read: (input) => ({
      account: input.text("account"),
      phone: input.text("phone"),
      messageSid: input.text("messageSid"),
      sinceMs: input.optionalNumber("sinceMs"),
    }),
    async run(
      parts: WebhookOperationParts,
      { account, phone, messageSid, sinceMs },
    ): Promise<Trace> {
      const text = { account, phone: numberGiven(phone), messageSid, sinceMs: sinceMs || 0 };
      return await readTrace(parts, text);
    },
  }),
};
