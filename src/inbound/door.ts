/**
 * The door: who may talk to the agent, asked anew for each text.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { ownerWordText, PAIRING_APPROVED_TEXT, PEOPLE_WAIT_TEXT } from "../policy/pairing.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import type { Change } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import { maskNumber } from "../system/redact.ts";
import { renderReply } from "../text/sms/render.ts";
import { OWNER_WORD_TTL_MS, PAIRING_CODE_LEFT_MS_MIN, PAIRING_TTL_MS } from "../system/limits.ts";
import { answersFrom, toOutbox } from "../outbound/compose.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { accessOf } from "../people/known.ts";
import { issueWords, takeWord } from "../people/owner_words.ts";
import { ownersToTell } from "../people/owner.ts";
import { listPending, requestPairing } from "../people/pairing_book.ts";
import { enqueue } from "../outbound/enqueue.ts";

/** Decides who comes in. */
export interface Door {
  /** Whether a sender's text goes to the agent, leads to pairing, or to nothing. */
  admit(account: AccountSettings, phone: Phone): Promise<"allow" | "pair" | "refuse">;
  /** Gives a stranger a pairing code, unless enough has been said. Its reply is on disk when it resolves. */
  knock(account: AccountSettings, phone: Phone, texted: string): Promise<void>;
  /** Whether a text was an owner's word that lets somebody in, or an attempt at one. */
  word(account: AccountSettings, phone: Phone, text: string): Promise<boolean>;
}

/** Tells the owners that people wait, in the log and by SMS. The first message goes with `change`. */
async function tellOwners(
  context: BridgeContext,
  account: AccountSettings,
  change: Change,
): Promise<OutboxRow[] | null> {
  const owners = context.settings().bridge.ownerNotices
    ? await ownersToTell(context, account.id)
    : [];
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

/** A number in an SMS: the bullets of a masked one would make it two segments. */
const maskedInSms = (phone: Phone) => `The number that ends in ${phone.slice(-4)}`;

/** Texts the owners a word each that lets a stranger in, as often a day as the settings allow. */
async function askOwners(
  context: BridgeContext,
  { id: account }: AccountSettings,
  phone: Phone,
): Promise<OutboxRow[]> {
  const { ownerApprovalsPerDay } = context.settings().bridge;
  if (ownerApprovalsPerDay === 0) return [];
  const pending = (await listPending(context, account)).find((one) => one.phone === phone);
  if (pending === undefined) return [];
  const owners = await ownersToTell(context, account);
  const wake: OutboxRow[] = [];
  for (const { owner, word } of await issueWords(context, pending, owners, ownerApprovalsPerDay)) {
    const message = toOutbox(
      context,
      {
        account,
        to: owner,
        kind: "proactive",
        inReplyTo: null,
        notAfterMs: context.clock.now() + OWNER_WORD_TTL_MS,
      },
      renderReply(ownerWordText(phone, word)),
    );
    const queued = await enqueue(context, message);
    if (queued.kind !== "conflict") wake.push(...queued.wake);
  }
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
          (await askOwners(context, account, phone)).forEach(deliverer.wake);
        }
        return;
      }
    },
    async word(account, phone, text) {
      for (;;) {
        const given = await takeWord(context, account.id, phone, text);
        const from = maskNumber(phone);
        if (given.kind === "none") return false;
        if (given.kind === "wrong" || !(await ownersToTell(context, account.id)).includes(phone)) {
          context.log.warn("pairing.word-wrong", { account: account.id, from });
          return true;
        }
        const say = (to: Phone, sentence: string) =>
          toOutbox(
            context,
            { account: account.id, to, kind: "proactive", inReplyTo: null },
            renderReply(sentence),
          );
        const told = `${maskedInSms(given.sender.phone)} may now text the assistant.`;
        const first = await enqueue(context, say(phone, told), given.change);
        if (first.kind === "conflict") continue;
        const second = await enqueue(context, say(given.sender.phone, PAIRING_APPROVED_TEXT));
        [first, second].forEach((one) =>
          one.kind !== "conflict" && one.wake.forEach(deliverer.wake)
        );
        context.log.info("pairing.approved-by-sms", {
          account: account.id,
          by: from,
          from: maskNumber(given.sender.phone),
        });
        return true;
      }
    },
  };
}
