import { assertEquals } from "@std/assert";
import { createGate, createLanes } from "../../src/bridge/lanes.ts";

Deno.test("createLanes() runs the jobs of a lane one after the other, in order", async () => {
  const lanes = createLanes();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  lanes.push("a", () => first.promise.then(() => void seen.push("a1")));
  lanes.push("a", () => Promise.resolve(void seen.push("a2")));
  lanes.push("b", () => Promise.resolve(void seen.push("b1")));
  await Promise.resolve().then(() => {}).then(() => {});
  assertEquals(seen, ["b1"], "another lane does not wait");
  assertEquals(lanes.pending >= 2, true);
  first.resolve();
  await lanes.idle();
  assertEquals(seen, ["b1", "a1", "a2"]);
  assertEquals(lanes.pending, 0);
});

Deno.test("createGate() lets no more than its limit in, in the order they came", async () => {
  const gate = createGate(2);
  let inside = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(Array.from({ length: 20 }, async (_, i) => {
    const leave = await gate.enter();
    order.push(i);
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setTimeout(resolve, 0));
    inside--;
    leave();
    leave();
  }));
  assertEquals(most, 2);
  assertEquals(order, Array.from({ length: 20 }, (_, i) => i));
});
