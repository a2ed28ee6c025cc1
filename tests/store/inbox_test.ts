import { assertEquals, assertRejects } from "@std/assert";
import type { Phone } from "../../src/policy/phone.ts";
import { createInboxWriter, type InboxRow, inboxRows } from "../../src/store/inbox.ts";
import { type Change, openStore, type Store, StoreError } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";

const row = (id: number, messageSid = `SM${id}`): InboxRow => ({
  id,
  account: "default",
  accountSid: "AC1",
  messageSid,
  from: "+12025550100" as Phone,
  to: "+12025550123",
  text: "hi",
  media: [],
  mediaMissing: 0,
  receivedAtMs: 0,
  recovered: false,
  started: null,
  attempts: 0,
  noticed: false,
});

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

Deno.test("InboxWriter.add() puts texts that arrive together into one commit", async () => {
  const memory = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const store = counting(memory);
  const inbox = createInboxWriter(store);
  const taken = await Promise.all(Array.from({ length: 50 }, (_, i) => inbox.add(row(i + 1))));
  assertEquals(new Set(taken), new Set(["stored"]));
  assertEquals(store.commits.length, 2, "the first goes alone, the 49 behind it together");
  assertEquals((await ids(memory)).length, 50);
  memory.close();
});

Deno.test("InboxWriter.add() stores a MessageSid once, also within one group", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const inbox = createInboxWriter(store);
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
  const inbox = createInboxWriter(store);
  await inbox.add(row(1, "SMa"));
  await store.commit({ delete: [["inbox", 1]] });
  assertEquals(await inbox.add(row(2, "SMa")), "duplicate");
  assertEquals(await ids(store), []);
  store.close();
});

Deno.test("InboxWriter.add() rejects every text of a commit that the disk refused, and goes on", async () => {
  const memory = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  let full = true;
  const inbox = createInboxWriter({
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
