import { assertEquals, assertThrows } from "@std/assert";
import { parseOutsideJson } from "../../src/system/outside_json.ts";

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);

Deno.test("parseOutsideJson() reads what JSON.parse() reads", () => {
  const texts = [
    '{"a":[1,-0,1e400,true,null,"\\u0000\\\\","\\"[[[",{"__proto__":1}]}',
    '"[[[[{{{{,,,,"',
    '["\\\\","\\\\\\""]',
    "0",
    `["${"[{,".repeat(1_000_000)}"]`,
    `["a\\"${"[{,".repeat(1_000_000)}\\\\"]`,
    nested(200),
    `[${nested(199).concat(",").repeat(100)}1]`,
  ];
  for (const text of texts) assertEquals(parseOutsideJson(text), JSON.parse(text));
});

Deno.test("parseOutsideJson() refuses what is no JSON", () => {
  const texts = [
    "",
    "[",
    "]]]]",
    '"',
    '"\\',
    '"a\\"',
    "{]",
    "NaN",
    `[${",".repeat(500)}`,
    "\ufeff1",
  ];
  for (const text of texts) assertThrows(() => parseOutsideJson(text), SyntaxError);
});

Deno.test("parseOutsideJson() refuses what is too much to read, before it is read", () => {
  const texts = [
    nested(201),
    "[".repeat(1_000_000),
    '{"":'.repeat(500_000),
    `["${"\\\\".repeat(9)}",${nested(201)}]`,
    `[${"{},".repeat(600_000)}1]`,
    `[${"0,".repeat(1_000_000)}0]`,
  ];
  for (const text of texts) assertThrows(() => parseOutsideJson(text), RangeError, "levels");
});
