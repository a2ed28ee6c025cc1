/**
 * The door: who may talk to the agent, asked anew for each text.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { Phone } from "../policy/phone.ts";
import { maskNumber } from "../system/redact.ts";
import { renderReply } from "../text/sms/render.ts";
import { PAIRING_CODE_LEFT_MS_MIN, PAIRING_TTL_MS } from "../system/limits.ts";
import { answersFrom, toOutbox } from "../outbound/compose.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { accessOf } from "../people/known.ts";
import { requestPairing } from "../people/pairing_book.ts";
import { enqueue } from "../outbound/enqueue.ts";

/** Decides who comes in. */
export interface Door {
  /** Whether a sender's text goes to the agent, leads to pairing, or to nothing. */
  admit(account: AccountSettings, phone: Phone): Promise<"allow" | "pair" | "refuse">;
  /** Gives a stranger a pairing code, unless enough has been said. Its reply is on disk when it resolves. */
  knock(account: AccountSettings, phone: Phone, texted: string): Promise<void>;
}

/** Makes the door. */
export function createDoor(context: BridgeContext, deliverer: Pick<Deliverer, "wake">): Door {
  return {
    admit: (account, phone) => accessOf(context, account, phone),
    async knock(account, phone, texted) {
      const envelope = {
        account: account.id,
        to: phone,
        kind: "pairing",
        inReplyTo: null,
        from: answersFrom(account, texted),
        notAfterMs: context.clock.now() + PAIRING_TTL_MS - PAIRING_CODE_LEFT_MS_MIN,
      } as const;
      for (;;) {
        const request = await requestPairing(context, account.id, phone);
        if (request === null) return;
        const reply = toOutbox(context, envelope, renderReply(request.text));
        const queued = await enqueue(context, reply, request.change);
        if (queued.kind === "conflict") continue;
        queued.wake.forEach(deliverer.wake);
        context.log.info("pairing.requested", { account: account.id, from: maskNumber(phone) });
        return;
      }
    },
  };
}
