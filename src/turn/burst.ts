/**
 * Bursts: texts that somebody sends in pieces become one row of the inbox, and so one turn.
 *
 * @module
 */
import { isBlank } from "../policy/blank.ts";
import { decideBurst } from "../policy/burst.ts";
import { INBOX, inboxKey, type InboxRow } from "../store/inbox_row.ts";
import { textHistory } from "../store/history_row.ts";
import { seenSet } from "../store/inbox.ts";
import type { Entry } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { BURST_LOOKAHEAD_ROWS } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { removalOf } from "../store/removal.ts";

/** Commands stand alone: what follows one is not part of it. */
function isCommand({ text }: InboxRow): boolean {
  return text.startsWith("/");
}

/** The texts of the same sender that wait behind a row, up to the first command. */
export async function following(
  context: BridgeContext,
  first: InboxRow,
): Promise<Entry<InboxRow>[]> {
  const rows: Entry<InboxRow>[] = [];
  const range = {
    prefix: INBOX,
    start: inboxKey(first.id + 1),
    limit: BURST_LOOKAHEAD_ROWS,
  };
  for await (const entry of context.store.list(range)) {
    const row = entry.value;
    if (row.account !== first.account || row.from !== first.from) continue;
    if (isCommand(row)) break;
    rows.push(entry);
  }
  return rows;
}

/** A text with those that came after it; its MessageSid stays the key of the turn. */
export function joined(first: InboxRow, others: readonly InboxRow[]): InboxRow {
  const all = [first, ...others];
  return {
    ...first,
    text: all.map(({ text }) => text).filter((text) => !isBlank(text)).join("\n"),
    media: all.flatMap(({ media }) => media),
    mediaMissing: all.reduce((sum, { mediaMissing }) => sum + mediaMissing, 0),
  };
}

/** Puts later texts into the first, in one commit. */
async function join(
  context: BridgeContext,
  entry: Entry<InboxRow>,
  others: readonly Entry<InboxRow>[],
): Promise<void> {
  const row = joined(entry.value, others.map(({ value }) => value));
  const atMs = context.clock.now();
  const committed = await context.store.commit({
    check: [entry, ...others].map(({ key, versionstamp }) => ({ key, versionstamp })),
    set: [
      { key: entry.key, value: row },
      ...others.flatMap(({ value }) => [
        seenSet(value),
        textHistory(value, { outcome: "joined", atMs, keepBody: false }),
      ]),
    ],
    ...removalOf(...others),
  });
  if (!committed) return;
  context.log.info("text.joined", { from: maskNumber(row.from), texts: others.length + 1 });
}

/**
 * Waits until a burst is over and joins its texts into the first. False when the row has changed or time
 * has passed, so that it must be looked at again.
 */
export async function gatherBurst(
  context: BridgeContext,
  entry: Entry<InboxRow>,
): Promise<boolean> {
  const { clock, stopping } = context;
  const windowMs = context.settings().bridge.burstWindowMs;
  if (windowMs === 0 || isCommand(entry.value)) return true;
  const others = await following(context, entry.value);
  const arrivedAtMs = [entry, ...others].map(({ value }) => value.receivedAtMs);
  const decision = decideBurst({ arrivedAtMs, windowMs, nowMs: clock.now() });
  if (decision.kind === "take" && decision.count === 1) return true;
  if (decision.kind === "wait") await sleep(clock, decision.untilMs - clock.now(), stopping);
  else await join(context, entry, others.slice(0, decision.count - 1));
  return false;
}
