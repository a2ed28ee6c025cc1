/**
 * Intake: what becomes of a text that is certainly ours, whether its webhook brought it or catch-up
 * found it. When it resolves, whatever had to be kept is on disk.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { classifyKeyword } from "../policy/keywords.ts";
import { neverAnswered } from "../policy/loops.ts";
import { readLeadingCode } from "../policy/pairing_code.ts";
import { isPhone, type Phone } from "../policy/phone.ts";
import { FILES_MAX, type InboxRow } from "../store/inbox_row.ts";
import type { InboxWriter } from "../store/inbox.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import type { InboundMessage } from "../twilio/inbound.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { composeNotice } from "../outbound/compose.ts";
import { enqueue } from "../outbound/enqueue.ts";
import { isReaction } from "../policy/reactions.ts";
import { CATCH_UP_OVERLAP_MS } from "../system/limits.ts";
import { seenKey } from "../store/keys.ts";
import { lookAt } from "../store/look.ts";
import { readSender, senderKey, type SenderRow } from "../store/sender_row.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import type { Door } from "./door.ts";
import { noteGroup } from "../people/group_texts.ts";
import { noteRefused } from "../people/refused.ts";
import { setOptOut } from "../people/opt_out.ts";
import { noteOptWord, wordsOfTwilio } from "../people/opt_words.ts";

/** What intake works with. */
export interface IntakeParts {
  readonly context: BridgeContext;
  readonly inbox: InboxWriter;
  readonly door: Door;
  /** Takes up a text that is on disk now. */
  readonly converser: { wake(row: InboxRow): void };
  /** Takes up a message that is on disk now. */
  readonly wakeMessage: (row: OutboxRow) => void;
}

/** What became of a text. */
export type Taken =
  | "stored"
  | "duplicate"
  | "keyword"
  | "opted-out"
  | "stranger"
  | "word"
  | "unanswerable"
  | "group"
  | "reaction";

/** A text that came from a phone. */
interface Arrival {
  readonly account: AccountSettings;
  readonly phone: Phone;
  readonly text: InboundMessage;
  /** Found in Twilio's list, as its webhook never reached us. */
  readonly recovered: boolean;
}

/** The numbers that all accounts send from: a text from one of them is our own voice. */
function ownNumbers(context: BridgeContext): Phone[] {
  return context.settings().accounts
    .map(({ fromNumber }) => fromNumber ?? "")
    .filter(isPhone);
}

/** Keeps STOP, START and HELP, and whatever someone writes who has opted out, from the agent. */
async function takeKeyword(
  context: BridgeContext,
  { account, phone, text, recovered }: Arrival,
): Promise<"keyword" | "opted-out" | "duplicate" | null> {
  const { row } = await readSender(context, account.id, phone);
  const optedOut = row.optedOutAtMs !== null;
  const { optOutKeywords } = context.settings().bridge;
  if (!recovered) await noteOptWord(context, account.id, text.text, text.optOut);
  const ownWords = recovered ? await wordsOfTwilio(context, account.id) : undefined;
  const keyword = classifyKeyword(text.text, {
    optOutType: text.optOut,
    optedOut,
    optOutKeywords,
    ownWords,
  });
  if (keyword === null && !optedOut) return null;
  if (await isTraced(context, text)) return "duplicate";
  if (keyword === "stop" || keyword === "start") {
    await setOptOut(context, account.id, phone, {
      optedOut: keyword === "stop",
      reason: "keyword",
      atMs: text.createdAtMs,
      sid: text.messageSid,
    });
  }
  return keyword === null ? "opted-out" : "keyword";
}

async function store(
  { context, inbox, converser }: IntakeParts,
  { account, phone: from, text, recovered }: Arrival,
): Promise<Taken> {
  const row: InboxRow = {
    id: context.sequence.next(),
    account: account.id,
    accountSid: text.accountSid,
    messageSid: text.messageSid,
    from,
    to: text.to,
    text: text.text,
    media: text.media.map((one) => ({ ...one, messageSid: text.messageSid })),
    mediaMissing: Math.min(Math.max(0, text.numMedia - text.media.length), FILES_MAX),
    receivedAtMs: context.clock.now(),
    recovered,
    started: null,
    attempts: 0,
    noticed: false,
  };
  const taken = await inbox.add(row);
  context.tally.mark("inbound", row.receivedAtMs);
  if (taken === "duplicate" && recovered) return taken;
  context.log.info("text.received", {
    account: account.id,
    trace: shortSid(row.messageSid),
    from: maskNumber(from),
    media: row.media.length || undefined,
    duplicate: taken === "duplicate" || undefined,
    recovered: recovered || undefined,
  });
  if (taken === "stored") converser.wake(row);
  return taken;
}

const GROUPS_NOT_SERVED =
  "Group messages are not answered here. Please text this number alone, without others.";
/** Twilio's list does not tell a group's text from a long one that a phone made an MMS of. */
const MAYBE_GROUP =
  "A text of yours came while this was out of service, maybe to a group. Please text it again to this number alone.";
const DAY_MS = 24 * 3_600_000;
/** What an agent is told of at most; the oldest reactions go. */
const REACTIONS_MAX = 5;
const REACTION_CHARS_MAX = 200;

