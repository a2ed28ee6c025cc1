/**
 * What an operator asks about money.
 *
 * @module
 */
import { accountNamed, chooseAccount } from "../config/sms_accounts.ts";
import type { ProbeParts } from "../checks/probe.ts";
import type { AccountSettings } from "../config/settings.ts";
import { lastsDays } from "../checks/probe_twilio.ts";
import type { Store } from "../store/kv.ts";
import { listSenders } from "../store/sender_row.ts";
import type { SeriesCounts } from "../store/series_row.ts";
import type { Clock } from "../system/clock.ts";
import { Failure, failure, unknownAccount } from "../system/failure.ts";
import { PROBE_TIMEOUT_MS, SPEND_DAYS_KEPT_MS } from "../system/limits.ts";
import { priceOf } from "../outbound/ledger.ts";
import { usdOf } from "../policy/price.ts";
import { type AccountParts, numberGiven, operation } from "./operation.ts";
import { type HourView, readHours } from "./series.ts";
import { readSpend, SPEND_BY, type SpendReport, usdPerDay } from "./spend.ts";
import { probePartsFor, type StatusOperationParts } from "./status_operations.ts";

/** What they work on. */
export interface SpendParts extends AccountParts, Pick<StatusOperationParts, "probe"> {
  readonly store: Store;
  readonly clock: Clock;
  /** What happened and is in no series yet; nothing when left out. */
  readonly uncounted?: () => SeriesCounts;
}

/** What is left at Twilio. */
export interface Balance {
  readonly account: string;
  /** Null when Twilio does not tell it. */
  readonly left: number | null;
  readonly currency: string | null;
  /** How long it lasts at the rate of the last days; null when that cannot be said. */
  readonly days: number | null;
}

/** What a message would cost, in US dollars. */
export interface Estimate {
  readonly usd: number;
  readonly segmentUsd: number;
  readonly mmsUsd: number;
  /** Whether Twilio has billed a segment there; else the price is that of a table. */
  readonly billedBefore: boolean;
}

const isCount = (value: number) => Number.isInteger(value) && value >= 0 && value <= 10_000;

const DAY_MS = 24 * 3_600_000;
async function balanceOf(
  parts: SpendParts,
  account: AccountSettings,
  ask: ProbeParts["twilio"],
): Promise<Balance> {
  const unknown = { account: account.id, left: null, currency: null, days: null };
  const deadline = new AbortController();
  const cancel = parts.clock.after(PROBE_TIMEOUT_MS, () => deadline.abort());
  const read = await ask(account).fetchBalance(deadline.signal).finally(cancel);
  if (read.kind !== "ok") return unknown;
  const { balance, currency } = read.value;
  const left = Number(balance);
  if (balance === "" || !Number.isFinite(left)) return unknown;
  const rate = await usdPerDay(parts.store, account.id, parts.clock.now());
  const days = lastsDays(left, currency, rate);
  return { account: account.id, left, currency, days };
}

/** The same with what people are called. */
async function withNames(store: Store, report: SpendReport): Promise<SpendReport> {
  const names = new Map<string, string>();
  for (const { phone, row } of await listSenders({ store })) {
    if (row.name !== undefined) names.set(phone, row.name);
  }
  const rows = report.rows.map((row) => {
    const personName = names.get(row.name);
    return personName === undefined ? row : { ...row, personName };
  });
  return { ...report, rows };
}

/** The operations on money. */
export const SPEND_OPERATIONS = {
  /** What was spent, from the kept sums. */
  spend: operation({
    read: (input) => ({
      by: input.optionalText("by"),
      sinceMs: input.optionalNumber("sinceMs"),
      account: input.optionalText("account"),
    }),
    async run(
      { store, clock, accounts }: SpendParts,
      { by = "day", sinceMs, account: name },
    ): Promise<SpendReport | Failure> {
      const nowMs = clock.now();
      const kind = SPEND_BY.find((one) => one === by);
      if (kind === undefined) {
        return failure("usage", "input-invalid", `"by" must be ${SPEND_BY.join(", ")}`);
      }
      const fromMs = sinceMs ?? nowMs - 29 * DAY_MS;
      if (!Number.isFinite(fromMs) || fromMs > nowMs) {
        return failure("usage", "input-invalid", '"sinceMs" must be milliseconds since the epoch');
      }
      const account = name && (accountNamed(accounts(), name) ?? name);
      const since = Math.max(fromMs, nowMs - SPEND_DAYS_KEPT_MS);
      const found = await readSpend(store, { by: kind, sinceMs: since, nowMs, account });
      const report = kind === "person" ? await withNames(store, found) : found;
      return name === undefined || report.rows.length > 0 || accountNamed(accounts(), name)
        ? report
        : unknownAccount(name, accounts().ids);
    },
  }),
  /** What a message would cost: as Twilio billed of late at that destination, else by the price table. */
  estimate: operation({
    read: (input) => ({
      number: input.text("number"),
      account: input.optionalText("account"),
      segments: input.optionalNumber("segments"),
      mms: input.optionalNumber("mms"),
    }),
    async run(
      { store, accounts }: SpendParts,
      { number, account: name, segments = 1, mms = 0 },
    ): Promise<Estimate | Failure> {
      const phone = numberGiven(number);
      const account = chooseAccount(accounts(), name);
      if (account instanceof Failure) return account;
      if (!isCount(segments) || !isCount(mms)) {
        return failure("usage", "input-invalid", '"segments" and "mms" must be small integers');
      }
      const sms = await priceOf(store, account, phone, "sms");
      const one = await priceOf(store, account, phone, "mms");
      return {
        usd: usdOf(sms.unit * segments + one.unit * mms),
        segmentUsd: usdOf(sms.unit),
        mmsUsd: usdOf(one.unit),
        billedBefore: sms.billedBefore,
      };
    },
  }),
  /** The last 24 hours. */
  hours: operation({
    read: () => ({}),
    async run(parts: SpendParts): Promise<{ hours: HourView[] }> {
      const { store, clock, accounts, uncounted } = parts;
      return { hours: await readHours(store, accounts().ids, clock.now(), uncounted?.()) };
    },
  }),
  /** What is left at Twilio; what it does not tell is null, never a failure of its own. */
  balance: operation({
    read: (input) => ({ account: input.optionalText("account") }),
    async run(parts: SpendParts, { account: name }): Promise<{ balances: Balance[] } | Failure> {
      const found = await probePartsFor(parts, name);
      if (found instanceof Failure) return found;
      const id = name && accountNamed(found.settings.accountChoice, name);
      const asked = found.settings.accounts.filter((one) =>
        one.enabled && (id === undefined || one.id === id)
      );
      return {
        balances: await Promise.all(asked.map((one) => balanceOf(parts, one, found.twilio))),
      };
    },
  }),
};
