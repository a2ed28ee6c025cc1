import { assertEquals, assertRejects } from "@std/assert";
import type { InboxRow } from "../../src/store/inbox_row.ts";
import { inboxRows, openInboxWriter, seenSet } from "../../src/store/inbox.ts";
import { type Change, openStore, type Store, StoreError } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { inboxRow } from "./inbox_rows.ts";

const row = (id: number, messageSid = `SM${id}`): InboxRow => inboxRow({ id, messageSid });

function counting(store: Store): Store & { commits: Change[] } {
  const commits: Change[] = [];
  return {
    ...store,
    commits,
    commit(change) {
      commits.push(change);
      return store.commit(change);
    },
  };
}

async function ids(store: Store): Promise<number[]> {
  const found: number[] = [];
  for await (const { value } of inboxRows(store)) found.push(value.id);
  return found;
}

Deno.test("InboxWriter.add() puts texts that arrive together into few commits", async () => {
  const memory = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const store = counting(memory);
  const inbox = await openInboxWriter(store);
  const taken = await Promise.all(Array.from({ length: 50 }, (_, i) => inbox.add(row(i + 1))));
  assertEquals(new Set(taken), new Set(["stored"]));
  assertEquals(store.commits.length, 3, "the first alone, a group behind it, the rest together");
  assertEquals((await ids(memory)).length, 50);
  memory.close();
});

Deno.test("InboxWriter.add() stores a MessageSid once, also within one group", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const inbox = await openInboxWriter(store);
  const taken = await Promise.all([
    inbox.add(row(1, "SMa")),
    inbox.add(row(2, "SMb")),
    inbox.add(row(3, "SMb")),
    inbox.add(row(4, "SMa")),
    inbox.add(row(5, "SMc")),
  ]);
  assertEquals(taken, ["stored", "stored", "duplicate", "duplicate", "stored"]);
  assertEquals(await ids(store), [1, 2, 5]);
  store.close();
});

Deno.test("InboxWriter.add() knows a MessageSid again after its text was answered", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const inbox = await openInboxWriter(store);
  await inbox.add(row(1, "SMa"));
  await store.commit({ set: [seenSet(row(1, "SMa"))], delete: [["inbox", 1]] });
  assertEquals(await inbox.add(row(2, "SMa")), "duplicate");
  assertEquals(await ids(store), []);
  store.close();
});

Deno.test("InboxWriter.add() stores what is new of a group in which an answered text comes again", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  await store.commit({ set: [seenSet(row(1, "SMa"))] });
  const inbox = await openInboxWriter(store);
  const sids = ["SMb", "SMa", "SMc"];
  const taken = await Promise.all(sids.map((sid, i) => inbox.add(row(i + 2, sid))));
  assertEquals(taken, ["stored", "duplicate", "stored"]);
  assertEquals(await ids(store), [2, 4]);
  store.close();
});

Deno.test("InboxWriter.add() rejects every text of a commit that the disk refused, and goes on", async () => {
  const memory = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  let full = true;
  const inbox = await openInboxWriter({
    ...memory,
    commit: (change) => full ? Promise.reject(new StoreError("disk full")) : memory.commit(change),
  });
  const refused = await Promise.allSettled([
    inbox.add(row(1)),
    inbox.add(row(2)),
    inbox.add(row(3)),
  ]);
  assertEquals(refused.map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  await assertRejects(() => inbox.add(row(4)), StoreError);
  full = false;
  assertEquals(await inbox.add(row(5)), "stored");
  assertEquals(await ids(memory), [5]);
  memory.close();
});

Deno.test("InboxWriter.add() knows a MessageSid that waits in the inbox since before a restart", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  await (await openInboxWriter(store)).add(row(1, "SMa"));
  const inbox = await openInboxWriter(store);
  assertEquals(await inbox.add(row(2, "SMa")), "duplicate");
  assertEquals(await inbox.add(row(3, "SMb")), "stored");
  assertEquals(await ids(store), [1, 3]);
  store.close();
});

Deno.test("InboxWriter.add() refuses a text's repeat together with the text", async () => {
  const memory = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const refusing = () => Promise.reject(new StoreError("disk full"));
  const inbox = await openInboxWriter({ ...memory, commit: refusing });
  const both = await Promise.allSettled([inbox.add(row(1, "SMa")), inbox.add(row(2, "SMa"))]);
  assertEquals(both.map(({ status }) => status), ["rejected", "rejected"]);
  memory.close();
});

Deno.test("InboxWriter.add() knows a text that a disk kept although it reported a failure", async () => {
  const memory = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  let lies = true;
  const inbox = await openInboxWriter({
    ...memory,
    async commit(change) {
      const kept = await memory.commit(change);
      if (lies) throw new StoreError("input/output error");
      return kept;
    },
  });
  await assertRejects(() => inbox.add(row(1, "SMa")), StoreError);
  lies = false;
  assertEquals(await inbox.add(row(2, "SMa")), "duplicate");
  assertEquals(await ids(memory), [1]);
  memory.close();
});

Deno.test("InboxWriter.add() knows every MessageSid after thousands of texts", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const inbox = await openInboxWriter(store);
  for (let id = 1; id <= 6_000; id += 100) {
    const rows = Array.from({ length: 100 }, (_, i) => row(id + i));
    await Promise.all(rows.map((one) => inbox.add(one)));
    // Every other hundred is answered; the others go on waiting.
    if (id % 200 !== 1) continue;
    for (let at = 0; at < 100; at += 50) {
      const answered = rows.slice(at, at + 50);
      await store.commit({
        set: answered.map((one) => seenSet(one)),
        delete: answered.map((one) => ["inbox", one.id]),
      });
    }
  }
  const repeats = [1, 99, 100, 101, 200, 999, 1_000, 5_900, 6_000];
  const taken = await Promise.all(repeats.map((id) => inbox.add(row(40_000 + id, `SM${id}`))));
  assertEquals(new Set(taken), new Set(["duplicate"]));
  store.close();
});
