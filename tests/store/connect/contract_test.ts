/**
 * What every store keeps to: the file, an engine of the tests, and a real `denokv` where it is there.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openStore, type Store, StoreError, TooMuchError } from "../../../src/store/kv.ts";
import { openPlace } from "../../../src/store/shared/open_place.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { startFakeEngine } from "./fake_engine.ts";
import { denokvProgram, startDenokv } from "./real_engine.ts";

const PARTS = { clock: systemClock, random: systemRandom };
const program = denokvProgram();

interface Place {
  readonly name: string;
  readonly use: (test: (store: Store) => Promise<void>) => Promise<void>;
}

async function onEngine(
  { url: store, token: storeToken }: { readonly url: string; readonly token: string },
  test: (store: Store) => Promise<void>,
): Promise<void> {
  const opened = await openPlace({ stateDir: "/nowhere", store, storeToken }, PARTS);
  try {
    await test(opened);
  } finally {
    opened.close();
  }
}

const PLACES: readonly Place[] = [
  {
    name: "the file",
    async use(test) {
      const store = await openStore(":memory:", PARTS);
      await test(store);
      store.close();
    },
  },
  {
    name: "an engine",
    async use(test) {
      await using engine = startFakeEngine();
      await onEngine(engine, test);
    },
  },
  ...program === null ? [] : [{
    name: "denokv",
    async use(test: (store: Store) => Promise<void>) {
      await using engine = await startDenokv(program);
      await onEngine(engine, test);
    },
  }],
];

if (program === null) {
  Deno.test.ignore("denokv is not installed: `cargo install denokv --locked`", () => {});
}

async function keysOf(store: Store, range: Parameters<Store["list"]>[0]) {
  const keys = [];
  for await (const { key } of store.list(range)) keys.push(key);
  return keys;
}

function contract(sentence: string, test: (store: Store) => Promise<void>): void {
  for (const { name, use } of PLACES) {
    Deno.test(`${name} ${sentence}`, () => use(test));
  }
}

contract("names the row that is too large, or says how large a commit is", async (store) => {
  const commit = (count: number, chars: number) =>
    store.commit({
      set: Array.from(
        { length: count },
        (_, i) => ({ key: ["outbox", i], value: "x".repeat(chars) }),
      ),
    });
  const row = "a row of `outbox` has 70006 bytes, and it takes 65536";
  await assertRejects(() => commit(1, 70_000), TooMuchError, row);
  await assertRejects(() => commit(14, 60_000), TooMuchError, "and it takes 1000 of 819200");
  assertEquals(await keysOf(store, { prefix: ["outbox"] }), []);
  assert(await commit(10, 60_000) !== null);
});

contract(
  "names the key that is too long, and takes one that is as long as may be",
  async (store) => {
    const key = (chars: number) => ["announced", "x".repeat(chars)];
    const long = "a key of `announced` has 2113 bytes, and it takes 2048";
    for (
      const change of [
        { set: [{ key: key(2_100), value: 1 }] },
        { delete: [key(2_100)] },
        { check: [{ key: key(2_100), versionstamp: null }], set: [{ key: ["a"], value: 1 }] },
      ]
    ) {
      await assertRejects(() => store.commit(change), TooMuchError, long);
    }
    assertEquals(await store.get(["a"]), null);
    assert(await store.commit({ set: [{ key: key(2_035), value: 1 }] }) !== null);
    assertEquals((await store.get(key(2_035)))?.value, 1);
  },
);

const VALUE = { text: "hé😀\n\u0000", list: [1, -2.5, null, true], at: 1_764_000_000_000, no: {} };

contract("gives back what was committed, with the version of the commit", async (store) => {
  const versionstamp = await store.commit({ set: [{ key: ["a", 1], value: VALUE }] });
  const found = await store.get(["a", 1]);
  assertEquals(found, { key: ["a", 1], value: VALUE, versionstamp: versionstamp! });
  assertEquals(await store.get(["a", 2]), null);
});

contract("does all of a commit or nothing", async (store) => {
  const first = await store.commit({ set: [{ key: ["a"], value: 1 }] });
  const refused = await store.commit({
    check: [{ key: ["a"], versionstamp: null }],
    set: [{ key: ["b"], value: 1 }],
    delete: [["a"]],
  });
  assertEquals(refused, null);
  assertEquals(await store.get(["b"]), null);
  const done = await store.commit({
    check: [{ key: ["a"], versionstamp: first }, { key: ["b"], versionstamp: null }],
    set: [{ key: ["b"], value: 2 }],
    delete: [["a"]],
  });
  assert(done !== null && done > first!);
  assertEquals(await store.get(["a"]), null);
  assertEquals((await store.get(["b"]))?.value, 2);
});

contract("lists below a prefix, in the order of the keys", async (store) => {
  const keys = [["q", -1.5], ["q", 0], ["q", 9], ["q", 10], ["q", 1.7e15], ["q", "a", 1], ["r", 1]];
  await store.commit({ set: keys.toReversed().map((key) => ({ key, value: 1 })) });
  assertEquals(await keysOf(store, { prefix: ["q"] }), [
    ["q", "a", 1],
    ["q", -1.5],
    ["q", 0],
    ["q", 9],
    ["q", 10],
    ["q", 1.7e15],
  ]);
  assertEquals(await keysOf(store, { prefix: ["q"], start: ["q", 9], limit: 2 }), [["q", 9], [
    "q",
    10,
  ]]);
  assertEquals(await keysOf(store, { prefix: ["q"], reverse: true, limit: 2 }), [["q", 1.7e15], [
    "q",
    10,
  ]]);
});

contract("tells keys with odd letters apart", async (store) => {
  const keys = [["k", ""], ["k", "\u0000"], ["k", "\u0000a"], ["k", "a"], ["k", "a\u0000"], [
    "k",
    "ä",
  ]];
  await store.commit({ set: keys.map((key, value) => ({ key, value })) });
  assertEquals(await keysOf(store, { prefix: ["k"] }), keys);
  for (const [i, key] of keys.entries()) assertEquals((await store.get(key))?.value, i);
});

contract("lists more rows than one answer brings, in both directions", async (store) => {
  const keys = Array.from({ length: 1_203 }, (_, i) => ["many", i]);
  for (let at = 0; at < keys.length; at += 400) {
    await store.commit({ set: keys.slice(at, at + 400).map((key) => ({ key, value: "x" })) });
  }
  assertEquals(await keysOf(store, { prefix: ["many"] }), keys);
  assertEquals(await keysOf(store, { prefix: ["many"], reverse: true }), keys.toReversed());
});

contract("forgets a row after its time, and keeps the others", async (store) => {
  await store.commit({
    set: [{ key: ["short"], value: 1, expireInMs: 3_600_000 }, { key: ["long"], value: 1 }],
  });
  assertEquals((await store.get(["short"]))?.value, 1);
});

contract("refuses a value that is too large, and does nothing of the commit", async (store) => {
  const large = "x".repeat(70_000);
  await assertRejects(
    () => store.commit({ set: [{ key: ["a"], value: 1 }, { key: ["b"], value: large }] }),
    StoreError,
  );
  assertEquals(await store.get(["a"]), null);
});
