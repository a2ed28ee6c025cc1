/**
 * The inbox of a store that several bridges share: any of them takes texts in, each text once, and in one
 * order whichever bridge took it in and whatever its clock says.
 *
 * @module
 */
import type { Clock } from "../../system/clock.ts";
import { inboxKey, type InboxRow } from "../inbox_row.ts";
import { type InboxWriter, seenSet, takeGroup, type Waiting } from "../inbox.ts";
import { createSequence, seenKey } from "../keys.ts";
import { type Store, StoreError } from "../kv.ts";
import { LAST_TEXT_KEY, MEMBER_NUMBERS } from "./rows.ts";
import type { SharedStore } from "./shared_store.ts";

/** What the inbox works with. */
export interface SharedInboxParts {
  /** Whose commits ring the bell. */
  readonly store: Pick<Store, "commit">;
  readonly getAll: SharedStore["getAll"];
  readonly clock: Clock;
  /** No row has a greater id, as long as no text was taken in here. */
  readonly lastId: number;
  /** Told of each commit. */
  readonly onStored: () => void;
}

/** Each try that fails is one that another bridge has made. */
const TRIES_MAX = 50;

async function commitGroup(parts: SharedInboxParts, group: readonly Waiting[]): Promise<void> {
  const { store, getAll, clock, lastId } = parts;
  const keys = group.map(({ row }) => seenKey(row.accountSid, row.messageSid));
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const [last, ...seen] = await getAll<number | null>([LAST_TEXT_KEY, ...keys]);
    const fresh = group.filter((_, i) => seen[i] === null);
    // Ids rise by the order of commits: a clock that is ahead moves them on, and one behind does not go back.
    const sequence = createSequence(clock, Math.max(last?.value ?? 0, lastId), {
      of: MEMBER_NUMBERS,
      at: () => 0,
    });
    const rows: InboxRow[] = fresh.map(({ row }) => ({ ...row, id: sequence.next() }));
    const committed = rows.length === 0 || await store.commit({
          check: [{ key: LAST_TEXT_KEY, versionstamp: last?.versionstamp ?? null }],
          set: [
            { key: LAST_TEXT_KEY, value: rows.at(-1)!.id },
            ...rows.flatMap((row) => [
              { key: inboxKey(row.id), value: row },
              // Kept until the text leaves the inbox: that commit says how long it is known from then on.
              { key: seenSet(row).key, value: row.id },
            ]),
          ],
        }) !== null;
    if (!committed) continue;
    if (rows.length > 0) parts.onStored();
    for (const one of group) one.done.resolve(fresh.includes(one) ? "stored" : "duplicate");
    return;
  }
  throw new StoreError("Cannot use the store: others write into it all the time");
}

/** Opens the inbox of a shared store; texts that arrive together share one commit. */
export function openSharedInbox(parts: SharedInboxParts): InboxWriter {
  const waiting: Waiting[] = [];
  let underWay = false;
  async function run(): Promise<void> {
    underWay = true;
    while (waiting.length > 0) {
      const group = takeGroup(waiting);
      await commitGroup(parts, group).catch((error) => {
        for (const { done } of group) done.reject(error);
      });
    }
    underWay = false;
  }
  return {
    add(row) {
      const done = Promise.withResolvers<"stored" | "duplicate">();
      waiting.push({ row, done });
      if (!underWay) run();
      return done.promise;
    },
  };
}
