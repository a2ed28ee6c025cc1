/**
 * Intake: what becomes of a text that is certainly ours, whether its webhook brought it or catch-up
 * found it. When it resolves, whatever had to be kept is on disk.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { classifyKeyword } from "../policy/keywords.ts";
import { neverAnswered } from "../policy/loops.ts";
import { isPhone, type Phone } from "../policy/phone.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import type { InboxWriter } from "../store/inbox.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import type { InboundMessage } from "../twilio/inbound.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Door } from "./door.ts";
import { setOptOut } from "../people/opt_out.ts";
import { readSender } from "../people/sender.ts";

/** What intake works with. */
export interface IntakeParts {
  readonly context: BridgeContext;
  readonly inbox: InboxWriter;
  readonly door: Door;
  /** Takes up a text that is on disk now. */
  readonly converser: { wake(row: InboxRow): void };
}

/** What became of a text. */
export type Taken = "stored" | "duplicate" | "keyword" | "opted-out" | "stranger" | "unanswerable";

/** The numbers that all accounts send from: a text from one of them is our own voice. */
function ownNumbers(context: BridgeContext): Phone[] {
  return context.settings().accounts
    .map(({ fromNumber }) => fromNumber ?? "")
    .filter(isPhone);
}

/** Keeps STOP, START and HELP, and whatever someone writes who has opted out, from the agent. */
async function takeKeyword(
  { context }: IntakeParts,
  account: AccountSettings,
  phone: Phone,
  text: InboundMessage,
): Promise<"keyword" | "opted-out" | null> {
  const { row } = await readSender(context, account.id, phone);
  const optedOut = row.optedOutAtMs !== null;
  const keyword = classifyKeyword(text.text, { optOutType: text.optOut, optedOut });
  if (keyword === "stop" || keyword === "start") {
    await setOptOut(context, account.id, phone, keyword === "stop");
  }
  if (keyword !== null) return "keyword";
  return optedOut ? "opted-out" : null;
}

async function store(
  { context, inbox, converser }: IntakeParts,
  account: AccountSettings,
  from: Phone,
  text: InboundMessage,
  recovered: boolean,
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
    mediaMissing: Math.max(0, text.numMedia - text.media.length),
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
    from: maskNumber(from),
    sid: shortSid(row.messageSid),
    media: row.media.length || undefined,
    duplicate: taken === "duplicate" || undefined,
    recovered: recovered || undefined,
  });
  if (taken === "stored") converser.wake(row);
  return taken;
}

/**
 * Takes a text in.
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
  const { context, door } = parts;
  const { sender } = text;
  const never = neverAnswered(sender, ownNumbers(context));
  if (never !== null || sender.kind !== "phone") {
    context.log.info("text.ignored", { from: maskNumber(text.from), reason: never ?? sender.kind });
    return "unanswerable";
  }
  const { phone } = sender;
  const keyword = await takeKeyword(parts, account, phone, text);
  if (keyword !== null) return keyword;
  const admission = await door.admit(account, phone);
  if (admission === "allow") return await store(parts, account, phone, text, recovered);
  if (admission === "pair") await door.knock(account, phone);
  return "stranger";
}
