/**
 * The loop guard: lets a conversation rest in which two machines seem to talk.
 *
 * @module
 */
import { decideLoop, type LoopDecision } from "../policy/loops.ts";
import type { InboxRow } from "../store/inbox.ts";
import { senderKey } from "../store/keys.ts";
import type { Change, Entry } from "../store/kv.ts";
import { maskNumber } from "../system/redact.ts";
import { finish, type RowParts } from "./inbox_row.ts";
import { readSender } from "../people/sender.ts";
import type { Step } from "../bridge/steps.ts";

async function decide(parts: RowParts, row: InboxRow): Promise<LoopDecision & { change: Change }> {
  const sender = await readSender(parts.context, row.account, row.from);
  const decision = decideLoop(sender.row.loop, { text: row.text, nowMs: row.receivedAtMs });
  const key = senderKey(row.account, row.from);
  const change: Change = {
    check: [{ key, versionstamp: sender.versionstamp }],
    set: [{ key, value: { ...sender.row, loop: decision.state } }],
  };
  return { ...decision, change };
}

/** What must be written when a text's turn begins, so that each text is counted once. */
export async function noteText(parts: RowParts, row: InboxRow): Promise<Change> {
  return (await decide(parts, row)).change;
}

/** Ends a text that is part of a loop; null when the conversation may go on. */
export async function restFromLoop(parts: RowParts, entry: Entry<InboxRow>): Promise<Step | null> {
  const decision = await decide(parts, entry.value);
  if (decision.kind === "answer") return null;
  if (decision.reason !== "paused") {
    parts.context.log.warn("conversation.paused", {
      from: maskNumber(entry.value.from),
      reason: decision.reason,
      until: new Date(decision.untilMs).toISOString(),
    });
  }
  return await finish(parts, entry, "paused", { also: decision.change });
}
