import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { openStore, SCHEMA_VERSION, SchemaError } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";

const options = { clock: systemClock, random: systemRandom };

Deno.test("openStore() keeps its files and its folder private", async () => {
  const parent = await Deno.makeTempDir();
  const folder = `${parent}/state`;
  const store = await openStore(folder, options);
  await store.commit({ set: [{ key: ["a"], value: 1 }] });
  for await (const { name } of Deno.readDir(folder)) {
    assertEquals((await Deno.stat(`${folder}/${name}`)).mode! & 0o777, 0o600, name);
  }
  assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
  store.close();
  await Deno.remove(parent, { recursive: true });
});

Deno.test("openStore() refuses a file that a newer version wrote", async () => {
  const folder = await Deno.makeTempDir();
  const store = await openStore(folder, options);
  await store.commit({ set: [{ key: ["schema"], value: SCHEMA_VERSION + 1 }] });
  store.close();
  const error = await assertRejects(() => openStore(folder, options), SchemaError);
  assertStringIncludes(error.message, `current value is ${SCHEMA_VERSION + 1}`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openStore() gives back after a reopening what was committed before", async () => {
  const folder = await Deno.makeTempDir();
  const first = await openStore(folder, options);
  await first.commit({ set: [{ key: ["a", 2], value: "two" }, { key: ["a", 1], value: "one" }] });
  first.close();
  const second = await openStore(folder, options);
  const values: unknown[] = [];
  for await (const { value } of second.list({ prefix: ["a"] })) values.push(value);
  assertEquals(values, ["one", "two"]);
  second.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Store.commit() applies nothing when one of its checks fails", async () => {
  const store = await openStore(":memory:", options);
  await store.commit({ set: [{ key: ["taken"], value: 1 }] });
  const committed = await store.commit({
    check: [{ key: ["taken"], versionstamp: null }],
    set: [{ key: ["other"], value: 2 }],
    delete: [["taken"]],
  });
  assertEquals(committed, null);
  assertEquals((await store.get(["taken"]))?.value, 1);
  assertEquals(await store.get(["other"]), null);
  store.close();
});

Deno.test("Store.commit() waits while another process holds the file", async () => {
  const folder = await Deno.makeTempDir();
  const store = await openStore(folder, options);
  const writer = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--unstable-kv",
      `const kv = await Deno.openKv(${JSON.stringify(`${folder}/bridge.kv`)});
       for (let i = 0; i < 300; i++) await kv.atomic().check({ key: ["other"], versionstamp: (await kv.get(["other"])).versionstamp }).set(["other"], i).commit().catch(() => {});
       kv.close();`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = writer.status.then((s) => (ended = true, s));
  let commits = 0;
  while (!ended) {
    const found = await store.get(["mine"]);
    await store.commit({
      check: [{ key: ["mine"], versionstamp: found?.versionstamp ?? null }],
      set: [{ key: ["mine"], value: ++commits }],
    });
  }
  await status;
  assertEquals((await store.get(["mine"]))?.value, commits);
  store.close();
  await Deno.remove(folder, { recursive: true });
});
