/**
 * Reception: what happens between Twilio's POST and our 2xx.
 *
 * Nothing unsigned is stored, nothing is answered 2xx before it is on disk, and the answer is the same
 * whoever texted.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { WebhookAnswer, WebhookRequest } from "../server/webhook.ts";
import { HISTORY_TTL_MS, type InboxRow, type InboxWriter } from "../store/inbox.ts";
import { deadKey } from "../store/keys.ts";
import { StoreError } from "../store/kv.ts";
import type { DeadLetter } from "../store/outbox.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import { parseForm } from "../twilio/form.ts";
import { classifyWebhook, type Inbound, type InboundMessage } from "../twilio/inbound.ts";
import { verifySignature } from "../twilio/signature.ts";
import type { BridgeContext } from "./context.ts";
import type { Converser } from "./converse.ts";
import type { Door } from "./door.ts";
import { takeReport } from "./reports.ts";

/** What reception works with. */
export interface ReceiverParts {
  readonly inbox: InboxWriter;
  readonly door: Door;
  readonly converser: Pick<Converser, "wake">;
}

/** Answers one webhook request of an account. */
export type Receiver = (
  account: AccountSettings,
  request: WebhookRequest,
) => Promise<WebhookAnswer>;

const ACCEPTED: WebhookAnswer = { kind: "accepted" };

/** Makes the receiver of all accounts' webhooks. */
export function createReceiver(context: BridgeContext, parts: ReceiverParts): Receiver {
  const { store, clock, log, tally } = context;

  function refuse(status: 400 | 403 | 503, reason: string): WebhookAnswer {
    tally.count("webhooks", reason);
    return { kind: "refused", status, reason };
  }

  async function takeText(account: AccountSettings, text: InboundMessage): Promise<WebhookAnswer> {
    const { sender } = text;
    if (sender.kind !== "phone") {
      tally.count("webhooks", "unanswerable-sender");
      log.info("text.ignored", { from: maskNumber(text.from), reason: sender.kind });
      return ACCEPTED;
    }
    const admission = await parts.door.admit(account, sender.phone);
    if (admission !== "allow") {
      tally.count("webhooks", "stranger");
      if (admission === "pair") await parts.door.knock(account, sender.phone);
      return ACCEPTED;
    }
    const row: InboxRow = {
      id: context.sequence.next(),
      account: account.id,
      accountSid: text.accountSid,
      messageSid: text.messageSid,
      from: sender.phone,
      to: text.to,
      text: text.text,
      media: text.media,
      receivedAtMs: clock.now(),
      recovered: false,
      started: null,
      attempts: 0,
      noticed: false,
    };
    const taken = await parts.inbox.add(row);
    tally.count("webhooks", taken);
    tally.mark("inbound", row.receivedAtMs);
    log.info("text.received", {
      account: account.id,
      from: maskNumber(row.from),
      sid: shortSid(row.messageSid),
      media: row.media.length || undefined,
      duplicate: taken === "duplicate" || undefined,
    });
    if (taken === "stored") parts.converser.wake(row);
    return ACCEPTED;
  }

  async function keepForeign(account: AccountSettings, foreign: Inbound & { kind: "foreign" }) {
    const id = context.sequence.next();
    const letter: DeadLetter = {
      id,
      from: "webhook",
      account: account.id,
      phone: null,
      messageSid: foreign.messageSid ?? null,
      reason: "foreign",
      detail: foreign.reason,
      atMs: clock.now(),
    };
    await store.commit({ set: [{ key: deadKey(id), value: letter, expireInMs: HISTORY_TTL_MS }] });
    tally.count("webhooks", "foreign");
    log.warn("webhook.foreign", { account: account.id, reason: foreign.reason });
    return ACCEPTED;
  }

  async function take(account: AccountSettings, inbound: Inbound): Promise<WebhookAnswer> {
    switch (inbound.kind) {
      case "message":
        return await takeText(account, inbound);
      case "report":
        await takeReport(context, inbound.messageSid, inbound);
        tally.count("reports", inbound.status);
        tally.mark("delivery", clock.now());
        return ACCEPTED;
      case "foreign":
        return await keepForeign(account, inbound);
      case "malformed":
        log.warn("webhook.malformed", { account: account.id, reason: inbound.reason });
        return refuse(400, "malformed");
    }
  }

  return async (account, request) => {
    const body = new TextDecoder().decode(request.body);
    const pairs = parseForm(body);
    if (!account.dangerouslyDisableSignatureValidation) {
      const verdict = verifySignature({
        url: account.publicWebhookUrl ?? "",
        requestQuery: request.query,
        contentType: request.contentType,
        body: request.body,
        pairs,
        signature: request.signature,
        authTokens: [account.authToken, account.authTokenNext].filter((t) => t !== undefined),
      });
      if (verdict.kind !== "valid") return refuse(403, "signature");
    }
    try {
      return await take(account, classifyWebhook(pairs, account));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.error("webhook.not-stored", { error: error.message });
      return refuse(503, "not-stored");
    }
  };
}
