/**
 * Counting in: a message that came past `enqueue.ts`, from another machine, meets the budgets before its
 * next chunk leaves, and is accounted for once.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { decideSpending } from "../policy/quota.ts";
import type { Entry } from "../store/kv.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import { HELD_LOOK_MS } from "../system/limits.ts";
import { segmentsOf } from "../text/sms/segments.ts";
import { readBudget, warnSpent } from "./budget.ts";
import type { NextStep } from "./decide.ts";

/** What comes of a message that was not counted yet. */
export type Counted =
  /** It is counted, or was changed meanwhile: look again. */
  | { readonly kind: "again" }
  | Extract<NextStep, { readonly kind: "wait" | "abandon" }>;

/** Counts what is left of a message; one that has no room in the budgets waits until it has. */
export async function countIn(context: BridgeContext, entry: Entry<OutboxRow>): Promise<Counted> {
  const { account, to, kind, id } = entry.value;
  const chunks = entry.value.chunks.slice(entry.value.sids.length);
  const { sender, day, check, input } = await readBudget(
    context,
    account,
    to,
    kind === "sent",
    { id, chunks },
  );
  const decision = decideSpending({ ...input, segments: segmentsOf(chunks) });
  if (decision.kind === "ok") {
    const { uncounted: _, ...counted } = entry.value;
    const committed = await context.store.commit({
      check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
      set: [
        { key: entry.key, value: counted },
        { key: sender.key, value: { ...sender.row, spending: decision.sender } },
        { key: day.key, value: decision.day },
      ],
    });
    if (committed !== null) warnSpent(context, account, to, decision);
    return { kind: "again" };
  }
  const { limit, freesAtMs } = decision;
  if (freesAtMs === null) {
    const detail = "it is longer than a spending limit lets any message be; see `bridge.limits`";
    return { kind: "abandon", reason: `budget-${limit}`, detail };
  }
  const warned = { ...day.row, warnedUntilMs: decision.day.warnedUntilMs };
  if (decision.warn) {
    const committed = await context.store.commit({ check, set: [{ key: day.key, value: warned }] });
    if (committed !== null) warnSpent(context, account, to, decision);
  }
  return { kind: "wait", forMs: Math.min(freesAtMs - context.clock.now(), HELD_LOOK_MS) };
}
