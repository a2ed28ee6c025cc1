/**
 * The door: who may talk to the agent, asked anew for each text.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { ownerNumbers } from "../policy/owner.ts";
import { PEOPLE_WAIT_TEXT } from "../policy/pairing.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import type { Change } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import { maskNumber } from "../system/redact.ts";
import { renderReply } from "../text/sms/render.ts";
import { OWNERS_TOLD_MAX, PAIRING_CODE_LEFT_MS_MIN, PAIRING_TTL_MS } from "../system/limits.ts";
import { answersFrom, toOutbox } from "../outbound/compose.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { accessOf } from "../people/known.ts";
import { listAllowed, requestPairing } from "../people/pairing_book.ts";
import { enqueue } from "../outbound/enqueue.ts";

/** Decides who comes in. */
export interface Door {
  /** Whether a sender's text goes to the agent, leads to pairing, or to nothing. */
  admit(account: AccountSettings, phone: Phone): Promise<"allow" | "pair" | "refuse">;
  /** Gives a stranger a pairing code, unless enough has been said. Its reply is on disk when it resolves. */
  knock(account: AccountSettings, phone: Phone, texted: string): Promise<void>;
}

/** Whom the account's owners are known as: by setting, or let in as one. */
async function ownersOf(context: BridgeContext, account: string): Promise<Phone[]> {
  const named = ownerNumbers(context.settings().bridge.ownerAllowFrom);
  const letIn = (await listAllowed(context, account)).filter(({ owner }) => owner);
  return [...new Set([...named, ...letIn.map(({ phone }) => phone)])].slice(0, OWNERS_TOLD_MAX);
}

/** Tells the owners that people wait, in the log and by SMS. The first message goes with `change`. */
async function tellOwners(
  context: BridgeContext,
  account: AccountSettings,
  change: Change,
): Promise<OutboxRow[] | null> {
  const owners = context.settings().bridge.ownerNotices ? await ownersOf(context, account.id) : [];
  const messages = owners.map((to) =>
    toOutbox(
      context,
      { account: account.id, to, kind: "proactive", inReplyTo: null },
      renderReply(PEOPLE_WAIT_TEXT),
    )
  );
  const first = await enqueue(context, messages[0] ?? null, change);
  if (first.kind === "conflict") return null;
  const wake = [...first.wake];
  for (const message of messages.slice(1)) {
    const queued = await enqueue(context, message);
    if (queued.kind !== "conflict") wake.push(...queued.wake);
  }
  context.log.warn("pairing.codes-used-up", { account: account.id, owners: owners.length });
  return wake;
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
      const home = parsePhone(texted) ?? parsePhone(account.fromNumber ?? "");
      for (;;) {
        const request = await requestPairing(context, account.id, phone, home);
        if (request === null) return;
        const { text, tell, change } = request;
        if (tell === "owner") {
          const wake = await tellOwners(context, account, change);
          if (wake === null) continue;
          wake.forEach(deliverer.wake);
          return;
        }
        const reply = tell === "sender" ? toOutbox(context, envelope, renderReply(text)) : null;
        const queued = await enqueue(context, reply, change);
        if (queued.kind === "conflict") continue;
        queued.wake.forEach(deliverer.wake);
        if (tell === "sender") {
          context.log.info("pairing.requested", { account: account.id, from: maskNumber(phone) });
        }
        return;
      }
    },
  };
}
