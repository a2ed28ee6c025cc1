import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../../src/store/kv.ts";
import { fenced } from "../../../src/store/shared/fence.ts";
import { EPOCH_KEY } from "../../../src/store/shared/rows.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

Deno.test("fenced() commits until another has the lease, and tells that at once, but not a check that does not hold", async () => {
  const store = openDisk(createDisk(), () => "none", () => {});
  const versionstamp = (await store.commit({ set: [{ key: EPOCH_KEY, value: 1 }] }))!;
  let lost = 0;
  const own = fenced(store, { versionstamp, lost: () => lost++ });
  const write = (value: string) => ({ set: [{ key: ["a"], value }] });
  assertEquals(await own.commit(write("mine")) !== null, true);
  const check = [{ key: ["a"], versionstamp: null }];
  assertEquals([await own.commit({ ...write("again"), check }), lost], [null, 0]);
  await store.commit({ set: [{ key: EPOCH_KEY, value: 2 }] });
  await assertRejects(() => own.commit(write("late")), StoreError, "another bridge answers now");
  assertEquals([(await store.get(["a"]))?.value, lost], ["mine", 1]);
});
