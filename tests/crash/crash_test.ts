import { assertEquals, assertGreater } from "@std/assert";
import { crash } from "./harness.ts";

Deno.test("the program answers every text once, whole and in order, though it is killed 12 times", async () => {
  const report = await crash({ kills: 12, seed: 7 });
  assertEquals(report.findings, []);
  assertGreater(report.acknowledged, 0);
});
