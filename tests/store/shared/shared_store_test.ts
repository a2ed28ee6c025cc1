import { assert, assertEquals, assertRejects } from "@std/assert";
import { connectTo } from "../../../src/store/connect/connect.ts";
import { SchemaError, StoreError } from "../../../src/store/kv.ts";
import { openShared } from "../../../src/store/shared/open.ts";
import { MARKS } from "../../../src/store/shared/rows.ts";
import type { SharedStore } from "../../../src/store/shared/shared_store.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { STORE_TRIES_MAX } from "../../../src/system/limits.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { type EngineFate, type FakeEngine, startFakeEngine } from "../connect/fake_engine.ts";

const PARTS = { clock: systemClock, random: systemRandom };

/** Has a store on an engine, on which the next commits end as is said, and all others well. */
async function withStore(
  test: (store: SharedStore, engine: FakeEngine, fates: EngineFate[]) => Promise<void>,
): Promise<void> {
  await using engine = startFakeEngine();
  const place = { stateDir: "/nowhere", store: engine.url, storeToken: engine.token };
  const { store } = await openShared(place, PARTS, "bridge");
  const fates: EngineFate[] = [];
  engine.fate = (method) => method === "atomic_write" ? fates.shift() ?? "fine" : "fine";
  try {
    await test(store, engine, fates);
  } finally {
    store.close();
  }
}

Deno.test("commit() whose answer was lost is told as done, with the version that its rows have", () =>
  withStore(async (store, _, fates) => {
    const first = await store.commit({ set: [{ key: ["n"], value: 1 }] });
    fates.push("lost-after");
    const done = await store.commit({
      check: [{ key: ["n"], versionstamp: first }],
      set: [{ key: ["n"], value: 2 }],
    });
    assertEquals(await store.get(["n"]), { key: ["n"], value: 2, versionstamp: done! });
  }));

Deno.test("commit() whose answer was lost is done once, also when nothing of it is checked", () =>
  withStore(async (store, engine, fates) => {
    fates.push("lost-after", "lost-after");
    const before = engine.asked.length;
    const done = await store.commit({ set: [{ key: ["n"], value: 1 }] });
    assertEquals((await store.get(["n"]))?.versionstamp, done);
    const writes = engine.asked.slice(before).filter((method) => method === "atomic_write");
    assertEquals(writes.length, 3);
    // The third would have given the row another version.
    assertEquals((await store.get(["n"]))?.value, 1);
  }));

Deno.test("commit() is carried out also when the engine has forgotten the mark of the one before", () =>
  withStore(async (store, { url, token }) => {
    await store.commit({ set: [{ key: ["n"], value: 1 }] });
    const marks = await Array.fromAsync(store.list({ prefix: MARKS }));
    const place = { stateDir: "/nowhere", store: url, storeToken: token };
    const { store: other } = await openShared(place, PARTS, "bridge");
    await other.commit({ delete: marks.map(({ key }) => key) });
    other.close();
    assertEquals(marks.length > 0, true);
    assert(await store.commit({ set: [{ key: ["n"], value: 2 }] }) !== null);
    assertEquals((await store.get(["n"]))?.value, 2);
  }));

Deno.test("commit() that never arrived is tried again", () =>
  withStore(async (store, _, fates) => {
    fates.push("lost-before", "broken");
    assert(await store.commit({ set: [{ key: ["n"], value: 1 }] }) !== null);
    assertEquals((await store.get(["n"]))?.value, 1);
  }));

Deno.test("commit() whose check does not hold is told so, after a lost answer too", () =>
  withStore(async (store, _, fates) => {
    await store.commit({ set: [{ key: ["n"], value: 1 }] });
    const refused = {
      check: [{ key: ["n"], versionstamp: null }],
      set: [{ key: ["m"], value: 1 }],
    };
    assertEquals(await store.commit(refused), null);
    fates.push("lost-after");
    assertEquals(await store.commit(refused), null);
    assertEquals(await store.get(["m"]), null);
  }));

Deno.test("commit() gives up after a few tries, and the store works again with the engine", () =>
  withStore(async (store, engine, fates) => {
    fates.push(...Array<EngineFate>(STORE_TRIES_MAX).fill("broken"));
    const before = engine.asked.length;
    await assertRejects(() => store.commit({ set: [{ key: ["n"], value: 1 }] }), StoreError);
    assertEquals(engine.asked.slice(before), Array(STORE_TRIES_MAX).fill("atomic_write"));
    assert(await store.commit({ set: [{ key: ["n"], value: 2 }] }) !== null);
  }));

Deno.test("commit() of many at a time keeps them apart", () =>
  withStore(async (store, _, fates) => {
    fates.push("lost-after", "broken", "lost-before", "lost-after");
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    await Promise.all(numbers.map(async (i) => {
      const done = await store.commit({
        check: [{ key: ["n", i], versionstamp: null }],
        set: [{ key: ["n", i], value: i }],
      });
      assertEquals((await store.get(["n", i]))?.versionstamp, done);
    }));
  }));

Deno.test("commit() refuses what is more than an engine takes, and asks nobody", () =>
  withStore(async (store, engine) => {
    const before = engine.asked.length;
    const check = Array.from({ length: 9 }, (_, i) => ({ key: ["n", i], versionstamp: null }));
    await assertRejects(() => store.commit({ check }), StoreError, "larger than an engine takes");
    assertEquals(engine.asked.length, before);
  }));

Deno.test("openShared() tells a wrong token, and never the token itself", async () => {
  await using engine = startFakeEngine();
  const place = { stateDir: "/nowhere", store: engine.url, storeToken: "a-wrong-token" };
  const error = await assertRejects(() => openShared(place, PARTS, "bridge"), StoreError);
  assertEquals(error.message, "Cannot use the store: it does not take the access token");
  await assertRejects(
    () => openShared({ ...place, storeToken: undefined }, PARTS, "bridge"),
    StoreError,
    "bridge.storeToken is missing",
  );
});

Deno.test("commit() says of an engine that was emptied that it is another store", () =>
  withStore(async (store, engine) => {
    const place = { stateDir: "/nowhere", store: engine.url, storeToken: engine.token };
    const kept = (await openShared(place, PARTS, "bridge")).store;
    await store.commit({ delete: [["schema"]] });
    await assertRejects(
      () => kept.commit({ set: [{ key: ["n"], value: 1 }] }),
      StoreError,
      "another, empty store is in its place",
    );
    kept.close();
  }));

Deno.test("commit() fails once a newer version of the program has taken the store over", () =>
  withStore(async (store, engine) => {
    const place = { stateDir: "/nowhere", store: engine.url, storeToken: engine.token };
    const newer = (await openShared(place, PARTS, "bridge")).store;
    const schema = await newer.get(["schema"]);
    assert(await store.commit({ set: [{ key: ["n"], value: 1 }] }) !== null);
    const engineOf = connectTo({ url: engine.url, token: engine.token, clock: systemClock });
    await engineOf.write({ set: [{ key: ["schema"], value: Number(schema!.value) + 1 }] });
    await assertRejects(
      () => store.commit({ set: [{ key: ["n"], value: 2 }] }),
      StoreError,
      "a newer version of the program has taken it over",
    );
    assertEquals((await store.get(["n"]))?.value, 1);
    await assertRejects(() => openShared(place, PARTS, "bridge"), SchemaError);
    newer.close();
    engineOf.close();
  }));