/** Rewrites what is remembered of a sender, together with what may be texted. */
async function noteSender(
  parts: IntakeParts,
  arrival: Arrival,
  change: (row: SenderRow) => { readonly row: SenderRow; readonly say?: string } | null,
): Promise<void> {
  const { context, wakeMessage } = parts;
  const { account, phone, text: { messageSid, to } } = arrival;
  const key = senderKey(account.id, phone);
  const { row, versionstamp } = await readSender(context, account.id, phone);
  const next = change(row);
  if (next === null) return;
  const committed = await context.store.commit({
    check: [{ key, versionstamp }],
    set: [{ key, value: next.row }],
  });
  if (!committed) return await noteSender(parts, arrival, change);
  if (next.say === undefined) return;
  const texted = { account: account.id, from: phone, to, messageSid };
  const said = await enqueue(context, composeNotice(context, texted, next.say));
  said.wake.forEach((one) => wakeMessage(one));
}

/** A text to several: an answer would go to one of them alone, so there is none. */
async function takeGroup(parts: IntakeParts, arrival: Arrival): Promise<Taken> {
  const { context } = parts;
  const { account, phone, recovered } = arrival;
  context.log.info("text.group", { account: account.id, from: maskNumber(phone) });
  await noteGroup(context, account.id);
  if (await parts.door.admit(account, phone) === "allow") {
    const nowMs = context.clock.now();
    await noteSender(parts, arrival, (row) => {
      if (row.optedOutAtMs !== null || nowMs - (row.groupToldAtMs ?? -Infinity) < DAY_MS) {
        return null;
      }
      const say = recovered ? MAYBE_GROUP : GROUPS_NOT_SERVED;
      return { row: { ...row, groupToldAtMs: nowMs }, say };
    });
  }
  return "group";
}

/** A tapback of somebody let in: kept for the next turn, or let go. */
async function takeReaction(parts: IntakeParts, arrival: Arrival): Promise<Taken> {
  if (parts.context.settings().bridge.reactions === "context") {
    const said = arrival.text.text.trim().slice(0, REACTION_CHARS_MAX).toWellFormed();
    await noteSender(parts, arrival, (row) => ({
      row: { ...row, reactions: [...row.reactions ?? [], said].slice(-REACTIONS_MAX) },
    }));
  }
  return "reaction";
}

/** Whether a text that catch-up found was sent before its sender was last unblocked. */
async function isBehindBlock(
  context: BridgeContext,
  { account, phone, text: { createdAtMs = 0 } }: Arrival,
): Promise<boolean> {
  const { unblockedAtMs } = (await readSender(context, account.id, phone)).row;
  return unblockedAtMs !== undefined && createdAtMs < unblockedAtMs;
}

/** Takes in what comes from a phone, whoever that is. */
async function takeFrom(parts: IntakeParts, arrival: Arrival): Promise<Taken> {
  const { door } = parts;
  const { account, phone, text, recovered } = arrival;
  const look = lookAt(parts.context.store);
  const context = { ...parts.context, store: look };
  const keyword = await takeKeyword(context, arrival);
  if (keyword !== null) return keyword;
  const mayBeWord = text.numMedia === 0 && !text.group && readLeadingCode(text.text) !== null;
  const isWord = mayBeWord && !await isTraced(context, text) &&
    await door.word(account, phone, text.text, text.to);
  if (isWord) return "word";
  const behind = recovered && await isBehindBlock(context, arrival);
  const admission = behind ? "refuse" : await door.admit(account, phone, look);
  const { reactions } = context.settings().bridge;
  const isTap = reactions !== "turn" && text.numMedia === 0 && isReaction(text.text);
  if (admission === "allow" && !text.group && !isTap) {
    return await store(parts, arrival);
  }
  if (await isTraced(context, text)) return "duplicate";
  if (text.group) return await takeGroup(parts, arrival);
  if (admission === "allow") return await takeReaction(parts, arrival);
  if (admission === "pair") await door.knock(account, phone, text.to);
  else if (!behind) await noteRefused(context, account, phone);
  return "stranger";
}

/** Whether a text has been here before. One for the inbox needs no such look: its commit checks it. */
async function isTraced(
  { store }: BridgeContext,
  { accountSid, messageSid }: InboundMessage,
): Promise<boolean> {
  return await store.get(seenKey(accountSid, messageSid)) !== null;
}

/** Leaves a trace of a text that is not kept: Twilio has delivered it, so catch-up must not fetch it. */
export async function leaveTrace(
  { store, settings }: BridgeContext,
  { accountSid, messageSid }: Pick<InboundMessage, "accountSid" | "messageSid">,
): Promise<void> {
  const windowMs = settings().bridge.catchUpWindowHours * 3_600_000 + CATCH_UP_OVERLAP_MS;
  const key = seenKey(accountSid, messageSid);
  await store.commit({ set: [{ key, value: 0, expireInMs: windowMs }] });
}

/**
 * Takes a text in. When it resolves, whatever became of it has left a trace.
 *
 * @param recovered It was found in Twilio's list, as its webhook never reached us.
 * @throws {StoreError} When the disk refuses it.
 */
export async function takeText(
  parts: IntakeParts,
  account: AccountSettings,
  text: InboundMessage,
  recovered = false,
): Promise<Taken> {
  const { context } = parts;
  const { sender } = text;
  const never = neverAnswered(sender, ownNumbers(context));
  if (never !== null || sender.kind !== "phone") {
    context.log.info("text.ignored", { from: maskNumber(text.from), reason: never ?? sender.kind });
    await leaveTrace(context, text);
    return "unanswerable";
  }
  const taken = await takeFrom(parts, { account, phone: sender.phone, text, recovered });
  if (taken !== "stored" && taken !== "duplicate") await leaveTrace(context, text);
  return taken;
}
