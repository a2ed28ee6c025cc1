/**
 * The order of opt-outs: a webhook does not tell when its text was sent, Twilio's list does. A START that waited
 * for a bridge that slept must not count as later than a STOP that was texted after it.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { classifyKeyword } from "../policy/keywords.ts";
import { parseSender } from "../policy/phone.ts";
import { readSender } from "../store/sender_row.ts";
import type { MessageRecord } from "../twilio/records.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { setOptOut } from "../people/opt_out.ts";
import { wordsOfTwilio } from "../people/opt_words.ts";

/**
 * Has the last STOP or START of each sender stand, by the order of Twilio's list. What an operator or Twilio's
 * refusal (21610) has set since stays: only a choice that a listed text has made is looked at.
 *
 * @param listed The account's texts, oldest first, known ones among them.
 */
export async function orderOptOuts(
  context: Pick<BridgeContext, "store" | "clock" | "settings" | "log">,
  account: AccountSettings,
  listed: readonly MessageRecord[],
): Promise<void> {
  const { optOutKeywords } = context.settings().bridge;
  const ownWords = await wordsOfTwilio(context, account.id);
  for (const [from, records] of Map.groupBy(listed, ({ from }) => from)) {
    const sender = parseSender(from);
    if (sender.kind !== "phone") continue;
    const { row } = await readSender(context, account.id, sender.phone);
    const at = records.findIndex(({ sid }) => sid === row.choiceSid);
    if (at === -1) continue;
    let optedOut = row.optedOutAtMs !== null;
    let last = records[at]!;
    for (const record of records.slice(at + 1)) {
      const keyword = classifyKeyword(record.body, { optedOut, optOutKeywords, ownWords });
      if (keyword !== "stop" && keyword !== "start") continue;
      optedOut = keyword === "stop";
      last = record;
    }
    await setOptOut(context, account.id, sender.phone, {
      optedOut,
      reason: "keyword",
      atMs: last.createdAtMs ?? undefined,
      sid: last.sid,
      insteadOfSid: row.choiceSid,
    });
  }
}
