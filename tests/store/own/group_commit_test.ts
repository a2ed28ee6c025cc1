import { assertEquals, assertRejects } from "@std/assert";
import { groupingStore } from "../../../src/store/own/group_commit.ts";
import { type Change, type Store, StoreError, TooMuchError } from "../../../src/store/kv.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

/** A store that groups, and the commits that reach the disk, each by the keys that it writes. */
function grouping(fault: (change: Change) => void = () => {}) {
  const disk = openDisk(createDisk(), () => "none", () => {});
  const commits: string[] = [];
  const store: Store = {
    ...disk,
    async commit(change) {
      commits.push((change.set ?? []).map(({ key }) => key.join("")).join(" "));
      await Promise.resolve();
      fault(change);
      return await disk.commit(change);
    },
  };
  return { own: groupingStore(store), disk, commits };
}

const set = (...names: string[]): Change => ({
  set: names.map((name) => ({ key: [name], value: 1 })),
});
const check = (name: string, versionstamp: string | null = null) => ({
  check: [{ key: [name], versionstamp }],
});

Deno.test("groupingStore() sends the first at once, and what comes meanwhile together", async () => {
  const { own, commits } = grouping();
  const done = await Promise.all(["a", "b", "c"].map((name) => own.commit(set(name))));
  assertEquals(commits, ["a", "b c"]);
  assertEquals([done[1] === done[2], done[0] === done[1]], [true, false]);
});

Deno.test("groupingStore() sends 32 changes together at most", async () => {
  const { own, commits } = grouping();
  await Promise.all(Array.from({ length: 60 }, (_, i) => own.commit(set(`${i}`))));
  assertEquals(commits.map((keys) => keys.split(" ").length), [1, 32, 27]);
});

Deno.test("groupingStore() keeps the order of changes that have a row in common", async () => {
  const { own, commits } = grouping();
  const done = await Promise.all([
    own.commit(set("a")),
    own.commit(set("x")),
    own.commit({ ...set("y"), ...check("x") }),
    own.commit(set("y", "z")),
    own.commit(set("z")),
    own.commit(set("b")),
  ]);
  assertEquals(commits, ["a", "x b", "y", "y z", "z"]);
  assertEquals(done.map((version) => version !== null), [true, true, false, true, true, true]);
});

Deno.test("groupingStore() has the others carried out where one does not hold", async () => {
  const { own, disk, commits } = grouping();
  await disk.commit(set("taken"));
  const [, good, bad] = await Promise.all([
    own.commit(set("a")),
    own.commit(set("good")),
    own.commit({ ...set("bad"), ...check("taken") }),
  ]);
  assertEquals([good !== null, bad], [true, null]);
  assertEquals(commits, ["a", "good bad", "good", "bad"]);
  assertEquals([await disk.get(["good"]) !== null, await disk.get(["bad"])], [true, null]);
});

Deno.test("groupingStore() tells each of a disk that refuses, and goes on when it takes again", async () => {
  let full = true;
  const { own, commits } = grouping(() => {
    if (full) throw new StoreError("Cannot use the store: disk full");
  });
  const all = ["a", "b", "c"].map((name) => own.commit(set(name)));
  for (const one of all) await assertRejects(() => one, StoreError, "disk full");
  assertEquals(commits, ["a", "b c"]);
  full = false;
  assertEquals(await own.commit(set("d")) !== null, true);
});

Deno.test("groupingStore() tries apart what is too much for one commit", async () => {
  const { own, commits } = grouping(({ set = [] }) => {
    if (set.length > 1) throw new TooMuchError("too large");
  });
  const done = await Promise.all(["a", "b", "c"].map((name) => own.commit(set(name))));
  assertEquals(done.every((version) => version !== null), true);
  assertEquals(commits, ["a", "b c", "b", "c"]);
});
