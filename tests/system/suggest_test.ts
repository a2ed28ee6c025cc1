import { assertEquals } from "@std/assert";
import { editDistance, nearest } from "../../src/system/suggest.ts";

Deno.test("editDistance() counts added, dropped, replaced and swapped letters", () => {
  const cases: [a: string, b: string, distance: number][] = [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["abc", "abxc", 1],
    ["abc", "ac", 1],
    ["abc", "axc", 1],
    ["abc", "acb", 1],
    ["ca", "abc", 3],
    ["kitten", "sitting", 3],
  ];
  for (const [a, b, distance] of cases) {
    assertEquals([a, b, editDistance(a, b)], [a, b, distance]);
    assertEquals([b, a, editDistance(b, a)], [b, a, distance]);
  }
});

Deno.test("nearest() finds what was meant, or nothing when it is too far away", () => {
  const words = ["status", "serve", "send", "setup"];
  assertEquals(nearest("stauts", words), "status");
  assertEquals(nearest("SNED", words), "send");
  assertEquals(nearest("q", words), undefined);
  assertEquals(nearest("banana", words), undefined);
  assertEquals(nearest("s".repeat(100_000), words), undefined);
});

Deno.test("nearest() takes letters to be swapped rather than left out", () => {
  assertEquals(nearest("sepnd", ["send", "spend"]), "spend");
  assertEquals(nearest("sned", ["send", "spend"]), "send");
  assertEquals(nearest("sen", ["send", "spend"]), "send");
});
