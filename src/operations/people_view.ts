/**
 * People as they are shown: who they are here, what came and went, and what keeps them from it. No bodies.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import { listPending } from "../people/pairing_book.ts";
import { decideAccess } from "../policy/access.ts";
import { ownerNumbers } from "../policy/owner.ts";
import { type Phone } from "../policy/phone.ts";
import { type Amount, usdOf } from "../policy/price.ts";
import { utcMonth } from "../policy/utc_day.ts";
import { type AllowedSender, everybodyAllowed } from "../store/allowed_row.ts";
import { readView } from "../store/follow.ts";
import { monthSpend } from "../store/month_spend.ts";
import { TALKS } from "../store/talks.ts";
import { HISTORY } from "../store/history_row.ts";
import type { Store } from "../store/kv.ts";
import { listSenders, type SenderRow } from "../store/sender_row.ts";
import type { Clock } from "../system/clock.ts";
import { isLimited } from "./account_status.ts";

/** What somebody is here. */
export type Role = "owner" | "let in" | "waiting" | "blocked" | "stranger";
/** What keeps somebody from being texted. */
export type PersonState = "opted out" | "paused" | "limited" | "blocked";

/** Somebody who texts, may text, or asked to. Times in milliseconds since the epoch. */
export interface PersonView {
  readonly account: string;
  readonly phone: Phone;
  readonly name: string | null;
  /** What a contact card calls them, while they have no name. */
  readonly suggestedName: string | null;
  readonly role: Role;
  /** Since when they have that role; null where the settings say so. */
  readonly sinceMs: number | null;
  readonly lastTextAtMs: number | null;
  /** Texts of theirs in the history, which keeps 30 days. */
  readonly texts: number;
  /** Segments sent to them in the same time. */
  readonly segments: number;
  /** What they cost this month (UTC) in US dollars, billed or still estimated; null in a brief list. */
  readonly usdMonth: number | null;
  readonly states: readonly PersonState[];
}

/** What people are read from. */
export interface PeopleViewParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings?: (() => Settings | null) | undefined;
}

interface Known {
  readonly account: string;
  readonly phone: Phone;
  sender?: SenderRow;
  allowed?: AllowedSender;
  askedAtMs?: number;
  owner: boolean;
  texts: number;
  segments: number;
  spent: Amount;
  lastTextAtMs: number;
}

function statesOf(
  sender: SenderRow | undefined,
  settings: Settings | null,
  nowMs: number,
): PersonState[] {
  if (sender === undefined) return [];
  const states: readonly [PersonState, boolean][] = [
    ["blocked", sender.blockedAtMs !== undefined],
    ["opted out", sender.optedOutAtMs !== null],
    ["paused", sender.loop.pausedUntilMs > nowMs],
    ["limited", isLimited(sender, settings?.bridge.limits ?? null, nowMs)],
  ];
  return states.flatMap(([state, holds]) => holds ? [state] : []);
}

function roleOf(known: Known, settings: Settings | null): Pick<PersonView, "role" | "sinceMs"> {
  const { sender, allowed, askedAtMs, owner, phone } = known;
  const blockedAtMs = sender?.blockedAtMs;
  if (blockedAtMs !== undefined) return { role: "blocked", sinceMs: blockedAtMs };
  const sinceMs = allowed?.atMs ?? null;
  if (owner || allowed?.owner) return { role: "owner", sinceMs };
  const account = settings?.accounts.find(({ id }) => id === known.account);
  const access = account === undefined ? null : decideAccess({
    ...account,
    accessGroups: settings?.accessGroups,
    from: phone,
    paired: allowed !== undefined,
  }).kind;
  if (access === "allow" || (access === null && sinceMs !== null)) {
    return { role: "let in", sinceMs };
  }
  return askedAtMs === undefined
    ? { role: "stranger", sinceMs: null }
    : { role: "waiting", sinceMs: askedAtMs };
}

/**
 * Reads all who are known here, those heard of last first.
 *
 * @param brief Without what the history and the sums of money tell, which takes longer.
 */
export async function readPeople(
  { store, clock, settings: inForce }: PeopleViewParts,
  account?: string,
  brief = false,
): Promise<PersonView[]> {
  const settings = inForce?.() ?? null;
  const nowMs = clock.now();
  const people = new Map<string, Known>();
  function find(of: string, phone: Phone): Known {
    const key = `${of} ${phone}`;
    const known = people.get(key);
    if (known !== undefined) return known;
    const counts = { texts: 0, segments: 0, spent: 0, lastTextAtMs: 0 };
    const added: Known = { account: of, phone, owner: false, ...counts };
    people.set(key, added);
    return added;
  }
  for (const { account: of, phone, row } of await listSenders({ store }, account)) {
    const known = find(of, phone);
    known.sender = row;
    known.lastTextAtMs = row.loop.lastTextAtMs;
  }
  for (const one of await everybodyAllowed({ store }, account)) {
    find(one.account, one.phone).allowed = one;
  }
  for (const { account: of, phone, createdAtMs } of await listPending({ store, clock }, account)) {
    find(of, phone).askedAtMs = createdAtMs;
  }
  for (const { id } of settings?.accounts ?? []) {
    if (account !== undefined && id !== account) continue;
    for (const phone of ownerNumbers(settings?.bridge.ownerAllowFrom ?? [])) {
      find(id, phone).owner = true;
    }
  }
  // A store that keeps views tells these as quickly as all else.
  const quick = brief && store.follow !== undefined;
  const month = brief && !quick ? null : await readView(store, monthSpend(utcMonth(nowMs)));
  for (const { account: of, phone, sum } of month?.all() ?? []) {
    const known = people.get(`${of} ${phone}`);
    if (known !== undefined) known.spent += sum.billed + sum.estimated;
  }
  for await (const { value: row } of brief ? [] : store.list({ prefix: HISTORY })) {
    if (account !== undefined && row.account !== account) continue;
    const known = find(row.account, row.phone);
    known.segments += row.segments;
    if (row.direction === "out") continue;
    known.texts++;
    known.lastTextAtMs = Math.max(known.lastTextAtMs, row.atMs);
  }
  for (const talk of quick ? (await readView(store, TALKS)).all(nowMs) : []) {
    if (account === undefined || talk.account === account) {
      find(talk.account, talk.phone).texts = talk.texts;
    }
  }
  return [...people.values()].map((known): PersonView => ({
    account: known.account,
    phone: known.phone,
    name: known.sender?.name ?? null,
    suggestedName: known.sender?.name === undefined ? known.sender?.suggestedName ?? null : null,
    ...roleOf(known, settings),
    lastTextAtMs: known.lastTextAtMs > 0 ? known.lastTextAtMs : null,
    texts: known.texts,
    segments: known.segments,
    usdMonth: month === null ? null : usdOf(known.spent),
    states: statesOf(known.sender, settings, nowMs),
  })).sort((a, b) =>
    Math.max(b.lastTextAtMs ?? 0, b.sinceMs ?? 0) - Math.max(a.lastTextAtMs ?? 0, a.sinceMs ?? 0)
  );
}
