import { assertEquals } from "@std/assert";
import { graphemeFloor } from "../../../src/text/sms/graphemes.ts";
import { gsm7Septets, isGsm7 } from "../../../src/text/sms/gsm7.ts";
import { countSegments } from "../../../src/text/sms/segments.ts";

const FAMILY = "👨‍👩‍👧‍👦"; // 11 units
const FLAG = "🇫🇷"; // 4 units

Deno.test("gsm7Septets() knows basic, extension and foreign characters", () => {
  assertEquals([..."a@é\n€[~"].map((char) => gsm7Septets(char.charCodeAt(0))), [
    ...[1, 1, 1, 1],
    ...[2, 2, 2],
  ]);
  assertEquals([..."`ç’\t—"].map((char) => gsm7Septets(char.charCodeAt(0))), [0, 0, 0, 0, 0]);
});

Deno.test("isGsm7() is false for one foreign character", () => {
  assertEquals(isGsm7("price: 5 € {ok}"), true);
  assertEquals(isGsm7("price: 5 € {ok}…"), false);
});

Deno.test("countSegments() counts 160 septets, then 153 in each segment", () => {
  for (const [length, segments] of [[1, 1], [160, 1], [161, 2], [306, 2], [307, 3]] as const) {
    assertEquals(countSegments("a".repeat(length)), {
      encoding: "GSM-7",
      segments,
      units: length,
    });
  }
});

Deno.test("countSegments() never splits an extension pair over two segments", () => {
  assertEquals(countSegments("€".repeat(80)).segments, 1);
  // 76 pairs in 153 septets: one is left over in each segment.
  assertEquals(countSegments("€".repeat(152)).segments, 2);
  assertEquals(countSegments("€".repeat(153)), { encoding: "GSM-7", segments: 3, units: 306 });
});

Deno.test("countSegments() counts 70 units in UCS-2, then 67 in each segment", () => {
  for (const [length, segments] of [[70, 1], [71, 2], [134, 2], [135, 3]] as const) {
    assertEquals(countSegments("я".repeat(length)).segments, segments);
  }
});

Deno.test("countSegments() never splits a grapheme over two segments", () => {
  // Six families of 11 units fill 66 of 67 units, sixteen flags 64.
  assertEquals(countSegments(FAMILY.repeat(12)).segments, 2);
  assertEquals(countSegments(FAMILY.repeat(13)).segments, 3);
  assertEquals(countSegments(FLAG.repeat(33)).segments, 3);
  assertEquals(countSegments("я".repeat(66) + "❤️" + "я".repeat(66)).segments, 3);
});

Deno.test("countSegments() counts CR and LF as two characters that may part", () => {
  assertEquals(countSegments("\r\n"), { encoding: "GSM-7", segments: 1, units: 2 });
  assertEquals(countSegments(`${"a".repeat(152)}\r\n${"a".repeat(152)}`).segments, 2);
  assertEquals(countSegments(`${"я".repeat(66)}\r\n${"я".repeat(66)}`).segments, 2);
});

Deno.test("countSegments() counts an empty text as one message", () => {
  assertEquals(countSegments(""), { encoding: "GSM-7", segments: 1, units: 0 });
});

Deno.test("graphemeFloor() goes back to the start of a grapheme", () => {
  const text = `ab${FAMILY}${FLAG}${FLAG}`;
  assertEquals(graphemeFloor(text, 0, 2), 2);
  assertEquals(graphemeFloor(text, 0, 12), 2);
  assertEquals(graphemeFloor(text, 0, 13), 13);
  assertEquals(graphemeFloor(text, 13, 20), 17);
  assertEquals(graphemeFloor(text, 0, 99), text.length);
});

Deno.test("graphemeFloor() cuts a grapheme that fills all the room between code points", () => {
  assertEquals(graphemeFloor(FAMILY, 0, 4), 3);
  assertEquals(graphemeFloor(`a${"\u0301".repeat(50)}`, 0, 20), 20);
});
