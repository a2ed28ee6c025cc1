/**
 * Carries out what was decided about a text of the inbox: in one commit it is rewritten or taken out, with
 * whatever is texted because of it.
 *
 * @module
 */
import { deadText } from "../store/dead_letter.ts";
import { textHistory } from "../store/history_row.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import { seenSet } from "../store/inbox.ts";
import type { Change, Entry } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import type { SenderRow } from "../store/sender_row.ts";
import { sleep } from "../system/clock.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Claim, Deliverer } from "../outbound/deliver.ts";
import { enqueue, type Queued } from "../outbound/enqueue.ts";
import type { Verdict } from "./decide.ts";
import type { Step } from "../bridge/steps.ts";
import { removalOf } from "../store/removal.ts";

/** What verdicts are carried out with. */
export interface CarryOutParts {
  readonly context: BridgeContext;
  readonly deliverer: Pick<Deliverer, "wake" | "claim">;
}

/** Commits a change with a message; what of it can go out at once is begun in the same commit. */
async function postAtOnce(
  { context, deliverer }: CarryOutParts,
  message: OutboxRow | null,
  also: Change,
  noted?: (sender: SenderRow) => SenderRow,
): Promise<Queued> {
  const claims: Claim[] = [];
  let posted: string | null = null;
  try {
    const queued = await enqueue(context, message, also, noted, (row) => {
      const claim = claims[0] ?? deliverer.claim(row);
      if (claim !== null) claims[0] = claim;
      return claim?.row ?? row;
    });
    if (queued.kind === "posted") posted = queued.versionstamp;
    queued.wake.filter(({ id }) => id !== claims[0]?.row.id).forEach(deliverer.wake);
    return queued;
  } finally {
    claims[0]?.settle(posted);
  }
}

/** Takes a row out of the inbox; with a reason to give up it becomes a dead letter. */
async function takeOut(
  parts: CarryOutParts,
  entry: Entry<InboxRow>,
  verdict: Verdict & { kind: "finish" | "give-up" },
): Promise<Step> {
  const { context } = parts;
  const row = entry.value;
  const nowMs = context.clock.now();
  const outcome = verdict.kind === "finish" ? verdict.outcome : verdict.reason;
  const keepBody = context.settings().bridge.storeBodies;
  const { also = {}, noted } = verdict.kind === "finish" ? verdict : {};
  const { check = [], set = [] } = also;
  const queued = await postAtOnce(parts, verdict.reply ?? null, {
    check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
    set: [
      seenSet(row),
      textHistory(row, { outcome, atMs: nowMs, keepBody }),
      ...verdict.kind === "finish"
        ? []
        : [deadText(row, { reason: verdict.reason, detail: verdict.detail, atMs: nowMs })],
      ...set,
    ],
    ...removalOf(entry),
  }, noted);
  if (queued.kind === "conflict") return "again";
  context.tally.count("turns", outcome);
  if (outcome === "answered") context.tally.observe("answer", nowMs - row.receivedAtMs);
  context.log.info("text.finished", {
    trace: shortSid(row.messageSid),
    from: maskNumber(row.from),
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
  more: Pick<Verdict & { kind: "finish" }, "reply" | "also" | "noted"> = {},
): Promise<Entry<InboxRow> | null> {
  const { check = [], set = [] } = more.also ?? {};
  const queued = await enqueue(context, more.reply ?? null, {
    check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
    set: [{ key: entry.key, value: row }, ...set],
  }, more.noted);
  if (queued.kind === "conflict") return null;
  queued.wake.forEach(deliverer.wake);
  return { key: entry.key, value: row, versionstamp: queued.versionstamp };
}

/** Rewrites a row however often what goes with it changes meanwhile; null when the row itself did. */
export async function rewriteSurely(
  parts: CarryOutParts,
  entry: Entry<InboxRow>,
  row: InboxRow,
  more: () => Promise<NonNullable<Parameters<typeof rewrite>[3]>>,
): Promise<Entry<InboxRow> | null> {
  for (;;) {
    const written = await rewrite(parts, entry, row, await more());
    if (written !== null) return written;
    const now = await parts.context.store.get(entry.key);
    if (now?.versionstamp !== entry.versionstamp) return null;
  }
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
