import { assertEquals } from "@std/assert";
import { prune, pruneDeliveries } from "../../src/daemon/housekeep.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { deadKey, PREFIX } from "../../src/store/keys.ts";
import { createKit, type Kit } from "../bridge/kit.ts";

async function keysBelow({ store }: Kit, prefix: readonly string[]): Promise<unknown[]> {
  const keys: unknown[] = [];
  for await (const { key } of store.list({ prefix })) keys.push(key.at(-1));
  return keys;
}

Deno.test("prune() keeps the newest rows", async () => {
  await using kit = await createKit();
  for (const id of [1, 2, 3, 4]) {
    await kit.store.commit({ set: [{ key: deadKey(id), value: id }] });
  }
  assertEquals(await prune(kit.store, PREFIX.dead, 3), 1);
  assertEquals(await keysBelow(kit, PREFIX.dead), [2, 3, 4]);
});

Deno.test("pruneDeliveries() keeps those heard of last, whatever their SIDs are", async () => {
  await using kit = await createKit();
  const sent = { status: "sent", errorCode: null };
  for (const sid of ["SMc", "SMa", "SMb"]) {
    await keepReport(kit.context, sid, sent);
    await kit.rest(1_000);
  }
  await keepReport(kit.context, "SMc", { status: "delivered", errorCode: null });
  assertEquals(await pruneDeliveries(kit.store, 2), 1);
  assertEquals(await keysBelow(kit, PREFIX.delivery), ["SMb", "SMc"]);
  assertEquals(await pruneDeliveries(kit.store, 2), 0);
});
