import { assertEquals, assertRejects } from "@std/assert";
import { HISTORY_TTL_MS, historyKey } from "../../../src/store/history_row.ts";
import { INBOX, inboxKey } from "../../../src/store/inbox_row.ts";
import { seenKey } from "../../../src/store/keys.ts";
import { type Key, type Range, type Store, StoreError, type Write } from "../../../src/store/kv.ts";
import { outboxKey } from "../../../src/store/outbox_row.ts";
import { copyStore } from "../../../src/store/shared/copy.ts";
import { EPOCH_KEY, LEASE_KEY, markKey, memberKey } from "../../../src/store/shared/rows.ts";
import { DEDUPE_TTL_MS, IDEMPOTENCY_TTL_MS, REFUSED_TTL_MS } from "../../../src/system/limits.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";
import { inboxRow } from "../inbox_rows.ts";

const DAY_MS = 24 * 3_600_000;
const memory = () => openDisk(createDisk(), () => "none", () => {});
const text = inboxRow({ id: 7, messageSid: "SM7" });
const waits = { key: inboxKey(7), value: text };
const seen = seenKey(text.accountSid, text.messageSid);

async function storeOf(...set: readonly Write[]): Promise<Store> {
  const store = memory();
  await store.commit({ set });
  return store;
}

async function keysOf(store: Store): Promise<Key[]> {
  return (await Array.fromAsync(store.list({ prefix: [] }))).map(({ key }) => key);
}

Deno.test("copyStore() takes all rows over but those of the bridges that run, and knows the texts that wait", async () => {
  const own = [LEASE_KEY, EPOCH_KEY, memberKey(1), markKey("run", 0), ["schema"]];
  const from = await storeOf(waits, { key: ["allowed", "default", "+12025550101"], value: 1 }, {
    key: historyKey(3),
    value: 2,
  }, ...own.map((key) => ({ key, value: 0 })));
  const to = memory();
  const written: Write[] = [];
  const noting: Store = {
    ...to,
    commit: (change) => (written.push(...change.set ?? []), to.commit(change)),
  };
  assertEquals(await copyStore(from, noting), { allowed: 1, history: 1, inbox: 1, seen: 1 });
  assertEquals((await keysOf(to)).map(([kind]) => kind), ["allowed", "history", "inbox", "seen"]);
  assertEquals((await to.get(seen))?.value, 7);
  const keptMs = (kind: string) => written.find(({ key }) => key[0] === kind)?.expireInMs;
  assertEquals([keptMs("allowed"), keptMs("history")], [undefined, HISTORY_TTL_MS]);
});

Deno.test("copyStore() keeps for its time once more what is kept for a time, and the rest for good", async () => {
  const rows: readonly (readonly [Key, number | undefined])[] = [
    [seen, DEDUPE_TTL_MS],
    [["account", "default", "refused"], REFUSED_TTL_MS],
    [["account", "default", "words"], DAY_MS],
    [["account", "default", "pairing-replies"], DAY_MS],
    [["account", "default", "pairing-waits-told"], DAY_MS],
    [["account", "refused", "spending"], undefined],
    [["bridge", "idempotency", "a", "b"], IDEMPOTENCY_TTL_MS],
  ];
  const from = await storeOf(...rows.map(([key]) => ({ key, value: 7 })));
  const written: Write[] = [];
  const to = memory();
  await copyStore(from, {
    ...to,
    commit: (change) => (written.push(...change.set ?? []), to.commit(change)),
  });
  for (const [key, keptMs] of rows) {
    const one = written.find((row) => row.key.join() === key.join());
    assertEquals([key, one?.expireInMs], [key, keptMs]);
  }
});

Deno.test("copyStore() has a text once that is answered while it copies", async () => {
  const from = await storeOf(waits);
  let answered = false;
  const busy: Store = {
    ...from,
    async *list<T>(range: Range<T>) {
      yield* from.list(range);
      if (answered || range.prefix[0] !== INBOX[0]) return;
      answered = true;
      await from.commit({ delete: [waits.key], set: [{ key: outboxKey(7), value: "an answer" }] });
    },
  };
  const to = memory();
  await copyStore(busy, to);
  assertEquals(await keysOf(to), [outboxKey(7)]);
});

Deno.test("copyStore() says so when not all rows have arrived", async () => {
  const from = await storeOf(waits);
  const to = memory();
  const losing: Store = {
    ...to,
    commit: ({ set = [] }) => to.commit({ set: set.filter(({ key }) => key[0] !== "seen") }),
  };
  await assertRejects(() => copyStore(from, losing), StoreError, "of 2 rows 1 have arrived");
});
