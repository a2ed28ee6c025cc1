/**
 * The door: who may talk to the agent, asked anew for each text.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { ownerWordText, PAIRING_APPROVED_TEXT, PEOPLE_WAIT_TEXT } from "../policy/pairing.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import type { Change, Store } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import { maskNumber } from "../system/redact.ts";
import { renderReply } from "../text/sms/render.ts";
import { OWNER_WORD_TTL_MS, PAIRING_CODE_LEFT_MS_MIN, PAIRING_TTL_MS } from "../system/limits.ts";
import { answersFrom, toOutbox } from "../outbound/compose.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { accessOf } from "../people/known.ts";
import { ownersToTell } from "../people/owner.ts";
import { issueWords, takeWord } from "../people/owner_words.ts";
import { listPending, requestPairing } from "../people/pairing_book.ts";
import { enqueue } from "../outbound/enqueue.ts";

/** Decides who comes in. */
export interface Door {
  /** Whether a sender's text goes to the agent, leads to pairing, or to nothing. */
  admit(
    account: AccountSettings,
    phone: Phone,
    look?: Pick<Store, "get">,
  ): Promise<"allow" | "pair" | "refuse">;
  /** Gives a stranger a pairing code, unless enough has been said. Its reply is on disk when it resolves. */
  knock(account: AccountSettings, phone: Phone, texted: string): Promise<void>;
  /** Whether a text was an owner's word, or an attempt at one: it goes no further then. */
  word(account: AccountSettings, phone: Phone, text: string, texted: string): Promise<boolean>;
}

/** Takes what owners answer to the agent's questions. */
export interface Answers {
  /** What is not clear about an answer, in a sentence for the owner; null when it is, or nobody asks. */
  unclear(question: string, answer: string): string | null;
  /** Hands an answer on whose word has been spent; the owner is told what came of it. */
  take(given: {
    readonly account: string;
    readonly owner: Phone;
    readonly question: string;
    readonly answer: string;
  }): void;
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
    wake.push(...queued.wake);
  }
  context.log.warn("pairing.codes-used-up", { account: account.id, owners: owners.length });
  return wake;
}

const WORD_LATE_TEXT = "That word has been used, or its time is over. Nothing was done.";

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
  const issued = await issueWords(context, account, {
    purpose: { kind: "pairing", phone, askedAtMs: pending.createdAtMs },
    owners,
    ttlMs: OWNER_WORD_TTL_MS,
    perDayMax: ownerApprovalsPerDay,
  });
  for (const { owner, word } of issued) {
    const message = toOutbox(
      context,
      {
        account,
        to: owner,
        kind: "proactive",
        inReplyTo: null,
        notAfterMs: context.clock.now() + OWNER_WORD_TTL_MS,
        secret: true,
      },
      renderReply(ownerWordText(phone, word)),
    );
    const queued = await enqueue(context, message);
    wake.push(...queued.wake);
  }
  return wake;
}

interface WordParts {
  readonly context: BridgeContext;
  readonly deliverer: Pick<Deliverer, "wake">;
  readonly answers: Answers;
}

/** What becomes of an owner's word. */
async function takeOwnerWord(
  { context, deliverer, answers }: WordParts,
  settings: AccountSettings,
  phone: Phone,
  text: string,
  texted: string,
): Promise<boolean> {
  const { id: account } = settings;
  const from = maskNumber(phone);
  const say = async (to: Phone, sentence: string, home: string, change?: Change) => {
    const way = { kind: "proactive", inReplyTo: null, from: answersFrom(settings, home) } as const;
    const envelope = { account, to, ...way };
    const queued = await enqueue(
      context,
      toOutbox(context, envelope, renderReply(sentence)),
      change,
    );
    queued.wake.forEach(deliverer.wake);
    return queued.kind !== "conflict";
  };
  for (;;) {
    const given = await takeWord(context, account, phone, text);
    if (given.kind === "none") return false;
    const isOwner = (await ownersToTell(context, account)).includes(phone);
    if (given.kind === "wrong" || !isOwner) {
      context.log.warn("owner.word-wrong", { account, from });
      return true;
    }
    if (given.kind === "late") {
      await say(phone, WORD_LATE_TEXT, texted);
      context.log.warn("owner.word-late", { account, from });
      return true;
    }
    if (given.kind === "answer") {
      const { question, answer, change } = given;
      const unclear = answers.unclear(question, answer);
      if (unclear !== null) return await say(phone, unclear, texted), true;
      if (!await context.store.commit(change)) continue;
      answers.take({ account, owner: phone, question, answer });
      return true;
    }
    const { sender: { phone: newcomer }, home } = given;
    const told = `${maskedInSms(newcomer)} may now text the assistant.`;
    if (!await say(phone, told, texted, given.change)) continue;
    await say(newcomer, PAIRING_APPROVED_TEXT, home ?? "");
    context.log.info("pairing.approved-by-sms", {
      account,
      by: from,
      from: maskNumber(newcomer),
    });
    return true;
  }
}

/** Makes the door. */
export function createDoor(
  context: BridgeContext,
  deliverer: Pick<Deliverer, "wake">,
  answers: Answers,
): Door {
  return {
    admit: (account, phone, store = context.store) =>
      accessOf({ settings: context.settings, store }, account, phone),
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
    word: (account, phone, text, texted) =>
      takeOwnerWord({ context, deliverer, answers }, account, phone, text, texted),
  };
}
