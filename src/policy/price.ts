/**
 * The price book: what an SMS costs in US dollars, by destination, from what Twilio billed there; from a
 * small table until it has.
 *
 * @module
 */
import { PRICES_LEARNT_MAX } from "../system/limits.ts";
import { countryCode, type Phone } from "./phone.ts";

/** US dollars in whole 1/100,000: Twilio bills five decimals, so sums of these are exact. */
export type Amount = number;

/** What makes up the price of one SMS. */
export interface Priced {
  readonly segments: number;
  /** Whether it carries files: then it is billed as one MMS, whatever its segments. */
  readonly mms: boolean;
}

/** How a message is billed: by segment, or whole. */
export type PriceKind = "sms" | "mms";

const AMOUNTS_PER_USD = 100_000;

/** US dollars as an {@linkcode Amount}. */
export function amountOf(usd: number): Amount {
  return Math.round(usd * AMOUNTS_PER_USD);
}

/** An {@linkcode Amount} in US dollars. */
export function usdOf(amount: Amount): number {
  return amount / AMOUNTS_PER_USD;
}

/** Reads a price as it is kept, `0.0079 USD`; null when it is in another currency. */
export function readPrice(text: string): Amount | null {
  const [amount, currency] = text.split(" ");
  const usd = Number(amount);
  return currency === "USD" && Number.isFinite(usd) ? amountOf(usd) : null;
}

/** Area codes of `+1` outside the United States and Canada, each with prices of its own. */
const ISLANDS =
  /^\+1(?:242|246|264|268|284|345|441|473|649|658|664|721|758|767|784|8[024]9|868|869|876)/;

/** What prices are kept by: the country code, and in North America's islands the area code too. */
export function destinationOf(phone: Phone): string {
  return phone.match(ISLANDS)?.[0] ?? countryCode(phone);
}

/**
 * US dollars by destination, a segment and an MMS: Twilio's public list prices without carriers' fees
 * (https://www.twilio.com/en-us/sms/pricing), outside `+1` rounded up. They only serve until Twilio has
 * billed something there.
 */
const DEFAULTS: Readonly<Record<string, readonly [sms: number, mms: number]>> = {
  "+1": [0.0083, 0.022],
  "+31": [0.12, 0.12],
  "+33": [0.09, 0.09],
  "+34": [0.1, 0.1],
  "+39": [0.1, 0.1],
  "+44": [0.06, 0.06],
  "+49": [0.12, 0.12],
  "+61": [0.06, 0.35],
  "+91": [0.09, 0.09],
};
/** Anywhere else: more than most places cost, so that a budget rather stops early. */
const ELSEWHERE = [0.15, 0.35] as const;

/** How a message is billed. */
export function kindOf({ mms }: Pick<Priced, "mms">): PriceKind {
  return mms ? "mms" : "sms";
}

/** Prices that Twilio billed of late for one destination and kind, newest last; a segment's or an MMS's. */
export type Learnt = readonly Amount[];

/** What a segment or an MMS costs: the median of what was billed, or the table's price. */
export function unitPrice(destination: string, kind: PriceKind, learnt: Learnt): Amount {
  const sorted = learnt.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  const usd = (DEFAULTS[destination] ?? ELSEWHERE)[kind === "sms" ? 0 : 1];
  return median ?? amountOf(usd);
}

/** What a message costs at a price of its kind. */
export function costAt(unit: Amount, { segments, mms }: Priced): Amount {
  return mms ? unit : unit * segments;
}

/** Takes in what Twilio billed for a message. What was free tells nothing of the next. */
export function learn(learnt: Learnt, billed: Amount, { segments, mms }: Priced): Learnt {
  const units = mms ? 1 : segments;
  if (billed <= 0 || units < 1) return learnt;
  return [...learnt, Math.round(billed / units)].slice(-PRICES_LEARNT_MAX);
}
