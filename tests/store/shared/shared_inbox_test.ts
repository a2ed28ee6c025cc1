import { assertEquals, assertRejects } from "@std/assert";
import type { InboxRow } from "../../../src/store/inbox_row.ts";
import { inboxRows, seenSet } from "../../../src/store/inbox.ts";
import { type RowKey, StoreError } from "../../../src/store/kv.ts";
import { openSharedInbox } from "../../../src/store/shared/shared_inbox.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";
import { inboxRow } from "../inbox_rows.ts";

const NOON_MS = Date.UTC(2026, 0, 1, 12);
const text = (name: string) => inboxRow({ text: name, messageSid: `SM${name}` });

/** Bridges on one store, each with a clock that is so wrong. */
function createInboxes(...skewsMs: readonly number[]) {
  const disk = { full: false };
  const store = openDisk(createDisk(), () => disk.full ? "refuse" : "none", () => {});
  const getAll = <T>(keys: readonly RowKey<T>[]) => Promise.all(keys.map((key) => store.get(key)));
  const inboxes = skewsMs.map((skewMs) =>
    openSharedInbox({
      store,
      getAll,
      clock: { now: () => NOON_MS + skewMs, after: () => () => {} },
      lastId: 0,
      onStored: () => {},
    })
  );
  const texts = async () => {
    const rows: InboxRow[] = [];
    for await (const { value } of inboxRows(store)) rows.push(value);
    return rows.map((row) => row.text);
  };
  return { disk, store, inboxes, texts };
}

Deno.test("openSharedInbox() keeps texts in the order of their commits, whichever bridge's clock is wrong", async () => {
  const { inboxes: [ahead, behind], texts } = createInboxes(300_000, -300_000);
  for (const [inbox, name] of [[ahead, "1"], [behind, "2"], [ahead, "3"], [behind, "4"]] as const) {
    assertEquals(await inbox!.add(text(name)), "stored");
  }
  assertEquals(await texts(), ["1", "2", "3", "4"]);
});

Deno.test("openSharedInbox() stores once what comes to two bridges in the same moment, and all that is new", async () => {
  const { inboxes: [one, two], texts } = createInboxes(0, 0);
  const taken = await Promise.all([
    one!.add(text("a")),
    two!.add(text("a")),
    one!.add(text("b")),
    two!.add(text("c")),
    two!.add(text("b")),
  ]);
  assertEquals(taken.filter((kind) => kind === "stored").length, 3);
  assertEquals((await texts()).toSorted(), ["a", "b", "c"]);
});

Deno.test("openSharedInbox() knows a text that another bridge has answered", async () => {
  const { inboxes: [one, two], store, texts } = createInboxes(0, 0);
  await one!.add(text("a"));
  const [row] = await Array.fromAsync(inboxRows(store));
  await store.commit({ set: [seenSet(row!.value)], delete: [row!.key] });
  assertEquals([await two!.add(text("a")), await texts()], ["duplicate", []]);
});

Deno.test("openSharedInbox() rejects what the store refuses, and goes on", async () => {
  const { disk, inboxes: [one], texts } = createInboxes(0);
  disk.full = true;
  await assertRejects(() => one!.add(text("a")), StoreError);
  disk.full = false;
  assertEquals([await one!.add(text("a")), await texts()], ["stored", ["a"]]);
});
