import { assertEquals, assertRejects } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import { bringUpToDate, SchemaError, type Store, StoreError } from "../../../src/store/kv.ts";
import type { Migration } from "../../../src/store/migrations.ts";
import { bringSharedUp } from "../../../src/store/shared/bring_up.ts";
import { sleep } from "../../../src/system/clock.ts";
import { LEASE_MS, MIGRATION_WAIT_MS_MAX } from "../../../src/system/limits.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

const ROWS = [1, 2, 3];

/** Bridges of a newer version on a store of the first schema, whose step takes a while for each row. */
async function createBridges(count: number, rowMs: number) {
  const clock = createSimClock(undefined, () => new Promise((resolve) => setImmediate(resolve)));
  const disk = createDisk();
  const store = openDisk(disk, () => "none", () => {});
  const set = ROWS.map((id) => ({ key: ["row", id], value: `old ${id}` }));
  await store.commit({ set: [{ key: ["schema"], value: 1 }, ...set] });
  const bridges = Array.from({ length: count }, (_, number) => {
    const bridge = { paused: Promise.resolve(), steps: 0, number };
    const own: Store = {
      ...store,
      get: async (key) => (await bridge.paused, await store.get(key)),
      commit: async (change) => (await bridge.paused, await store.commit(change)),
    };
    const step: Migration<Store> = async (store) => {
      bridge.steps++;
      for (const id of ROWS) {
        const row = await store.get<string>(["row", id]);
        await sleep(clock, rowMs);
        await store.commit({
          set: [{ key: ["row", id], value: row!.value.replace("old", "new") }],
        });
      }
    };
    const parts = { store: own, clock, steadyMs: () => clock.now(), run: `run-${number}` };
    return Object.assign(bridge, { brought: bringSharedUp(parts, [step]) });
  });
  const rows = async () =>
    await Promise.all(ROWS.map(async (id) => (await store.get(["row", id]))?.value));
  return { clock, store, bridges, rows };
}

Deno.test("bringSharedUp() has one bridge bring the store up to date, and others wait for it", async () => {
  const { clock, store, bridges, rows } = await createBridges(3, 5_000);
  await clock.advance(20_000);
  await Promise.all(bridges.map(({ brought }) => brought));
  assertEquals(bridges.map(({ steps }) => steps), [1, 0, 0]);
  assertEquals(await rows(), ["new 1", "new 2", "new 3"]);
  assertEquals((await store.get(["schema"]))?.value, 2);
});

Deno.test("bringSharedUp() has another go on for a bridge that died, and what that one writes late changes nothing", async () => {
  const { clock, store, bridges: [one, two], rows } = await createBridges(2, 4_000);
  await clock.advance(6_000);
  const pause = Promise.withResolvers<void>();
  one!.paused = pause.promise;
  await clock.advance(LEASE_MS + 14_000);
  await two!.brought;
  assertEquals([await rows(), two!.steps], [["new 1", "new 2", "new 3"], 1]);
  await store.commit({ set: [{ key: ["row", 2], value: "written since" }] });
  const failing = assertRejects(() => one!.brought, StoreError);
  pause.resolve();
  await clock.advance(LEASE_MS);
  await failing;
  assertEquals(await rows(), ["new 1", "written since", "new 3"]);
});

Deno.test("bringSharedUp() keeps bridges of the older version from starting meanwhile", async () => {
  const { clock, store, bridges: [one] } = await createBridges(1, 1_000);
  await clock.advance(1_500);
  await assertRejects(
    () => bringUpToDate(store, []),
    SchemaError,
    "must be at most 1: current value is 1, on its way to the next",
  );
  await clock.advance(5_000);
  await one!.brought;
});

Deno.test("bringSharedUp() waits for another no longer than a minute", async () => {
  const { clock, bridges: [one, two] } = await createBridges(2, MIGRATION_WAIT_MS_MAX);
  const failing = assertRejects(() => two!.brought, StoreError, "is still bringing it to the form");
  await clock.advance(MIGRATION_WAIT_MS_MAX + 2_000);
  await failing;
  await clock.advance(3 * MIGRATION_WAIT_MS_MAX);
  await one!.brought;
});
