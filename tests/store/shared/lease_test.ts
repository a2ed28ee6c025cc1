import { assert, assertEquals, assertRejects } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import { type Store, StoreError } from "../../../src/store/kv.ts";
import { fenced } from "../../../src/store/shared/fence.ts";
import { createLease, type Lease, type Term } from "../../../src/store/shared/lease.ts";
import { silentLog } from "../../../src/system/log.ts";
import { LEASE_MS, LEASE_OUTDONE_MS } from "../../../src/system/limits.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

/** Bridges that want one lease, on one clock but with a time of day of their own. */
function createBridges(count: number, former: (member: number) => string | null = () => null) {
  const clock = createSimClock(undefined, () => new Promise((resolve) => setImmediate(resolve)));
  const disk = createDisk();
  const all: { canAnswer: boolean }[] = [];
  return {
    clock,
    bridges: Array.from({ length: count }, (_, member) => {
      const warned: string[] = [];
      const told = { terms: [] as Term[], ended: 0, warned };
      const bridge = { away: false, full: false, canAnswer: true, skewMs: 0, ...told };
      all.push(bridge);
      const inner = openDisk(disk, () => bridge.away || bridge.full ? "refuse" : "none", () => {});
      const store: Store = {
        ...inner,
        get: (key) => bridge.away ? Promise.reject(new StoreError("away")) : inner.get(key),
      };
      const stop = new AbortController();
      const lease = createLease({
        store,
        clock: { now: () => clock.now() + bridge.skewMs, after: clock.after },
        steadyMs: () => clock.now(),
        log: { ...silentLog, warn: (event) => void warned.push(event) },
        run: `run-${member}`,
        former: () => Promise.resolve(former(member)),
        member: () => member,
        outdone: (former) =>
          !bridge.canAnswer && all.some((one, i) => one.canAnswer && `run-${i}` !== former),
      });
      const kept = lease.keep((term) => {
        bridge.terms.push(term);
        return Promise.resolve({ end: () => Promise.resolve(void bridge.ended++) });
      }, stop.signal);
      return Object.assign(bridge, { store, lease, kept, stop: () => stop.abort() });
    }),
  };
}

const held = ({ lease }: { readonly lease: Lease }) => lease.view().held;

Deno.test("one bridge holds the lease as long as it renews it", async () => {
  const { clock, bridges } = createBridges(3);
  await clock.advance(5 * 60_000);
  assertEquals(bridges.map(held), [true, false, false]);
  assertEquals(bridges.map(({ terms }) => terms.length), [1, 0, 0]);
  assertEquals(bridges.map(({ lease }) => lease.view().row?.holder), ["run-0", "run-0", "run-0"]);
});

Deno.test("a bridge that stops gives the lease back, so that another holds it at once", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  one!.stop();
  await clock.advance(1_000);
  await one!.kept;
  assertEquals([held(one!), held(two!)], [false, true]);
  assertEquals(two!.terms[0]!.epoch, 2);
});

Deno.test("a bridge that is cut off ends its work before another may begin", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  one!.away = true;
  for (let ms = 0; two!.terms.length === 0; ms += 100) {
    assert(ms < 15_000, "nobody took over");
    await clock.advance(100);
    assert(two!.terms.length === 0 || one!.ended === 1, "two work at a time");
  }
  assertEquals(one!.terms[0]!.holds(), false);
  assert(one!.terms[0]!.lost.aborted);
});

Deno.test("what a former holder commits fails, whatever it checks itself", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  const [term] = one!.terms;
  const store = fenced(one!.store, term!.fence);
  assert(await store.commit({ set: [{ key: ["a"], value: 1 }] }) !== null);
  one!.away = true;
  await clock.advance(2 * LEASE_MS);
  one!.away = false;
  assert(held(two!));
  await assertRejects(() => store.commit({ set: [{ key: ["a"], value: 2 }] }), StoreError);
  assertEquals((await one!.store.get(["a"]))?.value, 1);
});

Deno.test("a clock that is set does not hand the lease over", async () => {
  const { clock, bridges } = createBridges(2);
  await clock.advance(3_000);
  for (const skewMs of [-300_000, 300_000]) {
    for (const bridge of bridges) {
      bridge.skewMs = skewMs;
      await clock.advance(30_000);
    }
  }
  assertEquals(bridges.map(({ terms }) => terms.length), [1, 0]);
});

Deno.test("a holder whose machine has slept does not count on the lease before it has renewed it", async () => {
  const { clock, bridges: [one] } = createBridges(1);
  await clock.advance(3_000);
  // The steady clock stands still meanwhile.
  one!.skewMs = LEASE_MS;
  const [term] = one!.terms;
  assertEquals([term!.holds(), held(one!)], [false, false]);
  await clock.advance(3_000);
  assertEquals([term!.holds(), one!.terms.length], [true, 1]);
});

