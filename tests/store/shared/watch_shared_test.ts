import { assertEquals, assertRejects } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import { StoreError } from "../../../src/store/kv.ts";
import { type Engine, EngineError } from "../../../src/store/connect/engine.ts";
import { sharedStore } from "../../../src/store/shared/shared_store.ts";
import { watchShared } from "../../../src/store/shared/watch_shared.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

const ROW = { set: [{ key: ["a"], value: 1 }] };

/** A watched store whose engine can hang: it answers nothing before it is let go on, or is late by itself. */
function createWatched() {
  const clock = createSimClock(undefined, () => new Promise((resolve) => setImmediate(resolve)));
  const disk = openDisk(createDisk(), () => "none", () => {});
  const held: (() => void)[] = [];
  const world = { hangs: false, broken: false, writes: 0 };
  async function reached<T>(answer: () => Promise<T>): Promise<T> {
    if (world.broken) throw new EngineError("it answered with 500", { unknown: true });
    if (!world.hangs) return await answer();
    return await new Promise<T>((resolve, reject) => {
      held.push(() => resolve(answer()));
      clock.after(3_000, () => reject(new EngineError("it does not answer", { unknown: true })));
    });
  }
  const engine: Engine = {
    get: (keys) => reached(() => Promise.all(keys.map((key) => disk.get(key)))),
    page: (range) =>
      reached(async () => ({ rows: await Array.fromAsync(disk.list(range)), next: null })),
    write(change) {
      world.writes++;
      return reached(() => disk.commit(change));
    },
    close() {},
  };
  const shared = sharedStore(engine, { clock, random: systemRandom, run: "run" });
  const store = watchShared(shared, { clock, steadyMs: () => clock.now() });
  /** How long something takes, and what comes of it. */
  async function timed<T>(asked: Promise<T>): Promise<[tookMs: number, T | string]> {
    const beganMs = clock.now();
    let ended: [number, T | string] | null = null;
    asked.then((value) => value, (error) => String(error.message)).then((value) => {
      ended = [clock.now() - beganMs, value];
    });
    while (ended === null) await clock.advance(100);
    return ended;
  }
  return Object.assign(world, {
    clock,
    store,
    timed,
    goOn() {
      world.hangs = false;
      held.splice(0).forEach((answer) => answer());
    },
  });
}

Deno.test("whoever asks for an engine that hangs is told within 1.5 seconds, by one probe for all", async () => {
  const watched = createWatched();
  const { clock, store, timed } = watched;
  assertEquals(await store.works(), true);
  watched.hangs = true;
  await clock.advance(1_000);
  const before = watched.writes;
  const told = await Promise.all([timed(store.works()), timed(store.works())]);
  assertEquals(told.map(([, works]) => works), [false, false]);
  assertEquals(told.map(([tookMs]) => tookMs <= 1_500), [true, true]);
  assertEquals(watched.writes, before + 1);
  // What was heard a moment ago is told at once, and so is it while that commit still hangs.
  assertEquals(await timed(store.works()), [0, false]);
  await clock.advance(1_200);
  assertEquals(await timed(store.works()), [0, false]);
  for (let seconds = 0; seconds < 30; seconds++) {
    await clock.advance(1_000);
    const [tookMs, works] = await timed(store.works());
    assertEquals([tookMs <= 1_500, works], [true, false]);
  }
  watched.goOn();
  await clock.advance(1_000);
  assertEquals(await store.works(), true);
});

Deno.test("a commit that hangs for more than two seconds says that the store is away, before it has failed", async () => {
  const watched = createWatched();
  const { clock, store, timed } = watched;
  watched.hangs = true;
  const commit = store.commit(ROW);
  await clock.advance(2_100);
  assertEquals(await timed(store.works()), [0, false]);
  watched.goOn();
  await commit;
  assertEquals(await timed(store.works()), [0, true]);
});

Deno.test("what was heard of the engine in the last second is told without asking it", async () => {
  const watched = createWatched();
  const { clock, store } = watched;
  await store.commit(ROW);
  await clock.advance(900);
  const before = watched.writes;
  assertEquals([await store.works(), watched.writes], [true, before]);
  await clock.advance(100);
  assertEquals([await store.works(), watched.writes], [true, before + 1]);
});

Deno.test("reads for whoever asks end with the reason while the engine hangs, at once where that is known", async () => {
  const watched = createWatched();
  const { clock, store, timed } = watched;
  const asked = store.inTime(store);
  await store.commit(ROW);
  assertEquals((await asked.get(["a"]))?.value, 1);
  assertEquals((await Array.fromAsync(asked.list({ prefix: [] }))).length > 0, true);
  watched.hangs = true;
  await clock.advance(1_000);
  const why = "Cannot use the store: it does not answer";
  const list = () => Array.fromAsync(asked.list({ prefix: [] }));
  for (const read of [() => asked.get(["a"]), list]) {
    const [tookMs, told] = await timed<unknown>(read());
    assertEquals([tookMs <= 1_500, told], [true, why]);
  }
  await timed(store.works());
  assertEquals(await timed(asked.get(["a"])), [0, why]);
  assertEquals(await timed(list()), [0, why]);
  // Also when that probe has failed meanwhile.
  const failing = store.commit(ROW).catch(() => "failed");
  while (await Promise.race([failing, "pending"]) === "pending") await clock.advance(100);
  assertEquals(await timed(asked.get(["a"])), [0, why]);
  watched.goOn();
  await clock.advance(1_000);
  assertEquals((await asked.get(["a"]))?.value, 1);
});

Deno.test("an engine that answers with an error is away, and reads tell the error", async () => {
  const watched = createWatched();
  const { clock, store, timed } = watched;
  watched.broken = true;
  assertEquals((await timed(store.works()))[1], false);
  const reading = timed(store.inTime(store).get(["a"]));
  assertEquals((await reading)[1], "Cannot use the store: it answered with 500");
  watched.broken = false;
  await clock.advance(1_000);
  assertEquals(await store.works(), true);
  await assertRejects(
    () => store.commit({ set: Array.from({ length: 1_000 }, (_, i) => ({ key: [i], value: 1 })) }),
    StoreError,
  );
  assertEquals(await timed(store.works()), [0, true]);
});
