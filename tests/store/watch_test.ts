import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../src/store/kv.ts";
import { watchStore } from "../../src/store/watch.ts";
import { createDisk, openDisk } from "../simulation/memory_store.ts";

Deno.test("watchStore() notices a disk that refuses, and its repair without traffic", async () => {
  let full = false;
  const store = watchStore(openDisk(createDisk(), () => full ? "refuse" : "none", () => {}));
  assertEquals(await store.works(), true);
  full = true;
  await assertRejects(() => store.commit({ set: [{ key: ["a"], value: 1 }] }), StoreError);
  assertEquals(await store.works(), false);
  full = false;
  assertEquals(await store.works(), true);
  assertEquals(await store.get(["a"]), null);
});
