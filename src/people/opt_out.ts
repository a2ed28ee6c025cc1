/**
 * Opt-outs: who has said STOP, and who has taken it back.
 *
 * Twilio answers these words itself and blocks later sends (error 21610); the bridge remembers, so that
 * nothing is even tried. Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out.
 *
 * @module
 */
import { type Phone } from "../policy/phone.ts";
import { byNumber, listSenders, readSender, senderKey } from "../store/sender_row.ts";
import { maskNumber } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";

/** Whether a number must not be texted. */
export async function isOptedOut(
  context: Pick<BridgeContext, "store">,
  account: string,
  phone: Phone,
): Promise<boolean> {
  return (await readSender(context, account, phone)).row.optedOutAtMs !== null;
}

/** Someone who has opted out. */
export interface OptedOut {
  readonly account: string;
  readonly phone: Phone;
  /** When, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Why: a keyword of theirs, or Twilio's refusal (21610). */
  readonly reason: "keyword" | "twilio";
}

/** Who has opted out of an account, or of any, let in or not. */
export async function listOptedOut(
  { store }: Pick<BridgeContext, "store">,
  account?: string,
): Promise<OptedOut[]> {
  const found: OptedOut[] = [];
  for (const { row, ...whose } of await listSenders({ store }, account)) {
    const { optedOutAtMs: atMs, optOutReason: reason = "keyword" } = row;
    if (atMs !== null) found.push({ ...whose, atMs, reason });
  }
  return found.sort(byNumber);
}

/** What somebody, or Twilio for them, has chosen. */
export interface OptOutChoice {
  readonly optedOut: boolean;
  readonly reason?: "keyword" | "twilio";
  /** When; now when left out. What is older than the last choice changes nothing. */
  readonly atMs?: number | undefined;
  /** The MessageSid of the text that says so. */
  readonly sid?: string | undefined;
  /** Only where the last choice is the one of this text; then also when that counted as later. */
  readonly insteadOfSid?: string | undefined;
}

/** Remembers that a number must not be texted, or may be again. Resolves when it is on disk. */
export async function setOptOut(
  context: Pick<BridgeContext, "store" | "clock"> & { readonly log?: BridgeContext["log"] },
  account: string,
  phone: Phone,
  { optedOut, reason, atMs, sid, insteadOfSid }: OptOutChoice,
): Promise<void> {
  const key = senderKey(account, phone);
  for (;;) {
    const { row, versionstamp } = await readSender(context, account, phone);
    const choiceAtMs = atMs ?? context.clock.now();
    if (insteadOfSid === undefined) {
      if (choiceAtMs < (row.choiceAtMs ?? 0)) return;
    } else if (row.choiceSid !== insteadOfSid) return;
    const changed = (row.optedOutAtMs !== null) !== optedOut;
    if (!changed && reason === "twilio") return;
    const optedOutAtMs = optedOut ? row.optedOutAtMs ?? choiceAtMs : null;
    const optOutReason = optedOut ? reason : undefined;
    const committed = await context.store.commit({
      check: [{ key, versionstamp }],
      set: [{ key, value: { ...row, optedOutAtMs, optOutReason, choiceAtMs, choiceSid: sid } }],
    });
    if (!committed) continue;
    if (!changed) return;
    context.log?.info(optedOut ? "sender.opted-out" : "sender.opted-in", {
      account,
      from: maskNumber(phone),
    });
    return;
  }
}
