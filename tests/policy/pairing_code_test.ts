import { assert, assertEquals } from "@std/assert";
import {
  newPairingCode,
  PAIRING_ALPHABET,
  readLeadingCode,
  readPairingCode,
} from "../../src/policy/pairing_code.ts";
import { seededRandom, systemRandom } from "../../src/system/random.ts";

Deno.test("newPairingCode() makes codes that readPairingCode() reads, without 0, O, 1 and I", () => {
  for (let i = 0; i < 1_000; i++) {
    const code = newPairingCode(systemRandom);
    assert(/^[A-HJ-NP-Z2-9]{8}$/.test(code), code);
    assertEquals(readPairingCode(code), code);
  }
});

Deno.test("newPairingCode() uses every letter about as often", () => {
  const random = seededRandom(3);
  const counts = new Map<string, number>();
  for (let i = 0; i < 8_000; i++) {
    for (const letter of newPairingCode(random)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  assertEquals(counts.size, PAIRING_ALPHABET.length);
  for (const [letter, count] of counts) {
    assert(Math.abs(count - 2_000) < 250, `${letter}: ${count}`);
  }
});

Deno.test("readPairingCode() takes any case, spaces and dashes", () => {
  for (const typed of ["4MYQL6BM", "4myql6bm", " 4myq-l6bm ", "4 M Y Q L 6 B M", "4MYQ\tL6BM\n"]) {
    assertEquals(readPairingCode(typed), "4MYQL6BM", typed);
  }
});

Deno.test("readPairingCode() refuses what can be no code", () => {
  const typed = [
    "",
    "4MYQL6B",
    "4MYQL6BMM",
    "0MYQL6BM",
    "OMYQL6BM",
    "1MYQL6BM",
    "IMYQL6BM",
    "4MYQL6B\u00df",
  ];
  for (const text of [...typed, "A".repeat(100_000)]) assertEquals(readPairingCode(text), null);
});

Deno.test("readLeadingCode() reads a code with what is written behind it, and no other text", () => {
  for (
    const [text, found] of [
      ["k7qx2m9p", { code: "K7QX2M9P", rest: "" }],
      [" K7QX-2M9P yes ", { code: "K7QX2M9P", rest: "yes" }],
      ["K7QX 2M9P: 1; Blue, or so", { code: "K7QX2M9P", rest: "1; Blue, or so" }],
      ["K7QX2M9P\nred\ngreen", { code: "K7QX2M9P", rest: "red\ngreen" }],
      ["K7QX2M9Pyes", null],
      ["K7QX2M9 yes", null],
      ["yes K7QX2M9P", null],
      ["see you on monday", null],
      ["", null],
    ] as const
  ) assertEquals(readLeadingCode(text), found, text);
});
