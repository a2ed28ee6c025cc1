/**
 * The loop guard: lets a conversation rest in which two machines seem to talk.
 *
 * @module
 */
import { decideLoop, type LoopDecision } from "../policy/loops.ts";
import type { Phone } from "../policy/phone.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import { readSender, senderKey, type SenderRow } from "../store/sender_row.ts";
import type { Change, Entry } from "../store/kv.ts";
import { maskNumber } from "../system/redact.ts";
import { composeNotice } from "../outbound/compose.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { carryOut, type CarryOutParts, rewrite } from "./carry_out.ts";
import type { Step } from "../bridge/steps.ts";

/** A sender with one text more. */
function hearing({ text, receivedAtMs }: InboxRow): (sender: SenderRow) => SenderRow {
  return (sender) => ({
    ...sender,
    loop: decideLoop(sender.loop, { text, nowMs: receivedAtMs }).state,
  });
}

/** What must be written so that a text is counted; a text that is kept back was counted then. */
export async function noteText(context: BridgeContext, row: InboxRow): Promise<Change> {
  if (row.held !== undefined || row.heard) return {};
  const sender = await readSender(context, row.account, row.from);
  const key = senderKey(row.account, row.from);
  return {
    check: [{ key, versionstamp: sender.versionstamp }],
    set: [{ key, value: hearing(row)(sender.row) }],
  };
}

/** Logs that a conversation pauses from now on. */
export function logPause({ log }: BridgeContext, from: Phone, decision: LoopDecision): void {
  if (decision.kind === "answer" || decision.reason === "paused") return;
  log.warn("conversation.paused", {
    from: maskNumber(from),
    reason: decision.reason,
    until: new Date(decision.untilMs).toISOString(),
  });
}

/** How long a pause is, in words. */
function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 60 ? `${minutes} minutes` : `${Math.round(minutes / 60)} h`;
}

/**
 * Keeps a text back that is part of a loop, or came during the pause; null when the conversation may go on.
 * The sender is told once. Only what was answered often enough is dropped.
 */
export async function restFromLoop(
  parts: CarryOutParts,
  entry: Entry<InboxRow>,
): Promise<Step | null> {
  const { context } = parts;
  const row = entry.value;
  const { loop } = (await readSender(context, row.account, row.from)).row;
  const decision = decideLoop(loop, { text: row.text, nowMs: row.receivedAtMs });
  if (decision.kind === "answer") return null;
  const { reason, repeated, untilMs } = decision;
  const tell = reason !== "paused";
  logPause(context, row.from, decision);
  const lasts = inWords(untilMs - context.clock.now());
  const noted = tell
    ? {
      noted: hearing(row),
      reply: composeNotice(
        context,
        row,
        `This looks like two machines texting each other, so answers rest for ${lasts}. ` +
          "What you write is kept and answered then.",
      ),
    }
    : { also: await noteText(context, row) };
  if (repeated) {
    return await carryOut(parts, entry, { kind: "finish", outcome: "paused", ...noted });
  }
  await rewrite(parts, entry, { ...row, held: { texts: 1, missed: 0 }, noticed: true }, noted);
  return "again";
}
