import { assert, assertEquals } from "@std/assert";
import { createSimClock } from "../../../src/sim/clock.ts";
import { joinMembers } from "../../../src/store/shared/members.ts";
import { MEMBER_SILENT_MS } from "../../../src/system/limits.ts";
import { silentLog } from "../../../src/system/log.ts";
import { createDisk, openDisk } from "../../simulation/memory_store.ts";

Deno.test("a bridge knows how long another has not been heard of, and that one that runs is never silent", async () => {
  const clock = createSimClock(undefined, () => new Promise((resolve) => setImmediate(resolve)));
  const disk = createDisk();
  const join = async (name: string) => {
    const store = openDisk(disk, () => "none", () => {});
    const self = { run: name, version: "1", name, startedAtMs: 0 };
    const steadyMs = () => clock.now();
    const stop = new AbortController();
    const members = await joinMembers({ store, clock, steadyMs, log: silentLog, self });
    return { members, kept: members.keep(stop.signal), stop: () => stop.abort() };
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
  two.stop();
  await clock.advance(15_000);
  assert(silentMs() > MEMBER_SILENT_MS, `${silentMs()} ms`);
  one.stop();
  await Promise.all([one.kept, two.kept]);
  assertEquals(one.members.view().map(({ name }) => name), ["one", "two"]);
});
