/**
 * The sums of money: what was sent by day, hour and person, and what Twilio billed of late by destination.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import type { Amount, Learnt, Priced, PriceKind } from "../policy/price.ts";
import { below, keyOf } from "./keys.ts";

/** What was sent in some span of time. */
export interface SpendSum {
  /** What Twilio has billed. */
  readonly billed: Amount;
  /** What the rest is expected to cost. */
  readonly estimated: Amount;
  /** SMS and MMS. */
  readonly messages: number;
  readonly segments: number;
}

/** Nothing was sent. */
export const NO_SPEND: SpendSum = { billed: 0, estimated: 0, messages: 0, segments: 0 };

/** What a sent chunk costs, and where it is counted; stands in its delivery row. */
export interface ChunkCost extends Priced {
  readonly account: string;
  readonly phone: Phone;
  /** When Twilio took it: its day and hour are what it counts in. */
  readonly atMs: number;
  /** What it was expected to cost when it was sent. */
  readonly estimate: Amount;
}

/** What two spans cost together. */
export function addSums(a: SpendSum, b: SpendSum): SpendSum {
  return {
    billed: a.billed + b.billed,
    estimated: a.estimated + b.estimated,
    messages: a.messages + b.messages,
    segments: a.segments + b.segments,
  };
}

/** By account and day. */
export const SPEND_DAYS = keyOf<SpendSum>("spend", "day");
/** An account's day. */
export const spendDayKey = (account: string, day: string) => below(SPEND_DAYS, account, day);
/** An account's hour. */
export const spendHourKey = (account: string, hour: string) =>
  keyOf<SpendSum>("spend", "hour", account, hour);
/** By day, account and person: the oldest first. */
export const SPEND_PEOPLE = keyOf<SpendSum>("spend", "person");
/** A person's day. */
export const spendPersonKey = (day: string, account: string, phone: Phone) =>
  below(SPEND_PEOPLE, day, account, phone);
/** What Twilio billed an account of late at a destination. */
export const pricesKey = (account: string, destination: string, kind: PriceKind) =>
  keyOf<Learnt>("price", account, destination, kind);
