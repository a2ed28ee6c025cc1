/**
 * How a bridge hears of what another has put into a queue: on an engine that watches rows, on one that does
 * not, and on a real `denokv` where it is there.
 */
import { assert, assertEquals } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import { connectTo } from "../../../src/store/connect/connect.ts";
import { type Engine, EngineError } from "../../../src/store/connect/engine.ts";
import { createEar, createListener, type Ear, ringing } from "../../../src/store/shared/bell.ts";
import { type SharedStore, sharedStore } from "../../../src/store/shared/shared_store.ts";
import { type Clock, systemClock } from "../../../src/system/clock.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { startFakeEngine } from "../connect/fake_engine.ts";
import { denokvProgram, startDenokv } from "../connect/real_engine.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

const HOLDER = 1;
const OTHER = 2;
const program = denokvProgram();
/** Nothing happens by it: what resolves was told of. */
const FROZEN: Clock = { now: () => Date.now(), after: () => () => {} };

interface Place {
  readonly url: string;
  readonly token: string;
}

function open({ url, token }: Place, clock: Clock, run: string): SharedStore {
  return sharedStore(connectTo({ url, token, clock }), { clock, random: systemRandom, run });
}

/** Has one bridge listen by a clock, and another one that rings. */
async function between(
  place: Place,
  clock: Clock,
  test: (ear: Ear, holder: SharedStore, ring: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const holder = open(place, clock, "holder");
  const other = open(place, systemClock, "other");
  const stop = new AbortController();
  const ear = createEar({ store: holder, member: () => HOLDER, clock, until: stop.signal });
  let id = 0;
  const bell = ringing(other, () => OTHER);
  try {
    await test(ear, holder, () => bell.commit({ set: [{ key: ["inbox", ++id], value: "x" }] }));
  } finally {
    stop.abort();
    await ear.ended;
    holder.close();
    other.close();
  }
}

async function hearsByWatch(place: Place): Promise<void> {
  await between(place, FROZEN, async (ear, holder, ring) => {
    const hasRung = createListener(holder, () => HOLDER);
    // What there was at the beginning.
    await ear.next();
    await hasRung();
    for (let times = 0; times < 3; times++) {
      const heard = ear.next();
      await ring();
      await heard;
      assertEquals([await hasRung(), await hasRung()], [true, false]);
    }
  });
}

Deno.test("a bridge hears at once of what another put into a queue, where the engine watches", async () => {
  await using engine = startFakeEngine();
  await hearsByWatch(engine);
  assertEquals(engine.asked.filter((method) => method === "watch").length, 1);
});

Deno.test({
  name: "a bridge hears at once of what another put into a queue, on denokv",
  ignore: program === null,
  async fn() {
    await using engine = await startDenokv(program!);
    await hearsByWatch(engine);
  },
});

Deno.test("a bridge looks for what others put into a queue every second, where the engine does not watch", async () => {
  await using engine = startFakeEngine();
  engine.watches = false;
  const rest = () => new Promise<void>((resolve) => setTimeout(resolve, 2));
  const clock = createSimClock(undefined, rest);
  await between(engine, clock, async (ear, holder, ring) => {
    const hasRung = createListener(holder, () => HOLDER);
    await hasRung();
    await ring();
    const heard = ear.next();
    await clock.advance(1_000);
    await heard;
    assert(await hasRung());
    assertEquals(engine.asked.filter((method) => method === "watch").length, 1);
  });
});

Deno.test("a bridge hears of both queues and of nothing else, and not of what it put there itself", async () => {
  const store = openDisk(createDisk(), () => "none", () => {});
  const [own, other] = [HOLDER, OTHER].map((number) => ringing(store, () => number));
  const hasRung = createListener(store, () => HOLDER);
  const put = (kind: string) => ({ set: [{ key: [kind, 1], value: "x" }] });
  for (const kind of ["inbox", "outbox"]) {
    await own!.commit(put(kind));
    assertEquals(await hasRung(), false);
    await other!.commit(put(kind));
    assertEquals(await hasRung(), true);
  }
  await other!.commit(put("history"));
  assertEquals(await hasRung(), false);
});

Deno.test("an engine that breaks off what it watches is asked ever more seldom, and not without an end at once", async () => {
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock = createSimClock(undefined, rest);
  let asked = 0;
  const engine: Engine = {
    get: (keys) => Promise.resolve(keys.map(() => null)),
    page: () => Promise.resolve({ rows: [], next: null }),
    write: () => Promise.resolve(null),
    close() {},
    async watch(_, changed) {
      if (++asked > 1_000) return await new Promise(() => {});
      changed();
      throw new EngineError("it breaks off", { unknown: true });
    },
  };
  const store = sharedStore(engine, { clock, random: systemRandom, run: "run" });
  const stop = new AbortController();
  const ear = createEar({ store, member: () => HOLDER, clock, until: stop.signal });
  await clock.advance(60_000);
  const before = asked;
  assert(before < 15, `asked ${before} times in a minute`);
  await clock.advance(60_000);
  assert(asked - before <= 5, `asked ${asked - before} times in the next`);
  stop.abort();
  await ear.ended;
});
