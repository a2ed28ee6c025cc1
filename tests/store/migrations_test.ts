import { assertEquals, assertRejects } from "@std/assert";
import { listAllowed } from "../../src/people/pairing_book.ts";
import { openStore, SCHEMA_VERSION, type Store, storeOver } from "../../src/store/kv.ts";
import { migrate, type Migration, schemaAfter } from "../../src/store/migrations.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";

const options = { clock: systemClock, random: systemRandom };

/** A step that renames a member of every row, one commit a row. */
function renaming(from: string, to: string, stopAfter = Infinity): Migration<Store> {
  return async (store) => {
    let steps = 0;
    for await (const { key, value } of store.list<Record<string, unknown>>({ prefix: ["row"] })) {
      if (!(from in value)) continue;
      if (steps++ === stopAfter) throw new Error("cut off");
      const { [from]: moved, ...rest } = value;
      await store.commit({ set: [{ key, value: { ...rest, [to]: moved } }] });
    }
  };
}

async function rows(store: Store): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const { value } of store.list({ prefix: ["row"] })) values.push(value);
  return values;
}

/** A store of schema 1 with three rows. */
async function firstSchema(): Promise<Store> {
  const store = await openStore(":memory:", options);
  await store.commit({
    set: [
      { key: ["schema"], value: 1 },
      ...[1, 2, 3].map((id) => ({ key: ["row", id], value: { a: id } })),
    ],
  });
  return store;
}

Deno.test("migrate() takes a file of the first schema step by step to the newest", async () => {
  const store = await firstSchema();
  const steps = [renaming("a", "b"), renaming("b", "c")];
  assertEquals(await migrate(store, steps), null);
  assertEquals(await rows(store), [{ c: 1 }, { c: 2 }, { c: 3 }]);
  assertEquals((await store.get(["schema"]))?.value, schemaAfter(steps));
  assertEquals(await migrate(store, steps), null, "a second run changes nothing");
  assertEquals(await rows(store), [{ c: 1 }, { c: 2 }, { c: 3 }]);
  store.close();
});

Deno.test("migrate() goes on after a step that was cut off", async () => {
  const store = await firstSchema();
  await assertRejects(() => migrate(store, [renaming("a", "b", 1)]), Error, "cut off");
  assertEquals((await store.get(["schema"]))?.value, 1);
  assertEquals(await migrate(store, [renaming("a", "b")]), null);
  assertEquals(await rows(store), [{ b: 1 }, { b: 2 }, { b: 3 }]);
  store.close();
});

Deno.test("migrate() leaves a file of an unknown schema as it is, and names the schema", async () => {
  for (const schema of [3, 0, 1.5, "newest"]) {
    const store = await firstSchema();
    await store.commit({ set: [{ key: ["schema"], value: schema }] });
    assertEquals(await migrate(store, [renaming("a", "b")]), String(schema));
    assertEquals(await rows(store), [{ a: 1 }, { a: 2 }, { a: 3 }]);
    store.close();
  }
});

Deno.test("migrate() gives a new file the newest schema without any step", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = storeOver(kv, options);
  assertEquals(await migrate(store, [() => Promise.reject(new Error("not for a new file"))]), null);
  assertEquals((await store.get(["schema"]))?.value, 2);
  store.close();
});

Deno.test("openStore() opens the file of every earlier schema, with what is in it", async () => {
  for (let schema = 1; schema <= SCHEMA_VERSION; schema++) {
    const folder = await Deno.makeTempDir();
    const file = `${folder}/bridge.kv`;
    await Deno.copyFile(new URL(`./schemas/${schema}.kv`, import.meta.url), file);
    const store = await openStore(folder, options);
    assertEquals((await store.get(["schema"]))?.value, SCHEMA_VERSION);
    const allowed = await listAllowed({ store, ...options });
    assertEquals(allowed.map(({ phone, owner }) => [phone, owner]), [["+12025550101", true]]);
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
});
