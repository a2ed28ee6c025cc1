/**
 * Carries out what was decided about a text of the inbox: in one commit it is rewritten or taken out, with
 * whatever is texted because of it.
 *
 * @module
 */
import { deadKey } from "../store/keys.ts";
import { HISTORY_TTL_MS, historySet, type InboxRow, seenSet } from "../store/inbox.ts";
import type { Change, Entry } from "../store/kv.ts";
import type { DeadLetter, OutboxRow } from "../store/outbox.ts";
import { sleep } from "../system/clock.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { post } from "../outbound/post.ts";
import type { Verdict } from "./decide.ts";
import type { Step } from "../bridge/steps.ts";

/** What verdicts are carried out with. */
export interface CarryOutParts {
  readonly context: BridgeContext;
  readonly deliverer: Pick<Deliverer, "wake">;
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

function inDead(
  row: InboxRow,
  { reason, detail }: Pick<DeadLetter, "reason" | "detail">,
  atMs: number,
): Write {
  const letter: DeadLetter = {
    id: row.id,
    from: "inbox",
    account: row.account,
    phone: row.from,
    messageSid: row.messageSid,
    atMs,
    row,
    reason,
    detail,
  };
  return { key: deadKey(row.id), value: letter, expireInMs: HISTORY_TTL_MS };
}

/** Takes a row out of the inbox; with a reason to give up it becomes a dead letter. */
async function takeOut(
  { context, deliverer }: CarryOutParts,
  entry: Entry<InboxRow>,
  verdict: Verdict & { kind: "finish" | "give-up" },
): Promise<Step> {
  const row = entry.value;
  const nowMs = context.clock.now();
  const outcome = verdict.kind === "finish" ? verdict.outcome : verdict.reason;
  const { check = [], set = [] } = verdict.kind === "finish" ? verdict.also ?? {} : {};
  const posted = await post(context, verdict.reply ?? null, {
    check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
    set: [
      seenSet(row),
      inHistory(context, row, outcome, nowMs),
      ...verdict.kind === "finish" ? [] : [inDead(row, verdict, nowMs)],
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

/** Rewrites a row; null when somebody changed it meanwhile. */
export async function rewrite(
  { context, deliverer }: CarryOutParts,
  entry: Entry<InboxRow>,
  row: InboxRow,
  more: { readonly reply?: OutboxRow | null; readonly also?: Change } = {},
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

/** Carries a verdict out. `again` when the row must be looked at again, as somebody changed it or it waits. */
export async function carryOut(
  parts: CarryOutParts,
  entry: Entry<InboxRow>,
  verdict: Verdict,
): Promise<Step> {
  switch (verdict.kind) {
    case "finish":
    case "give-up":
      return await takeOut(parts, entry, verdict);
    case "rewrite": {
      const { clock, stopping } = parts.context;
      await rewrite(parts, entry, verdict.row, verdict);
      if (verdict.waitMs !== undefined) await sleep(clock, verdict.waitMs, stopping);
      return "again";
    }
    case "leave":
      return "finished";
  }
}
