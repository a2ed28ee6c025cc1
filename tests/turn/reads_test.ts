import { assertEquals } from "@std/assert";
import { accepted, ANN, createKit, type Kit } from "../bridge/kit.ts";

/** Counts what is read of a kit's store by the first part of the key, and its commits. */
function counted(kit: Kit): Record<string, number> {
  const counts: Record<string, number> = {};
  const count = (name: string) => void (counts[name] = (counts[name] ?? 0) + 1);
  const { get, commit } = kit.store;
  Object.assign(kit.store, {
    get: (key: readonly unknown[]) => (count(String(key[0])), get(key as never)),
    commit: (change: never) => (count("commits"), commit(change)),
  });
  return counts;
}

Deno.test("a text and its answer take four commits, and each stage reads once who its sender is", async () => {
  await using kit = await createKit({ send: (_, count) => accepted(count) });
  await kit.take("warm up");
  await kit.rest(60_000);
  const counts = counted(kit);
  await kit.take("hello", { from: ANN });
  await kit.rest(60_000);
  assertEquals([kit.sent.length, counts.commits], [2, 4]);
  const { sender, allowed } = counts;
  // Intake, policy, turn and answer each look once, as time may lie between them.
  assertEquals({ sender, allowed }, { sender: 4, allowed: 4 });
});
