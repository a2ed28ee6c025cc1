import type { Key } from "../../src/store/kv.ts";
import { assertEquals } from "@std/assert";
import {
  prune,
  pruneDeliveries,
  pruneSenders,
  startHousekeeping,
} from "../../src/daemon/housekeep.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { NO_LOOP } from "../../src/policy/loops.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { NOTHING_SENT } from "../../src/policy/quota.ts";
import { DEAD, deadKey } from "../../src/store/dead_letter.ts";
import { senderKey, SENDERS } from "../../src/store/sender_row.ts";
import { DELIVERIES } from "../../src/store/delivery_row.ts";
import { createKit, type Kit } from "../bridge/kit.ts";

async function keysBelow({ store }: Kit, prefix: Key): Promise<unknown[]> {
  const keys: unknown[] = [];
  for await (const { key } of store.list({ prefix })) keys.push(key.at(-1));
  return keys;
}

Deno.test("prune() keeps the newest rows", async () => {
  await using kit = await createKit();
  for (const id of [1, 2, 3, 4]) {
    await kit.store.commit({ set: [{ key: deadKey(id), value: id }] });
  }
  assertEquals(await prune(kit.store, DEAD, 3), 1);
  assertEquals(await keysBelow(kit, DEAD), [2, 3, 4]);
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
  assertEquals(await keysBelow(kit, DELIVERIES), ["SMb", "SMc"]);
  assertEquals(await pruneDeliveries(kit.store, 2), 0);
});

Deno.test("pruneSenders() forgets who was not heard of for a day, but not who opted out", async () => {
  await using kit = await createKit();
  const spending = NOTHING_SENT;
  const keep = async (last: string, atMs: number, optedOutAtMs: number | null = null) => {
    const key = senderKey("default", `+1202555${last}` as Phone);
    const loop = { ...NO_LOOP, lastTextAtMs: atMs };
    await kit.store.commit({ set: [{ key, value: { optedOutAtMs, loop, spending } }] });
  };
  const nowMs = 10 * 24 * 3_600_000;
  await keep("0001", nowMs - 25 * 3_600_000);
  await keep("0002", nowMs - 3_600_000);
  await keep("0003", 0, nowMs - 200 * 3_600_000);
  await keep("0004", 0, nowMs - 100 * 3_600_000);
  assertEquals(await pruneSenders(kit.store, nowMs, 3), 1);
  assertEquals((await keysBelow(kit, SENDERS)).length, 3);
  assertEquals(await pruneSenders(kit.store, nowMs, 2), 1);
  assertEquals(await keysBelow(kit, SENDERS), ["+12025550002", "+12025550004"]);
});

Deno.test("housekeeping tidies the store a minute after the start and each hour, and goes on when that does not work out", async () => {
  await using kit = await createKit();
  let tidied = 0;
  const tidy = () => {
    tidied++;
    if (tidied === 1) throw new Error("database is locked");
    return true;
  };
  const stop = new AbortController();
  const context = { ...kit.context, store: { ...kit.store, tidy }, stopping: stop.signal };
  const done = startHousekeeping(context, () => Promise.resolve());
  await kit.rest(3 * 3_600_000);
  assertEquals(tidied, 3);
  assertEquals(kit.logged.filter((line) => line.includes("store.not-tidied")).length, 1);
  stop.abort();
  await done;
});
