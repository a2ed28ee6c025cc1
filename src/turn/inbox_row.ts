/**
 * The ways a row of the inbox goes: rewritten, or taken out with what became of it, each in one commit
 * with whatever is texted because of it.
 *
 * @module
 */
import { deadKey } from "../store/keys.ts";
import { HISTORY_TTL_MS, historySet, type InboxRow, seenSet } from "../store/inbox.ts";
import type { Change, Entry } from "../store/kv.ts";
import type { DeadLetter, OutboxRow } from "../store/outbox.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { post } from "../outbound/post.ts";
import type { Step } from "../bridge/steps.ts";

/** What these steps work with. */
export interface RowParts {
  readonly context: BridgeContext;
  readonly deliverer: Pick<Deliverer, "wake">;
}

/** What goes with a row's end. */
export interface RowEnd {
  readonly reply?: OutboxRow | null;
  readonly dead?: Pick<DeadLetter, "reason" | "detail">;
  /** Further writes of the same step. */
  readonly also?: Change;
}

type Write = NonNullable<Change["set"]>[number];

function inHistory(
  context: BridgeContext,
  row: InboxRow,
  outcome: string,
  atMs: number,
): Write {
  const keep = context.settings().bridge.storeBodies;
  return historySet({
    id: row.id,
    direction: "in",
    account: row.account,
    phone: row.from,
    sids: [row.messageSid],
    atMs,
    outcome,
    segments: 0,
    ...(keep ? { body: row.text } : {}),
  });
}

function inDead(row: InboxRow, dead: Pick<DeadLetter, "reason" | "detail">, atMs: number): Write {
  const letter: DeadLetter = {
    id: row.id,
    from: "inbox",
    account: row.account,
    phone: row.from,
    messageSid: row.messageSid,
    atMs,
    row,
    ...dead,
  };
  return { key: deadKey(row.id), value: letter, expireInMs: HISTORY_TTL_MS };
}

/** Takes a row out of the inbox. `again` when somebody changed it meanwhile. */
export async function finish(
  { context, deliverer }: RowParts,
  entry: Entry<InboxRow>,
  outcome: string,
  end: RowEnd = {},
): Promise<Step> {
  const row = entry.value;
  const nowMs = context.clock.now();
  const { check = [], set = [] } = end.also ?? {};
  const posted = await post(context, end.reply ?? null, {
    check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
    set: [
      seenSet(row),
      inHistory(context, row, outcome, nowMs),
      ...end.dead === undefined ? [] : [inDead(row, end.dead, nowMs)],
      ...set,
    ],
    delete: [entry.key],
  });
  if (posted.kind === "conflict") return "again";
  posted.wake.forEach(deliverer.wake);
  context.tally.count("turns", outcome);
  if (outcome === "answered") context.tally.observe("answer", nowMs - row.receivedAtMs);
  context.log.info("text.finished", {
    from: maskNumber(row.from),
    sid: shortSid(row.messageSid),
    outcome,
    tookMs: nowMs - row.receivedAtMs,
  });
  return "finished";
}

/** Takes a row out of the inbox as a dead letter, which can be put back by hand. */
export async function giveUp(
  parts: RowParts,
  entry: Entry<InboxRow>,
  reason: string,
  detail: string,
  reply: OutboxRow | null = null,
): Promise<Step> {
  return await finish(parts, entry, reason, { reply, dead: { reason, detail } });
}

/** Rewrites a row; null when somebody changed it meanwhile. */
export async function rewrite(
  { context, deliverer }: RowParts,
  entry: Entry<InboxRow>,
  row: InboxRow,
  more: Pick<RowEnd, "reply" | "also"> = {},
): Promise<Entry<InboxRow> | null> {
  const { check = [], set = [] } = more.also ?? {};
  const posted = await post(context, more.reply ?? null, {
    check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
    set: [{ key: entry.key, value: row }, ...set],
  });
  if (posted.kind === "conflict") return null;
  posted.wake.forEach(deliverer.wake);
  return await context.store.get<InboxRow>(entry.key);
}
