import { assertEquals } from "@std/assert";
import { rememberingStore } from "../../../src/store/own/remember.ts";
import { inboxKey } from "../../../src/store/inbox_row.ts";
import { seenKey } from "../../../src/store/keys.ts";
import { type Change, type Key, type Store, StoreError } from "../../../src/store/kv.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";
import { createSimClock } from "../../../src/sim/clock.ts";
import { inboxRow } from "../inbox_rows.ts";

const KEY = inboxKey(1);
const write = (text: string, more: Change = {}): Change => ({
  set: [{ key: KEY, value: inboxRow({ id: 1, text }) }],
  ...more,
});

/** A store that remembers, over one whose commits wait for a word, and which counts its reads. */
function remembering() {
  const clock = createSimClock();
  const disk = openDisk(createDisk(), () => "none", () => {});
  const gates: PromiseWithResolvers<void>[] = [];
  const seen = { reads: 0 };
  let held = false;
  const store: Store = {
    ...disk,
    get: (key) => (seen.reads++, disk.get(key)),
    async commit(change) {
      const done = await disk.commit(change);
      if (!held) return done;
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return done;
    },
  };
  const text = async (from: Pick<Store, "get"> = own) => (await from.get(KEY))?.value.text;
  const own = rememberingStore(store, clock);
  return { own, clock, disk, seen, gates, text, hold: () => (held = true) };
}

Deno.test("rememberingStore() reads a row once, and not again what it has written", async () => {
  const { own, seen, text } = remembering();
  assertEquals([await own.get(KEY), await own.get(KEY), seen.reads], [null, null, 1]);
  const versionstamp = await own.commit(write("hello"));
  assertEquals([await text(), (await own.get(KEY))?.versionstamp, seen.reads], [
    "hello",
    versionstamp,
    1,
  ]);
  await own.commit({ delete: [KEY] });
  assertEquals([await own.get(KEY), seen.reads], [null, 1]);
  const other: Key = seenKey("AC1", "SM1");
  assertEquals([await own.get(other), await own.get(other), seen.reads], [null, null, 3]);
});

Deno.test("rememberingStore() reads anew what a commit has met that did not hold", async () => {
  const { own, disk, seen, text } = remembering();
  await own.commit(write("hello"));
  await disk.commit(write("behind its back"));
  const check = [{ key: KEY, versionstamp: "0" }];
  assertEquals(await own.commit(write("late", { check })), null);
  assertEquals([await text(), seen.reads], ["behind its back", 1]);
});

Deno.test("rememberingStore() keeps the last of several commits, whichever is answered last", async () => {
  for (const order of [[0, 1], [1, 0]]) {
    const { own, disk, gates, text, hold } = remembering();
    hold();
    const commits = [own.commit(write("first")), own.commit(write("second"))];
    while (gates.length < 2) await Promise.resolve();
    for (const at of order) {
      assertEquals(await text(), await text(disk), "while one is under way the disk is asked");
      gates[at]!.resolve();
      await commits[at];
    }
    assertEquals([await text(), await text(disk)], ["second", "second"]);
  }
});

Deno.test("rememberingStore() does not keep what was read before a commit that has ended since", async () => {
  const disk = openDisk(createDisk(), () => "none", () => {});
  const late = Promise.withResolvers<void>();
  const own = rememberingStore({
    ...disk,
    async get(key) {
      const found = await disk.get(key);
      await late.promise;
      return found;
    },
  }, createSimClock());
  const before = own.get(KEY);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  await own.commit(write("hello"));
  late.resolve();
  assertEquals(await before, null);
  assertEquals((await own.get(KEY))?.value.text, "hello");
});

Deno.test("rememberingStore() does not keep what was read while a commit was under way", async () => {
  const { own, disk, gates, text, hold } = remembering();
  await own.commit(write("before"));
  const old = await disk.get(KEY);
  const { get } = disk;
  const late = Promise.withResolvers<void>();
  hold();
  const commit = own.commit(write("after"));
  // A read may be answered with what was there before, and late.
  disk.get = async () => (await late.promise, old as never);
  const read = text();
  while (gates.length < 1) await Promise.resolve();
  gates[0]!.resolve();
  await commit;
  late.resolve();
  assertEquals(await read, "before");
  disk.get = get;
  assertEquals(await text(), "after");
});

Deno.test("rememberingStore() reads anew what commits have written of which one was not answered", async () => {
  const disk = openDisk(createDisk(), () => "none", () => {});
  const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let commits = 0;
  const own = rememberingStore({
    ...disk,
    async commit(change) {
      const answer = answers[commits++]!.promise;
      const done = await disk.commit(change);
      await answer;
      return done;
    },
  }, createSimClock());
  const first = own.commit(write("first"));
  while (await disk.get(KEY) === null) await Promise.resolve();
  const lost = own.commit(write("lost")).catch(() => {});
  answers[0]!.resolve();
  answers[1]!.reject(new StoreError("it does not answer"));
  await Promise.all([first, lost]);
  assertEquals((await own.get(KEY))?.value.text, "lost");
});

Deno.test("rememberingStore() keeps 3,000 rows: the one that was asked for longest ago is read again", async () => {
  const { own, seen } = remembering();
  for (let id = 1; id <= 3_000; id++) await own.get(inboxKey(id));
  await own.get(inboxKey(1));
  await own.get(inboxKey(3_001));
  assertEquals(seen.reads, 3_001);
  await own.get(inboxKey(1));
  assertEquals(seen.reads, 3_001);
  await own.get(inboxKey(2));
  assertEquals(seen.reads, 3_002);
});

Deno.test("rememberingStore() notices within seconds what another process has written", async () => {
  const { own, clock, disk, text } = remembering();
  await own.commit(write("hello"));
  await disk.commit(write("behind its back"));
  assertEquals(await text(), "hello");
  await clock.advance(5_000);
  assertEquals(await text(), "behind its back");
});
