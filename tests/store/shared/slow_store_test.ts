/**
 * A shared store that takes its time: 200 ms a commit, one after the other, as a disk far away does. Twilio
 * gives up after 15 s, so texts that wait meanwhile must share a commit.
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import type { Engine } from "../../../src/store/connect/engine.ts";
import { openSharedInbox } from "../../../src/store/shared/shared_inbox.ts";
import { sharedStore } from "../../../src/store/shared/shared_store.ts";
import { type Clock, sleep } from "../../../src/system/clock.ts";
import { seededRandom } from "../../../src/system/random.ts";
import { inboxRow } from "../inbox_rows.ts";
import { applyTo, createDisk, nameOf, namesIn, rowOf } from "../../simulation/memory_store.ts";

const COMMIT_MS = 200;
const READ_MS = 50;
/** Twilio's patience. */
const TWILIO_MS = 15_000;

/** An engine that carries out one commit at a time. */
function slowEngine(clock: Clock) {
  const disk = createDisk();
  let tail = Promise.resolve();
  const engine: Engine & { commits: number; readonly disk: typeof disk } = {
    disk,
    commits: 0,
    async get(keys) {
      await sleep(clock, READ_MS);
      return keys.map((key) => rowOf(disk, nameOf(key)));
    },
    async page(range) {
      await sleep(clock, READ_MS);
      return { rows: namesIn(disk, range).map((name) => rowOf(disk, name)!), next: null };
    },
    write(change) {
      const before = tail;
      const done = before.then(async () => {
        await sleep(clock, COMMIT_MS);
        engine.commits++;
        return applyTo(disk, change);
      });
      tail = done.then(() => {});
      return done;
    },
    close() {},
  };
  return engine;
}

/** Has bridges take in `count` texts each, one every `everyMs`; how long each waited. */
async function takeIn(bridges: number, count: number, everyMs: number) {
  const rest = () => new Promise<void>((resolve) => setImmediate(resolve));
  const clock = createSimClock(undefined, rest);
  const engine = slowEngine(clock);
  const waitedMs: number[] = [];
  const taking: Promise<void>[] = [];
  for (let bridge = 0; bridge < bridges; bridge++) {
    const run = `run-${bridge}`;
    const store = sharedStore(engine, { clock, random: seededRandom(bridge + 1), run });
    const inbox = openSharedInbox({
      store,
      getAll: (keys) => store.getAll(keys),
      clock,
      lastId: 0,
      onStored: () => {},
    });
    for (let i = 0; i < count; i++) {
      clock.after(i * everyMs, () => {
        const beganAtMs = clock.now();
        const taken = inbox.add(inboxRow({ messageSid: `SM${bridge}-${i}` })).then((what) => {
          assertEquals(what, "stored");
          waitedMs.push(clock.now() - beganAtMs);
        });
        taking.push(taken);
      });
    }
  }
  await clock.advance(count * everyMs + 60_000);
  await Promise.all(taking);
  return { waitedMs, commits: engine.commits, rows: namesIn(engine.disk, { prefix: ["inbox"] }) };
}

Deno.test("texts that come ten times as fast as the store commits are acknowledged within seconds", async () => {
  const { waitedMs, commits, rows } = await takeIn(1, 600, 20);
  assertEquals([waitedMs.length, rows.length], [600, 600]);
  assertLess(Math.max(...waitedMs), 1_000);
  assertLess(commits, 100);
});

Deno.test("a thousand texts at one moment are acknowledged before Twilio gives up", async () => {
  const { waitedMs, rows } = await takeIn(1, 1_000, 0);
  assertEquals([waitedMs.length, rows.length], [1_000, 1_000]);
  assertLess(Math.max(...waitedMs), TWILIO_MS);
});

Deno.test("two bridges that both take texts in on a slow store acknowledge each of them in time", async () => {
  const { waitedMs, rows } = await takeIn(2, 600, 20);
  assertEquals([waitedMs.length, rows.length], [1_200, 1_200]);
  assertLess(Math.max(...waitedMs), TWILIO_MS);
  assert(new Set(rows).size === 1_200);
});
