import { assert, assertEquals } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import { openStore } from "../../../src/store/kv.ts";
import { joinMembers } from "../../../src/store/shared/members.ts";
import { memberKey } from "../../../src/store/shared/rows.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { MEMBER_SILENT_MS } from "../../../src/system/limits.ts";
import { silentLog } from "../../../src/system/log.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

Deno.test("a bridge knows how long another has not been heard of, and that one that runs is never silent, and whether it can answer", async () => {
  const clock = createSimClock(undefined, () => new Promise((resolve) => setImmediate(resolve)));
  const disk = createDisk();
  const join = async (name: string) => {
    const store = openDisk(disk, () => "none", () => {});
    const self = { run: name, version: "1", name, startedAtMs: 0 };
    const steadyMs = () => clock.now();
    const stop = new AbortController();
    const members = await joinMembers({ store, clock, steadyMs, log: silentLog, self });
    const bridge = { canAnswer: true, members, stop: () => stop.abort() };
    return Object.assign(bridge, {
      kept: members.keep(stop.signal, () => bridge.canAnswer),
    });
  };
  const one = await join("one");
  await clock.advance(2_300);
  const two = await join("two");
  const silentMs = () => one.members.view().find(({ name }) => name === "two")!.silentMs;
  await clock.advance(5_000);
  for (let seconds = 0; seconds < 60; seconds++) {
    await clock.advance(1_000);
    assert(silentMs() < MEMBER_SILENT_MS, `${silentMs()} ms`);
  }
  const canAnswer = () => one.members.view().map((member) => member.canAnswer);
  assertEquals(canAnswer(), [true, true]);
  two.canAnswer = false;
  await clock.advance(10_000);
  assertEquals(canAnswer(), [true, false]);
  two.stop();
  await clock.advance(15_000);
  assert(silentMs() > MEMBER_SILENT_MS, `${silentMs()} ms`);
  one.stop();
  await Promise.all([one.kept, two.kept]);
  assertEquals(one.members.view().map(({ name }) => name), ["one", "two"]);
});

Deno.test("bridges that join in the same moment have numbers of their own", async () => {
  const store = openDisk(createDisk(), () => "none", () => {});
  const parts = { store, clock: createSimClock(), steadyMs: () => 0, log: silentLog };
  const members = await Promise.all(["one", "two", "three"].map((run) => {
    const self = { run, version: "1", name: run, startedAtMs: 0 };
    return joinMembers({ ...parts, self });
  }));
  assertEquals(members.map(({ number }) => number()).toSorted(), [1, 2, 3]);
});

Deno.test("view() cuts what another bridge says of itself, and takes out what could steer a terminal", async () => {
  const store = await openStore(":memory:", { clock: systemClock, random: systemRandom });
  const self = { run: "a", version: "1", name: "one.example.com", startedAtMs: 0 };
  const name = `\x1b[2Jtwo\n${"x".repeat(10_000)}`;
  const other = { ...self, run: "b", version: "2\r\n\u202e", name, beat: 1 };
  await store.commit({ set: [{ key: memberKey(1), value: other }] });
  const parts = { store, clock: systemClock, steadyMs: () => 0, log: silentLog, self };
  const members = await joinMembers(parts);
  const [first, second] = members.view();
  // One of an older version, and one that has not beaten yet, have not said.
  assertEquals([first!.canAnswer, second!.canAnswer], [null, null]);
  assertEquals([first!.name, first!.version], [` [2Jtwo ${"x".repeat(71)}…`, "2 "]);
  assertEquals([second!.number, second!.name], [2, "one.example.com"]);
  store.close();
});
