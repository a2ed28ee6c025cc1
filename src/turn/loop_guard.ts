/**
 * The loop guard: lets a conversation rest in which two machines seem to talk.
 *
 * @module
 */
import { decideLoop, type LoopDecision } from "../policy/loops.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import { senderKey } from "../store/keys.ts";
import type { Change } from "../store/kv.ts";
import { maskNumber } from "../system/redact.ts";
import type { Verdict } from "./decide.ts";
import { readSender } from "../people/sender.ts";
import type { BridgeContext } from "../bridge/context.ts";

async function decide(
  context: BridgeContext,
  row: InboxRow,
): Promise<LoopDecision & { change: Change }> {
  const sender = await readSender(context, row.account, row.from);
  const decision = decideLoop(sender.row.loop, { text: row.text, nowMs: row.receivedAtMs });
  const key = senderKey(row.account, row.from);
  const change: Change = {
    check: [{ key, versionstamp: sender.versionstamp }],
    set: [{ key, value: { ...sender.row, loop: decision.state } }],
  };
  return { ...decision, change };
}

/** What must be written when a text's turn begins, so that each text is counted once. */
export async function noteText(context: BridgeContext, row: InboxRow): Promise<Change> {
  return (await decide(context, row)).change;
}

/** The verdict on a text that is part of a loop; null when the conversation may go on. */
export async function restFromLoop(
  context: BridgeContext,
  row: InboxRow,
): Promise<Verdict & { kind: "finish" } | null> {
  const decision = await decide(context, row);
  if (decision.kind === "answer") return null;
  if (decision.reason !== "paused") {
    context.log.warn("conversation.paused", {
      from: maskNumber(row.from),
      reason: decision.reason,
      until: new Date(decision.untilMs).toISOString(),
    });
  }
  return { kind: "finish", outcome: "paused", also: decision.change };
}
