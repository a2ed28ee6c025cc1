import { assertEquals } from "@std/assert";
import { createCrowd } from "../../src/server/connections.ts";

/** A crowd whose members report their names when they give way. */
function namedCrowd(limits: { connectionsMax?: number; bufferedBytesMax?: number }) {
  const crowd = createCrowd({ connectionsMax: 100, bufferedBytesMax: 1_000, ...limits });
  const gone: string[] = [];
  return { crowd, gone, enter: (name: string) => crowd.enter(() => gone.push(name)) };
}

Deno.test("createCrowd() lets the one that has waited longest give way to a newcomer", () => {
  const { crowd, gone, enter } = namedCrowd({ connectionsMax: 2 });
  ["a", "b", "c", "d"].forEach(enter);
  assertEquals([gone, crowd.size], [["a", "b"], 2]);
});

Deno.test("createCrowd() counts a connection that begins a request as young", () => {
  const { gone, enter } = namedCrowd({ connectionsMax: 2 });
  const a = enter("a");
  enter("b");
  a.begin();
  enter("c");
  assertEquals(gone, ["b"]);
});

Deno.test("createCrowd() spares whoever is being worked for", () => {
  const { crowd, gone, enter } = namedCrowd({ connectionsMax: 1 });
  const a = enter("a");
  a.begin();
  a.work();
  enter("b");
  assertEquals([gone, crowd.size], [["b"], 1]);
  a.rest();
  enter("c");
  assertEquals(gone, ["b", "a"]);
});

Deno.test("createCrowd() lets whoever is kept waiting on purpose give way", () => {
  const { crowd, gone, enter } = namedCrowd({ connectionsMax: 1 });
  const a = enter("a");
  a.begin();
  a.work();
  a.wait();
  enter("b");
  assertEquals([gone, crowd.size], [["a"], 1]);
});

Deno.test("createCrowd() frees memory by the oldest unfinished bodies, not by idle connections", () => {
  const { crowd, gone, enter } = namedCrowd({ bufferedBytesMax: 1_000 });
  enter("idle");
  const [first, second, third] = ["first", "second", "third"].map(enter);
  [first, second, third].forEach((place) => place!.begin());
  first!.hold(600);
  second!.hold(400);
  assertEquals(gone, []);
  third!.hold(500);
  assertEquals([gone, crowd.bufferedBytes], [["first"], 900]);
});

Deno.test("createCrowd() forgets the bytes of whoever rests or leaves", () => {
  const { crowd, enter } = namedCrowd({});
  const [a, b] = ["a", "b"].map(enter);
  a!.hold(10);
  b!.hold(20);
  a!.rest();
  assertEquals(crowd.bufferedBytes, 20);
  b!.leave();
  b!.hold(5);
  assertEquals([crowd.bufferedBytes, crowd.size], [0, 1]);
});

Deno.test("createCrowd() dismisses only idle connections when asked to", () => {
  const { crowd, gone, enter } = namedCrowd({});
  const [, reading, working] = ["idle", "reading", "working"].map(enter);
  reading!.begin();
  working!.work();
  assertEquals([crowd.dismissIdle(), gone, crowd.size], [1, ["idle"], 2]);
});
