/**
 * What waits in the outbox, by what it will be billed as. A store of its own keeps it in memory, so that
 * whoever checks a budget does not read the outbox.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { destinationOf } from "../policy/price.ts";
import type { Change, Key, Store, Waits, WhatWaits } from "./kv.ts";
import { OUTBOX, type OutboxRow, outboxRows } from "./outbox_row.ts";

interface Noted {
  readonly versionstamp: string;
  /** Null once the row is gone. */
  readonly row: Pick<OutboxRow, "account" | "to"> & { readonly waits: Waits } | null;
}

function waitsOf({ chunks, sids }: OutboxRow): Waits {
  let [sms, mms] = [0, 0];
  for (const { segments, mediaUrls } of chunks.slice(sids.length)) {
    if (mediaUrls.length > 0) mms++;
    else sms += segments;
  }
  return { sms, mms };
}

function add(sums: Map<string, Waits>, name: string, { sms, mms }: Waits, sign: number): void {
  const known = sums.get(name) ?? { sms: 0, mms: 0 };
  const now = { sms: known.sms + sign * sms, mms: known.mms + sign * mms };
  if (now.sms === 0 && now.mms === 0) sums.delete(name);
  else sums.set(name, now);
}

/** The sums over the rows of the outbox. */
class WaitingSums implements WhatWaits {
  #rows = new Map<number, Noted>();
  #accounts = new Map<string, Map<string, Waits>>();
  #people = new Map<string, Waits>();

  /** Takes in what a row of the outbox is since a version; an older one changes nothing. */
  note(id: number, versionstamp: string, row: OutboxRow | null): void {
    const known = this.#rows.get(id);
    if (known !== undefined && known.versionstamp >= versionstamp) return;
    this.#add(known?.row, -1);
    const noted = row && { account: row.account, to: row.to, waits: waitsOf(row) };
    this.#rows.set(id, { versionstamp, row: noted });
    this.#add(noted, 1);
  }

  /** Forgets which rows are gone: nothing that was written before them is to be noted any more. */
  settle(gone: readonly number[]): void {
    for (const id of gone) if (this.#rows.get(id)?.row === null) this.#rows.delete(id);
  }

  ofAccount(account: string): ReadonlyMap<string, Waits> {
    return this.#accounts.get(account) ?? new Map();
  }

  ofPerson(account: string, phone: Phone): Waits {
    return this.#people.get(`${account} ${phone}`) ?? { sms: 0, mms: 0 };
  }

  #add(row: Noted["row"] | undefined, sign: number): void {
    if (!row) return;
    const { account, to, waits } = row;
    const sums = this.#accounts.get(account) ?? new Map<string, Waits>();
    this.#accounts.set(account, sums);
    add(sums, destinationOf(to), waits, sign);
    add(this.#people, `${account} ${to}`, waits, sign);
  }
}

async function scanInto(sums: WaitingSums, store: Pick<Store, "list">): Promise<WaitingSums> {
  for await (const { value, versionstamp } of outboxRows(store)) {
    sums.note(value.id, versionstamp, value);
  }
  return sums;
}

/** What waits to be sent, from memory where the store keeps it there. */
export function readWaiting(store: Pick<Store, "list" | "waiting">): Promise<WhatWaits> {
  return store.waiting?.() ?? scanInto(new WaitingSums(), store);
}

function isQueued(key: Key): boolean {
  return key[0] === OUTBOX[0];
}

/** The rows of the outbox that a change writes or removes. */
function queuedIn({ set = [], delete: gone = [] }: Change): [id: number, row: OutboxRow | null][] {
  return [
    ...set.filter(({ key }) => isQueued(key)).map(({ key, value }) =>
      [Number(key.at(-1)), value as OutboxRow] as [number, OutboxRow]
    ),
    ...gone.filter(isQueued).map((key) => [Number(key.at(-1)), null] as [number, null]),
  ];
}

/**
 * A store that knows what waits in its outbox, as nobody else writes into it. The outbox is read once, when
 * somebody first asks. Commits that are under way then are awaited, so that what is told holds for all
 * that anybody was told of a commit.
 */
export function countingStore(store: Store): Store {
  const underWay = new Map<Promise<void>, number>();
  let begun = 0;
  let sums: WaitingSums | null = null;
  let scanned: Promise<unknown> | null = null;
  /** Rows that are gone, each with how much had begun then and may still tell an older state. */
  let gone: { readonly id: number; readonly begun: number }[] = [];

  function settle(): void {
    const [oldest = Infinity] = underWay.values();
    const settled = gone.filter((one) => one.begun <= oldest);
    if (settled.length === 0) return;
    sums?.settle(settled.map(({ id }) => id));
    gone = gone.slice(settled.length);
  }
  async function noted(change: Change, rows: ReturnType<typeof queuedIn>) {
    const mine = sums;
    try {
      const versionstamp = await store.commit(change);
      if (versionstamp === null) return null;
      for (const [id, row] of rows) {
        mine?.note(id, versionstamp, row);
        if (row === null) gone.push({ id, begun });
      }
      return versionstamp;
    } catch (error) {
      // Whether it was carried out is read anew.
      sums = null;
      throw error;
    }
  }
  function keeping<T>(work: Promise<T>): Promise<T> {
    const ended = work.then(() => {}, () => {}).then(() => {
      underWay.delete(ended);
      settle();
    });
    underWay.set(ended, begun++);
    return work;
  }
  function scan(): void {
    const mine = sums = new WaitingSums();
    // What began before is not noted in these sums: the scan comes after it, and sees it.
    const before = Promise.all([...underWay.keys()]);
    scanned = keeping(before.then(() => scanInto(mine, store))).catch((error) => {
      if (sums === mine) sums = null;
      throw error;
    });
  }
  return {
    get: (key) => store.get(key),
    list: (range) => store.list(range),
    tidy: () => store.tidy?.() ?? true,
    close: () => store.close(),
    commit(change) {
      const rows = queuedIn(change);
      return rows.length === 0 ? store.commit(change) : keeping(noted(change, rows));
    },
    async waiting() {
      for (;;) {
        if (sums === null) scan();
        const wanted = sums;
        const before = [...underWay.keys()];
        await scanned;
        await Promise.all(before);
        if (sums === wanted && wanted !== null) return wanted;
      }
    },
  };
}
