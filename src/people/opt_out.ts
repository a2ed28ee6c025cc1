/**
 * Opt-outs: who has said STOP, and who has taken it back.
 *
 * Twilio answers these words itself and blocks later sends (error 21610); the bridge remembers, so that
 * nothing is even tried. Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { senderKey } from "../store/keys.ts";
import { maskNumber } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { readSender } from "./sender.ts";

/** Whether a number must not be texted. */
export async function isOptedOut(
  context: Pick<BridgeContext, "store">,
  account: string,
  phone: Phone,
): Promise<boolean> {
  return (await readSender(context, account, phone)).row.optedOutAtMs !== null;
}

/** Remembers that a number must not be texted, or may be again. Resolves when it is on disk. */
export async function setOptOut(
  context: Pick<BridgeContext, "store" | "clock" | "log">,
  account: string,
  phone: Phone,
  optedOut: boolean,
): Promise<void> {
  const key = senderKey(account, phone);
  for (;;) {
    const { row, versionstamp } = await readSender(context, account, phone);
    if ((row.optedOutAtMs !== null) === optedOut) return;
    const optedOutAtMs = optedOut ? context.clock.now() : null;
    const committed = await context.store.commit({
      check: [{ key, versionstamp }],
      set: [{ key, value: { ...row, optedOutAtMs } }],
    });
    if (!committed) continue;
    context.log.info(optedOut ? "sender.opted-out" : "sender.opted-in", {
      account,
      from: maskNumber(phone),
    });
    return;
  }
}
