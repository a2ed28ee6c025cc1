import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../../src/system/random.ts";
import { encodeForm, firstValue, type FormPair, parseForm } from "../../src/twilio/form.ts";
import { isLinear } from "../text/linear_time.ts";

const utf8 = new TextEncoder();

Deno.test("parseForm() keeps order, repeated names and empty values", () => {
  assertEquals(parseForm("b=2&a=1&b=&c"), [["b", "2"], ["a", "1"], ["b", ""], ["c", ""]]);
});

Deno.test("parseForm() keeps a byte order mark, which a form may not lose before it is verified", () => {
  assertEquals(parseForm(utf8.encode("\ufeffa=\ufeffb")), [["\ufeffa", "\ufeffb"]]);
});

Deno.test("parseForm() joins raw bytes and escapes into characters before it decodes them", () => {
  assertEquals(parseForm(new Uint8Array([0x61, 0x3d, 0xc3, ...utf8.encode("%A9")])), [["a", "é"]]);
  assertEquals(parseForm(new Uint8Array([0x61, 0x3d, 0xff])), [["a", "\ufffd"]]);
});

Deno.test("parseForm() gives well-formed strings only", () => {
  assertEquals(parseForm("a=\ud800&\udc00=%ED%A0%80"), [["a", "\ufffd"], [
    "\ufffd",
    "\ufffd\ufffd\ufffd",
  ]]);
});

Deno.test("parseForm() agrees with URLSearchParams on random bodies", () => {
  const seed = 20261123;
  const random = seededRandom(seed);
  const parts = [
    "%",
    "%4",
    "%41",
    "%C3",
    "%A9",
    "%F0%9F",
    "%zz",
    "=",
    "&",
    "+",
    "é",
    "😀",
    "a",
    " ",
  ];
  for (let round = 0; round < 2_000; round++) {
    let body = "";
    for (let i = random.below(12); i > 0; i--) body += parts[random.below(parts.length)];
    // URLSearchParams drops a leading question mark; none is among the parts.
    const expected = [...new URLSearchParams(body)];
    assertEquals(parseForm(body), expected, `seed ${seed}: ${JSON.stringify(body)}`);
    assertEquals(parseForm(utf8.encode(body)), expected, `seed ${seed}: bytes of ${body}`);
  }
});

Deno.test("parseForm() takes time linear in the body, whatever is in it", () => {
  for (const part of ["%", "a&", "=", "+", "%zz", "%C3", "é=%ff&"]) {
    assert(isLinear((length) => part.repeat(length / part.length), parseForm), part);
  }
});

Deno.test("encodeForm() writes what URLSearchParams writes, and parseForm() reads it back", () => {
  const pairs: FormPair[] = [
    ["Body", "a+b & c=d % 'quoted' ~*-._!()\r\n\0"],
    ["To", "+12025550123"],
    ["é", "👍🏽"],
    ["", ""],
    ["To", "twice"],
  ];
  assertEquals(encodeForm(pairs), String(new URLSearchParams(pairs.map(([n, v]) => [n, v]))));
  assertEquals(parseForm(encodeForm(pairs)), pairs);
  assertEquals(encodeForm([["a", "\ud800"]]), "a=%EF%BF%BD");
});

Deno.test("firstValue() finds the first pair of a name", () => {
  const pairs = parseForm("a=1&b=2&a=3");
  assertEquals(firstValue(pairs, "a"), "1");
  assertEquals(firstValue(pairs, "c"), undefined);
});
