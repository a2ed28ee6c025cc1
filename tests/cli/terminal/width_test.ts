import { assertEquals } from "@std/assert";
import { displayWidth, fitWidth } from "../../../src/cli/terminal/width.ts";

Deno.test("displayWidth() counts the columns of a terminal", () => {
  const cases: [text: string, width: number][] = [
    ["", 0],
    ["abc", 3],
    ["\x1b[1;31mabc\x1b[0m", 3],
    ["naïve", 5],
    ["nai\u0308ve", 5],
    ["日本語", 6],
    ["한글", 4],
    ["ｆｕｌｌ", 8],
    ["👋", 2],
    ["👨‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["1", 1],
    ["©", 1],
    ["\u200b", 0],
    ["…•→", 3],
  ];
  for (const [text, width] of cases) assertEquals([text, displayWidth(text)], [text, width]);
});

Deno.test("fitWidth() cuts between characters and never exceeds the columns", () => {
  assertEquals(fitWidth("abcdef", 6), "abcdef");
  assertEquals(fitWidth("abcdef", 5), "abcd…");
  assertEquals(fitWidth("日本語", 4), "日…");
  assertEquals(fitWidth("a👨‍👩‍👧b", 3), "a…");
  assertEquals(fitWidth("\x1b[31mabcdef\x1b[0m", 3), "ab…");
});
