/**
 * Budget notices: owners are texted, where the settings want it, when a budget of the account is spent to
 * 80 %, or has no room for others than owners. Once each, and only while the budget has room for that too.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { ownersToTell } from "../people/owner.ts";
import type { SpendingDecision, SpendingInput, SpendingLimit } from "../policy/quota.ts";
import { sentenceFits } from "../policy/usd_budget.ts";
import type { OutboxRow } from "../store/outbox_row.ts";
import { renderReply } from "../text/sms/render.ts";
import { toOutbox } from "./compose.ts";
import { estimate, pricedOf } from "./ledger.ts";

/** How each budget of an account is called; the others are a sender's own. */
const NAMES: Partial<Record<SpendingLimit, string>> = {
  "day": "segments for 24 hours",
  "usd-day": "US dollars for today",
  "usd-month": "US dollars for this month",
};

/** The budgets of the account that owners are to be told of now. */
function toTell(decision: SpendingDecision): SpendingLimit[] {
  const limits = decision.kind === "ok" ? decision.near : decision.warn ? [decision.limit] : [];
  return limits.filter((limit) => NAMES[limit] !== undefined);
}

/**
 * The messages to owners that go into the commit of a decision.
 *
 * @param beside What else goes out with that commit, and costs too.
 */
export async function budgetNotices(
  context: BridgeContext,
  account: string,
  decision: SpendingDecision,
  { usd, limits }: Pick<SpendingInput, "usd" | "limits">,
  beside: OutboxRow | null,
): Promise<OutboxRow[]> {
  const [limit] = toTell(decision);
  if (limit === undefined || !context.settings().bridge.budgetNotices) return [];
  const sentence = `The budget of ${NAMES[limit]} is spent to 80 % or more. ` +
    "See `sms-bridge spend`; bridge.limits raises it.";
  const rendered = renderReply(sentence);
  let spent = beside === null
    ? 0
    : await estimate(context.store, account, beside.to, beside.chunks.map(pricedOf));
  const notices: OutboxRow[] = [];
  for (const to of await ownersToTell(context, account)) {
    const notice = toOutbox(
      context,
      { account, to, kind: "proactive", inReplyTo: null },
      rendered,
    );
    if (notice === null) continue;
    spent += await estimate(context.store, account, to, [{ segments: 1, mms: false }]);
    const after = usd && { ...usd, day: usd.day + spent, month: usd.month + spent, perSegment: 0 };
    if (after !== undefined && !sentenceFits({ limits, spent: after, owner: true, owners: true })) {
      break;
    }
    notices.push(notice);
  }
  return notices;
}
