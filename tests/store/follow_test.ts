import { assertEquals, assertRejects } from "@std/assert";
import type { Phone } from "../../src/policy/phone.ts";
import { type Store, StoreError } from "../../src/store/kv.ts";
import { OUTBOX, outboxKey, type OutboxRow } from "../../src/store/outbox_row.ts";
import { followingStore, readView } from "../../src/store/follow.ts";
import { WAITING } from "../../src/outbound/waiting.ts";
import { seededRandom } from "../../src/system/random.ts";
import { createDisk, openDisk } from "../simulation/memory_store.ts";

const PEOPLE = ["+12025550101", "+12425550102", "+4915112345678"] as Phone[];
const ACCOUNTS = ["default", "work"];

/** A store whose answers come in any order, as those of a disk may. */
function shuffled(store: Store, fraction: () => number): Store {
  return {
    ...store,
    async commit(change) {
      const done = await store.commit(change);
      for (let ticks = fraction() * 40; ticks > 0; ticks--) await Promise.resolve();
      return done;
    },
  };
}

async function sumsOf(store: Store) {
  const sums = await readView(store, WAITING);
  return ACCOUNTS.map((account) => [
    [...sums.ofAccount(account)].sort(),
    PEOPLE.map((phone) => sums.ofPerson(account, phone)),
  ]);
}

Deno.test("followingStore() knows what waits as a look at the whole outbox does, whatever comes and goes at the same time", async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const { fraction } = seededRandom(seed);
    const upTo = (n: number) => Math.floor(fraction() * n);
    const raw = openDisk(createDisk(), () => "none", () => {});
    const store = followingStore(shuffled(raw, fraction));
    const make = (id: number): OutboxRow => ({
      id,
      account: ACCOUNTS[upTo(2)]!,
      to: PEOPLE[upTo(3)]!,
      kind: "sent",
      inReplyTo: null,
      chunks: Array.from({ length: 1 + upTo(3) }, () => ({
        body: "hi",
        segments: 1 + upTo(4),
        mediaUrls: upTo(3) === 0 ? ["https://example.com/a.png"] : [],
      })),
      sids: [],
      begunAtMs: null,
      attempts: 0,
      notBeforeMs: 0,
      createdAtMs: 0,
    });
    const set = (row: OutboxRow) => store.commit({ set: [{ key: outboxKey(row.id), value: row }] });
    /** A message comes, each of its chunks goes or all are given up, as the stages commit it. */
    const live = async (id: number) => {
      await set(make(id));
      while (fraction() < 0.9) {
        const entry = await raw.get(outboxKey(id));
        if (entry === null) return;
        const sids = [...entry.value.sids, "SM"];
        const check = [{ key: entry.key, versionstamp: entry.versionstamp }];
        const ends = sids.length >= entry.value.chunks.length || upTo(5) === 0;
        const value = { ...entry.value, sids };
        const change = ends ? { delete: [entry.key] } : { set: [{ key: entry.key, value }] };
        // Others see what was committed before whoever committed it is told.
        const committing = store.commit({ check, ...change });
        if (upTo(2) === 0) await committing;
        if (ends) return;
      }
    };
    const lives: Promise<void>[] = [];
    for (let id = 1; id <= 30; id++) {
      lives.push(live(id));
      if (upTo(5) === 0) await store.follow!(WAITING);
      if (upTo(9) === 0) await store.commit({ delete: [outboxKey(1 + upTo(id))] });
    }
    await Promise.all(lives);
    assertEquals(await sumsOf(store), await sumsOf(raw), `seed ${seed}`);
  }
});

Deno.test("followingStore() reads the outbox once, and again after a commit that failed", async () => {
  let refuses = false;
  const disk = openDisk(createDisk(), () => refuses ? "refuse" : "none", () => {});
  let lists = 0;
  const store = followingStore({
    ...disk,
    list(range) {
      if (range.prefix[0] === OUTBOX[0]) lists++;
      return disk.list(range);
    },
  });
  const gone = { delete: [outboxKey(1)] };
  for (let i = 0; i < 5; i++) {
    await store.commit(gone);
    await store.follow!(WAITING);
  }
  assertEquals(lists, 1);
  refuses = true;
  await assertRejects(() => store.commit(gone), StoreError);
  await store.follow!(WAITING);
  assertEquals(lists, 2);
});
