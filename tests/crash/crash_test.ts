import { assertEquals, assertGreater } from "@std/assert";
import { crash, leftOf } from "./harness.ts";

Deno.test("the program answers every text once, whole and in order, though it is killed 12 times", async () => {
  const report = await crash({ kills: 12, seed: 7 });
  assertEquals(report.findings, []);
  assertGreater(report.acknowledged, 0);
});

Deno.test("a notice that came too late is no finding of the crash harness, and whatever else is left is one", () => {
  const items = [
    { queue: "dead", state: "stale" },
    { queue: "dead", state: "uncertain" },
    { queue: "outbox", state: "waiting" },
  ];
  assertEquals(leftOf(items), [
    "the dead still holds a row: uncertain",
    "the outbox still holds a row: waiting",
  ]);
});