Deno.test("a bridge that was killed and starts again goes on without waiting for its own lease", async () => {
  const { clock, bridges: [one, two, again] } = createBridges(
    3,
    (member) => member === 2 ? "run-0" : null,
  );
  again!.away = true;
  await clock.advance(3_000);
  assert(held(one!));
  one!.away = true;
  again!.away = false;
  await clock.advance(1_000);
  assertEquals([held(two!), held(again!)], [false, true]);
});

Deno.test("what a former holder commits fails as soon as it has given the lease back", async () => {
  const { clock, bridges: [one] } = createBridges(1);
  await clock.advance(3_000);
  const store = fenced(one!.store, one!.terms[0]!.fence);
  one!.stop();
  await clock.advance(1_000);
  await one!.kept;
  await assertRejects(() => store.commit({ set: [{ key: ["a"], value: 1 }] }), StoreError);
});

Deno.test("a lease that cannot be read is told of once, however long that lasts", async () => {
  const { clock, bridges: [, two] } = createBridges(2);
  await clock.advance(3_000);
  for (const times of [1, 2]) {
    two!.away = true;
    await clock.advance(3_600_000);
    two!.away = false;
    await clock.advance(3_000);
    assertEquals(two!.warned, Array(times).fill("lease.not-read"));
  }
});

Deno.test("a lease that can be read but not be written is told of once, however long that lasts", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  one!.away = true;
  two!.full = true;
  await clock.advance(60_000);
  assertEquals(two!.warned, ["lease.not-read"]);
});

Deno.test("a holder without a Gateway hands the lease over as on a stop, once another could have answered for half a minute", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  one!.canAnswer = false;
  await clock.advance(LEASE_OUTDONE_MS - 3_000);
  assertEquals([held(one!), held(two!)], [true, false]);
  await clock.advance(6_000);
  assertEquals([held(one!), held(two!)], [false, true]);
  assertEquals([one!.ended, two!.terms[0]!.epoch], [1, 2]);
  assertEquals(one!.warned, ["lease.handed-over"]);
  assertEquals(one!.lease.view(), { ...two!.lease.view(), held: false });
  // Whoever has it keeps it when the other is back.
  one!.canAnswer = true;
  await clock.advance(5 * 60_000);
  assertEquals([one!, two!].map(({ terms }) => terms.length), [1, 1]);
});

Deno.test("a bridge that handed the lease over takes it again when the other has not done so in time", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  two!.away = true;
  one!.canAnswer = false;
  await clock.advance(LEASE_OUTDONE_MS + 3_000);
  assertEquals([held(one!), held(two!)], [false, false]);
  two!.canAnswer = false;
  await clock.advance(LEASE_MS);
  assertEquals([held(one!), held(two!)], [true, false]);
});

Deno.test("a bridge without a Gateway leaves a lease that has run out to another that has one, unless that is who held it", async () => {
  const { clock, bridges: [one, two, three] } = createBridges(3);
  await clock.advance(3_000);
  two!.canAnswer = false;
  one!.away = three!.away = true;
  await clock.advance(2 * LEASE_MS);
  assertEquals([held(one!), held(two!), held(three!)], [false, false, false]);
  three!.canAnswer = false;
  await clock.advance(1_000);
  assertEquals([held(one!), held(two!), held(three!)], [false, true, false]);
});

Deno.test("a bridge that takes a lease again that it has handed over keeps it for half a minute at least", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  one!.canAnswer = false;
  await clock.advance(LEASE_OUTDONE_MS + 3_000);
  assertEquals([held(one!), held(two!)], [false, true]);
  two!.away = true;
  await clock.advance(LEASE_MS + 1_000);
  two!.away = false;
  await clock.advance(LEASE_OUTDONE_MS - 3_000);
  assertEquals([held(one!), held(two!)], [true, false]);
  await clock.advance(6_000);
  assertEquals([held(one!), held(two!)], [false, true]);
});

Deno.test("nobody hands the lease over while no bridge has a Gateway, or one comes and goes", async () => {
  const { clock, bridges: [one, two] } = createBridges(2);
  await clock.advance(3_000);
  one!.canAnswer = two!.canAnswer = false;
  await clock.advance(10 * 60_000);
  for (let times = 0; times < 20; times++) {
    two!.canAnswer = true;
    await clock.advance(LEASE_OUTDONE_MS / 2);
    one!.canAnswer = true;
    await clock.advance(5_000);
    one!.canAnswer = false;
    await clock.advance(LEASE_OUTDONE_MS / 2);
    two!.canAnswer = false;
    await clock.advance(5_000);
  }
  assertEquals([one!, two!].map(({ terms }) => terms.length), [1, 0]);
});
