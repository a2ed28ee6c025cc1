import { assertEquals, assertRejects } from "@std/assert";
import { createTogether } from "../../src/bridge/together.ts";
import { keyOf } from "../../src/store/keys.ts";
import { type Change, type Store, StoreError, TooMuchError } from "../../src/store/kv.ts";
import { createDisk, openDisk } from "../simulation/memory_store.ts";

const SUM = keyOf<number>("account", "default", "sum");
const one = (name: string) => keyOf<string>("outbox", name);

/** Plans over a store whose commits are noted, and may be made to fail. */
function planning(fail: (commits: number) => Error | null = () => null) {
  const disk = openDisk(createDisk(), () => "none", () => {});
  const commits: Change[] = [];
  const store: Store = {
    ...disk,
    async commit(change) {
      commits.push(change);
      const error = fail(commits.length);
      if (error !== null) throw error;
      return await disk.commit(change);
    },
  };
  const together = createTogether();
  /** Adds one to the sum and writes a row, unless `more` does not hold. */
  const add = (name: string, more: Change = {}, look = async (_: Store) => {}) =>
    together("default", store, async (over) => {
      await look(over);
      const sum = await over.get(SUM);
      const change = {
        ...more,
        check: [{ key: SUM, versionstamp: sum?.versionstamp ?? null }, ...more.check ?? []],
        set: [{ key: SUM, value: (sum?.value ?? 0) + 1 }, { key: one(name), value: name }],
      };
      return { change, saw: sum?.value ?? 0 };
    });
  const sum = async () => (await disk.get(SUM))?.value;
  return { disk, store, together, add, sum, commits };
}

const never = { check: [{ key: one("missing"), versionstamp: "1" }] };

Deno.test("together() commits what is planned at one time in one commit, each over what those before write", async () => {
  const { add, sum, commits, disk } = planning();
  const done = await Promise.all([add("a"), add("b"), add("c")]);
  assertEquals(done.map(({ plan }) => plan.saw), [0, 1, 2]);
  assertEquals([commits.length, await sum()], [1, 3]);
  const found = await disk.get(one("b"));
  assertEquals(
    new Set(done.map(({ versionstamp }) => versionstamp)),
    new Set([found!.versionstamp]),
  );
});

Deno.test("together() plans what comes during a commit over what that has written", async () => {
  const { add, sum, commits } = planning();
  const first = add("a");
  const later = first.then(() => Promise.all([add("c"), add("d")]));
  assertEquals([(await first).plan.saw, (await later).map(({ plan }) => plan.saw)], [0, [1, 2]]);
  assertEquals([commits.length, await sum()], [2, 3]);
});

Deno.test("together() does nothing of a plan that does not hold, and all of the others", async () => {
  const { add, sum, disk } = planning();
  const done = await Promise.all([add("a"), add("b", never), add("c")]);
  assertEquals(done.map(({ versionstamp }) => versionstamp === null), [false, true, false]);
  assertEquals([await sum(), await disk.get(one("b"))], [2, null]);
});

Deno.test("together() lets a plan alone that checks a row of one before as it was", async () => {
  const { add, sum, disk, commits } = planning();
  await disk.commit({ set: [{ key: one("a"), value: "old" }] });
  const old = (await disk.get(one("a")))!.versionstamp;
  const done = await Promise.all([
    add("a"),
    add("b", { check: [{ key: one("a"), versionstamp: old }] }),
  ]);
  assertEquals(done.map(({ versionstamp }) => versionstamp === null), [false, true]);
  assertEquals([commits.length, await sum()], [2, 1]);
});

Deno.test("together() keeps apart what one removes and another writes", async () => {
  const { add, disk, commits } = planning();
  await Promise.all([add("a"), add("b", { delete: [one("a")] }), add("a")]);
  assertEquals([commits.length, (await disk.get(one("a")))?.value], [3, "a"]);
});

Deno.test("together() lets a plan see that a row is gone which one before it removes", async () => {
  const { add, disk, commits } = planning();
  await disk.commit({ set: [{ key: one("old"), value: "old" }] });
  const seen: unknown[] = [];
  const look = async (store: Store) => void seen.push(await store.get(one("old")));
  await Promise.all([add("a", { delete: [one("old")] }), add("b", {}, look)]);
  assertEquals([seen, commits.length], [[null], 1]);
});

Deno.test("together() puts twenty plans at most into one commit", async () => {
  const { add, sum, commits } = planning();
  await Promise.all(Array.from({ length: 45 }, (_, i) => add(`${i}`)));
  assertEquals([commits.length, await sum()], [3, 45]);
});

Deno.test("together() lets a plan see all rows of a kind as those before have left them", async () => {
  const { add, commits } = planning();
  const seen: unknown[] = [];
  const look = async (store: Store) => {
    seen.length = 0;
    for await (const { value } of store.list({ prefix: keyOf<string>("outbox") })) seen.push(value);
  };
  await Promise.all([add("a"), add("b"), add("c", {}, look)]);
  assertEquals([seen, commits.length], [["a", "b"], 2]);
});

Deno.test("together() tells each of a disk that refuses, and goes on when it takes again", async () => {
  const { add, sum } = planning((commits) => commits === 1 ? new StoreError("full") : null);
  const [a, b] = [add("a"), add("b")];
  await assertRejects(() => a, StoreError);
  await assertRejects(() => b, StoreError);
  await add("c");
  assertEquals(await sum(), 1);
});

Deno.test("together() commits apart what is too much for one commit", async () => {
  const { add, sum, commits } = planning((n) => n === 1 ? new TooMuchError("large") : null);
  await Promise.all([add("a"), add("b")]);
  assertEquals([commits.length, await sum()], [3, 2]);
});

Deno.test("together() tells only the one whose plan fails", async () => {
  const { add, together, store, sum } = planning();
  const failing = together("default", store, () => Promise.reject(new Error("no plan")));
  const done = Promise.all([add("a"), add("b")]);
  await assertRejects(() => failing, Error, "no plan");
  await done;
  assertEquals(await sum(), 2);
});
