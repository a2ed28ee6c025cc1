/**
 * What waits in the outbox, by what it will be billed as, so that whoever checks a budget does not read it.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { destinationOf, type PriceKind } from "../policy/price.ts";
import { createRowsView } from "../store/follow.ts";
import type { View, ViewKind } from "../store/kv.ts";
import { OUTBOX, type OutboxRow } from "../store/outbox_row.ts";

/** Segments of SMS, and MMS. */
export type Waits = Readonly<Record<PriceKind, number>>;

/** The sums over the rows of the outbox. */
export interface WaitingSums extends View {
  /** What waits for an account's recipients, by destination. */
  ofAccount(account: string): ReadonlyMap<string, Waits>;
  /** What waits for one recipient of an account. */
  ofPerson(account: string, phone: Phone): Waits;
}

const NOTHING: Waits = { sms: 0, mms: 0 };

function waitsOf({ chunks, sids }: OutboxRow): Waits {
  let [sms, mms] = [0, 0];
  for (const { segments, mediaUrls } of chunks.slice(sids.length)) {
    if (mediaUrls.length > 0) mms++;
    else sms += segments;
  }
  return { sms, mms };
}

function add(sums: Map<string, Waits>, name: string, { sms, mms }: Waits, sign: number): void {
  const known = sums.get(name) ?? NOTHING;
  const now = { sms: known.sms + sign * sms, mms: known.mms + sign * mms };
  if (now.sms === 0 && now.mms === 0) sums.delete(name);
  else sums.set(name, now);
}

function createWaitingSums(): WaitingSums {
  const accounts = new Map<string, Map<string, Waits>>();
  const people = new Map<string, Waits>();
  type Kept = Pick<OutboxRow, "account" | "to"> & { readonly waits: Waits };
  function count(row: Kept | null, sign: number): void {
    if (row === null) return;
    const { account, to, waits } = row;
    const sums = accounts.get(account) ?? new Map<string, Waits>();
    accounts.set(account, sums);
    add(sums, destinationOf(to), waits, sign);
    add(people, `${account} ${to}`, waits, sign);
  }
  const rows = createRowsView<OutboxRow, Kept>({
    prefix: OUTBOX,
    keep: (row) => ({ account: row.account, to: row.to, waits: waitsOf(row) }),
    changed(before, after) {
      count(before, -1);
      count(after, 1);
    },
  });
  return {
    ...rows,
    ofAccount: (account) => accounts.get(account) ?? new Map(),
    ofPerson: (account, phone) => people.get(`${account} ${phone}`) ?? NOTHING,
  };
}

/** What waits to be sent. */
export const WAITING: ViewKind<WaitingSums> = { name: "waiting", make: createWaitingSums };
