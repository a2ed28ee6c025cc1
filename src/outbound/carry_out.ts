/**
 * Carries out what was decided about a message of the outbox: its cursor moves on, it waits, or it becomes
 * a dead letter; each in one commit.
 *
 * @module
 */
import { deadMessage } from "../store/dead_letter.ts";
import { type EndedBecause, messageHistory } from "../store/history_row.ts";
import {
  deliveryKey,
  type DeliveryRow,
  deliverySet,
  mergeDelivery,
} from "../store/delivery_row.ts";
import type { Change, Entry, Store } from "../store/kv.ts";
import type { OutboxRow, OutChunk } from "../store/outbox_row.ts";
import type { ChunkCost } from "../store/spend_row.ts";
import { SEND_BACKOFF_MS_MAX, SEND_BACKOFF_MS_MIN } from "../system/limits.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import { countSegments } from "../text/sms/segments.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { estimate, inSums, pricedOf, sumsLane } from "./ledger.ts";
import type { Verdict } from "./decide.ts";
import type { Step } from "../bridge/steps.ts";
import { removalOf } from "../store/removal.ts";
import { traceOf } from "./trace.ts";

/** The part of a change that notes what became of a message. */
export function inHistory(
  context: BridgeContext,
  row: OutboxRow,
  outcome: string,
  atMs: number,
  why?: EndedBecause,
) {
  const keepBody = context.settings().bridge.storeBodies && row.secret !== true;
  return messageHistory(row, { outcome, atMs, keepBody, ...(why === undefined ? {} : { why }) });
}

async function costOf(
  store: Store,
  { account, to: phone }: OutboxRow,
  chunk: OutChunk,
  atMs: number,
): Promise<ChunkCost> {
  const priced = pricedOf(chunk);
  return {
    account,
    phone,
    atMs,
    ...priced,
    estimate: await estimate(store, account, phone, [priced]),
  };
}

/** Commits that the cursor moves on; null when the row was changed, else the report that was there already. */
async function moveOn(
  context: BridgeContext,
  entry: Entry<OutboxRow>,
  next: OutboxRow,
  { sid, status, errorCode = null }: Verdict & { kind: "advance" },
  nowMs: number,
): Promise<{ readonly overtaken: DeliveryRow | undefined } | null> {
  const row = entry.value;
  const chunk = row.chunks[row.sids.length]!;
  const finished = next.sids.length === row.chunks.length;
  const reportKey = deliveryKey(sid);
  const planned = async (store: Store) => {
    const known = await store.get(reportKey);
    const delivery = {
      ...mergeDelivery(known?.value ?? null, { status, errorCode }, nowMs),
      messageId: row.id,
      trace: traceOf(row),
      cost: await costOf(store, row, chunk, nowMs),
    };
    const sums = await inSums(store, known?.value ?? null, delivery, nowMs);
    const change: Change = {
      check: [
        { key: entry.key, versionstamp: entry.versionstamp },
        { key: reportKey, versionstamp: known?.versionstamp ?? null },
        ...sums.check,
      ],
      set: [
        deliverySet(sid, delivery, nowMs),
        finished ? inHistory(context, next, "sent", nowMs) : { key: entry.key, value: next },
        ...sums.set,
      ],
      ...(finished ? removalOf(entry) : {}),
    };
    return { change, overtaken: known?.value };
  };
  const lane = sumsLane(context, row.account);
  for (;;) {
    const { plan, versionstamp } = await context.together(lane, context.store, planned);
    if (versionstamp !== null) return plan;
    // Others are billed meanwhile: only a change of the row itself is for its next step.
    const kept = await context.store.get(entry.key);
    if (kept?.versionstamp !== entry.versionstamp) return null;
  }
}

