import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type Json5Reading,
  parseJson5,
  repeatedKeys,
  valueOf,
} from "../../../src/config/json5/json5.ts";
import { CONFIG_BYTES_MAX, JSON5_DEPTH_MAX } from "../../../src/system/limits.ts";

/** Numbers that JSON cannot hold, and objects in the order of their keys, as the vectors write them. */
function tagged(value: unknown): unknown {
  if (typeof value === "number") {
    const special = !Number.isFinite(value) || Object.is(value, -0);
    return special ? { $num: Object.is(value, -0) ? "-0" : String(value) } : value;
  }
  if (Array.isArray(value)) return value.map(tagged);
  if (value === null || typeof value !== "object") return value;
  return { $obj: Object.entries(value).map(([key, member]) => [key, tagged(member)]) };
}

function fault(text: string): string {
  const read: Json5Reading = parseJson5(text);
  assert(read.kind === "fault", `${text} is refused`);
  return `${read.at.line}:${read.at.column} ${read.message}`;
}

function value(text: string): unknown {
  const read = parseJson5(text);
  assert(read.kind === "node", read.kind === "fault" ? read.message : "");
  return valueOf(read.node);
}

/** Read, not imported: one of the cases is nested too deeply for the type checker. */
const vectors: {
  readonly cases: readonly {
    readonly id: string;
    readonly text: string;
    readonly expect: { readonly ok: boolean; readonly value?: unknown };
  }[];
} = JSON.parse(await Deno.readTextFile(new URL("../../vectors/json5.json", import.meta.url)));

Deno.test("parseJson5() agrees with the reference implementation", () => {
  for (const { id, text, expect } of vectors.cases) {
    const read = parseJson5(text);
    assertEquals([id, read.kind], [id, expect.ok ? "node" : "fault"]);
    if (read.kind === "fault") continue;
    assertEquals(JSON.stringify(tagged(valueOf(read.node))), JSON.stringify(expect.value), id);
  }
});

Deno.test("parseJson5() tells line, column, what was expected and what is there", () => {
  assertEquals(
    fault('{\n  a: 1\n  "b": 2\n}'),
    '3:3 expected "," or "}", found "\\""'.replace("\\", ""),
  );
  assertEquals(fault("[1 2]"), '1:4 expected "," or "]", found "2"');
  assertEquals(fault("{a 1}"), '1:4 expected ":", found "1"');
  assertEquals(fault("{a:}"), '1:4 expected a value, found "}"');
  assertEquals(fault("{,}"), '1:2 expected a key or "}", found ","');
  assertEquals(fault("{} x"), '1:4 expected the end of the text, found "x"');
  assertEquals(fault(""), "1:1 expected a value, found the end of the text");
  assertEquals(fault("'a\nb'"), "1:3 expected ' at the end of the string, found a line break");
  assertEquals(
    fault("/* a\n"),
    '2:1 expected "*/" at the end of the comment, found the end of the text',
  );
  assertEquals(fault('"\\u12g4"'), '1:4 expected 4 hexadecimal digits, found "1"');
  assertEquals(fault('"\\1"'), '1:3 expected an escape sequence, found "1"');
  assertEquals(fault("010"), '1:2 expected the end of the text, found "1"');
});

Deno.test("parseJson5() counts columns in characters and every kind of line break once", () => {
  assertMatch(fault("['🙂🙂' x]"), /^1:7 /);
  assertMatch(fault("[\r\n1,\r2,\n\n?]"), /^5:1 /);
});

Deno.test("parseJson5() names characters that cannot be seen", () => {
  assertMatch(fault("[\u0007]"), /found U\+0007$/);
  assertMatch(fault("[\u202e]"), /found U\+202E$/);
  assertMatch(fault("[é]"), /found "é" \(U\+00E9\)$/);
});

Deno.test("parseJson5() refuses what is too deep or too long, without falling over", () => {
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals(parseJson5(deep(JSON5_DEPTH_MAX)).kind, "node");
  assertMatch(fault(deep(JSON5_DEPTH_MAX + 1)), /nested deeper than 500$/);
  assertMatch(fault("{a:".repeat(1_000_000)), /nested deeper than 500$/);
  assertEquals(parseJson5(`"${"x".repeat(CONFIG_BYTES_MAX - 2)}"`).kind, "node");
  assertMatch(fault(`"${"x".repeat(CONFIG_BYTES_MAX)}"`), /longer than 8388608/);
});

Deno.test("valueOf() takes __proto__ for a key like others", () => {
  const read = value('{"__proto__": {"polluted": 1}, "constructor": {"prototype": 2}}');
  assertEquals(Object.keys(read as object), ["__proto__", "constructor"]);
  assertEquals(({} as { polluted?: unknown }).polluted, undefined);
  assertEquals(Object.getPrototypeOf(read), Object.prototype);
});

Deno.test("repeatedKeys() finds keys that stand twice, however they are spelt", () => {
  const text = "{a: 1, 'b': [{c: 1, \"\\u0063\": 2}], a: 3}";
  const read = parseJson5(text);
  assert(read.kind === "node");
  const found = [...repeatedKeys(read.node)].map(({ key, again }) => [key, text.slice(again)[0]]);
  assertEquals(found, [["c", '"'], ["a", "a"]]);
  assertEquals((value(text) as { a: number }).a, 3);
});

Deno.test("parseJson5() knows where every value stands", () => {
  const text = "{ a: 'x', /* , */ b: [ 1 ] , }";
  const read = parseJson5(text);
  assert(read.kind === "node" && read.node.kind === "object");
  const [a, b] = read.node.members;
  assertEquals(text.slice(a!.value.start, a!.value.end), "'x'");
  assertEquals(text.slice(b!.value.start, b!.value.end), "[ 1 ]");
  assertEquals([text[a!.commaAt!], text.slice(b!.commaAt!)], [",", ", }"]);
});
