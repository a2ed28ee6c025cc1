import { assertEquals, assertNotEquals } from "@std/assert";
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
import { DELIVERIES } from "../../src/store/delivery_row.ts";
import { HISTORY } from "../../src/store/history_row.ts";
import { SESSIONS } from "../../src/store/keys.ts";
import type { Entry, Key, Range, Store } from "../../src/store/kv.ts";
import { senderKey, SENDERS } from "../../src/store/sender_row.ts";
import { SPEND_PEOPLE } from "../../src/store/spend_row.ts";
import {
  DEAD_LETTERS_MAX,
  DELIVERY_ROWS_MAX,
  HISTORY_ROWS_MAX,
  SENDER_ROWS_MAX,
  SESSION_MARKS_MAX,
  SPEND_PERSON_ROWS_MAX,
} from "../../src/system/limits.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";
import { openDisk } from "../simulation/memory_store.ts";
import { createWorld } from "../simulation/world.ts";

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

/** A row that fits wherever housekeeping looks, heard of at a time. */
function rowOf(atMs: number) {
  return { record: { lastAtMs: atMs }, optedOutAtMs: atMs, loop: NO_LOOP, spending: NOTHING_SENT };
}

/** A store with so many rows below each prefix, the oldest first, and what was deleted of them. */
function crowded(store: Store, counts: readonly (readonly [prefix: Key, rows: number])[]) {
  const deleted = new Map<string, unknown[]>();
  const own: Store = {
    ...store,
    async *list<T>({ prefix, start, limit }: Range<T>) {
      const [, rows = 0] = counts.find(([one]) => `${one}` === `${prefix}`) ?? [];
      const first = Number(start?.at(-1) ?? 1);
      const last = Math.min(rows, first + (limit ?? rows) - 1);
      for (let id = first; id <= last; id++) {
        yield { key: [...prefix, id], value: rowOf(id), versionstamp: "" } as unknown as Entry<T>;
      }
    },
    commit({ delete: gone = [] }) {
      for (const key of gone) {
        const prefix = `${key.slice(0, -1)}`;
        deleted.set(prefix, [...deleted.get(prefix) ?? [], key.at(-1)]);
      }
      return Promise.resolve("1");
    },
  };
  return { store: own, deleted };
}

Deno.test("housekeeping keeps each kind of row that grows within its limit: the oldest go", async () => {
  const limits = [
    [DEAD, DEAD_LETTERS_MAX],
    [SESSIONS, SESSION_MARKS_MAX],
    [HISTORY, HISTORY_ROWS_MAX],
    [SPEND_PEOPLE, SPEND_PERSON_ROWS_MAX],
    [DELIVERIES, DELIVERY_ROWS_MAX],
    [SENDERS, SENDER_ROWS_MAX],
  ] as const;
  await using kit = await createKit();
  const stop = new AbortController();
  const { store, deleted } = crowded(kit.store, limits.map(([key, max]) => [key, max + 2]));
  const atOnce = (_: number, fn: () => void) => (queueMicrotask(fn), () => {});
  const clock = { now: kit.clock.now, after: atOnce };
  const context = { ...kit.context, store, clock, stopping: stop.signal };
  await startHousekeeping(context, () => Promise.resolve(stop.abort()));
  assertEquals(deleted, new Map(limits.map(([key]) => [`${key}`, [1, 2]])));
});

Deno.test("a bridge that runs forgets, a day after, who texted once", async () => {
  const plan = { text: "hello", mediaUrls: [], delayMs: 0, failure: null };
  const none = { burstWindowMs: 0, recoverAfterMs: null, respond: () => plan };
  const world = await createWorld({ seed: 1, allowFrom: [ANN], ...none });
  const remembered = () =>
    openDisk(world.disk, () => "none", () => {}).get(senderKey("default", ANN));
  world.boot();
  await world.clock.advance(1_000);
  world.twilio.inbound({ from: ANN, text: "hi" });
  await world.clock.advance(3_600_000);
  assertNotEquals(await remembered(), null);
  await world.clock.advance(25 * 3_600_000);
  assertEquals(await remembered(), null);
  world.kill(0);
});