/** Notes that Twilio has taken the chunk at the cursor. `again` when there is more to do. */
async function advance(
  context: BridgeContext,
  entry: Entry<OutboxRow>,
  verdict: Verdict & { kind: "advance" },
): Promise<Step> {
  const { sid } = verdict;
  const row = entry.value;
  const nowMs = context.clock.now();
  const chunk = row.chunks[row.sids.length]!;
  const sids = [...row.sids, sid];
  const next: OutboxRow = {
    ...row,
    sids,
    begunAtMs: null,
    attempts: 0,
    notBeforeMs: 0,
    waitMs: undefined,
    trouble: undefined,
  };
  const moved = await moveOn(context, entry, next, verdict, nowMs);
  if (moved === null) return "again";
  const { overtaken } = moved;
  const finished = sids.length === row.chunks.length;
  const { segments, body } = chunk;
  context.tally.count("messages", "sent");
  context.tally.count("segments", countSegments(body).encoding, segments);
  context.tally.mark("outbound", nowMs);
  context.log.info("message.sent", {
    trace: traceOf(row),
    to: maskNumber(row.to),
    sid: shortSid(sid),
    chunk: `${sids.length}/${row.chunks.length}`,
    segments,
  });
  if (overtaken !== undefined) {
    // The report was ahead of Twilio's answer to the send, and nobody knew then whose it was.
    const { status, errorCode: code } = overtaken.record;
    const trace = traceOf(row);
    const told = {
      account: row.account,
      trace,
      sid: shortSid(sid),
      status,
      code: code ?? undefined,
    };
    context.log.info("message.reported", { ...told, early: true });
  }
  return finished ? "finished" : "again";
}

/** Whether who asked for it is told that it did not go, and asks again: a dead letter would be a second text. */
function isAskedAgain(row: OutboxRow, reason: string): boolean {
  return row.kind === "sent" && (reason === "refused" || reason === "opted-out");
}

/** Moves a row to the dead letters, from where an operator can put it back, or to the history alone. */
async function abandon(
  context: BridgeContext,
  entry: Entry<OutboxRow>,
  { reason, detail, errorCode = null }: Verdict & { kind: "abandon" },
): Promise<Step> {
  const row = entry.value;
  const nowMs = context.clock.now();
  const code = errorCode === null ? {} : { errorCode };
  const committed = await context.store.commit({
    check: [{ key: entry.key, versionstamp: entry.versionstamp }],
    set: isAskedAgain(row, reason)
      ? [inHistory(context, row, reason, nowMs, { detail, ...code })]
      : [
        deadMessage(row, { reason, detail, ...code, atMs: nowMs }),
        inHistory(context, row, reason, nowMs),
      ],
    ...removalOf(entry),
  });
  if (!committed) return "again";
  context.tally.count("messages", reason);
  const trace = traceOf(row);
  context.log.error("message.given-up", { trace, to: maskNumber(row.to), reason, detail });
  return "finished";
}

/** Half to all of a delay that doubles with each failed try. */
function backoffMs({ random }: BridgeContext, attempts: number): number {
  const fullMs = Math.min(SEND_BACKOFF_MS_MAX, SEND_BACKOFF_MS_MIN * 2 ** attempts);
  return fullMs * (0.5 + random.fraction() / 2);
}

/** Lets a row wait after a failed try; `begunAtMs` stays when the fate of that try is not known. */
async function postpone(
  context: BridgeContext,
  entry: Entry<OutboxRow>,
  { trouble, delayMs, backoff, begunAtMs }: Verdict & { kind: "postpone" },
): Promise<Step> {
  const { attempts } = entry.value;
  const waitMs = backoff ? Math.max(delayMs, backoffMs(context, attempts)) : delayMs;
  const row: OutboxRow = {
    ...entry.value,
    begunAtMs,
    trouble,
    attempts: attempts + 1,
    notBeforeMs: context.clock.now() + waitMs,
    waitMs: Math.ceil(waitMs),
  };
  await context.store.commit({
    check: [{ key: entry.key, versionstamp: entry.versionstamp }],
    set: [{ key: entry.key, value: row }],
  });
  return "again";
}

/** Carries a verdict out. `again` when there is more to do, or when somebody changed the row meanwhile. */
export async function carryOut(
  context: BridgeContext,
  entry: Entry<OutboxRow>,
  verdict: Verdict,
): Promise<Step> {
  switch (verdict.kind) {
    case "advance":
      return await advance(context, entry, verdict);
    case "abandon":
      return await abandon(context, entry, verdict);
    case "postpone":
      return await postpone(context, entry, verdict);
  }
}
