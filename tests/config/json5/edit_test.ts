import { assertEquals, assertThrows } from "@std/assert";
import { EditError, patchText, removeValue, setValue } from "../../../src/config/json5/edit.ts";
import { parseJson5, valueOf } from "../../../src/config/json5/json5.ts";

const TEXT = `// Mine
{
  channels: {
    sms: {
      dmPolicy: "pairing", // who
      /* whom */ allowFrom: ["+1"],
    },
  },
}
`;

function value(text: string): unknown {
  const read = parseJson5(text);
  if (read.kind === "fault") throw new Error(`${read.message} in ${text}`);
  return valueOf(read.node);
}

Deno.test("setValue() changes one value and nothing around it", () => {
  assertEquals(
    setValue(TEXT, ["channels", "sms", "dmPolicy"], "open"),
    TEXT.replace('"pairing"', '"open"'),
  );
});

Deno.test("setValue() adds a member below its last sibling, in the same style", () => {
  assertEquals(
    setValue(TEXT, ["channels", "sms", "defaultTo"], "+2"),
    TEXT.replace('["+1"],\n', '["+1"],\n      defaultTo: "+2",\n'),
  );
  assertEquals(setValue('{"a": 1}', ["b", "c"], 2), '{"a": 1, "b": {\n  "c": 2\n} }');
  assertEquals(setValue('{\n  "a": 1\n}', ["b"], 2), '{\n  "a": 1,\n  "b": 2\n}');
  assertEquals(setValue("", ["a", "b"], [1]), "{\n  a: {\n    b: [1],\n  },\n}\n");
});

Deno.test("removeValue() takes a member out with its line and its note", () => {
  assertEquals(
    removeValue(TEXT, ["channels", "sms", "dmPolicy"]),
    TEXT.replace('      dmPolicy: "pairing", // who\n', ""),
  );
  assertEquals(value(removeValue("{ a: 1, b: 2 }", ["b"])), { a: 1 });
  assertEquals(removeValue(TEXT, ["channels", "none", "at", "all"]), TEXT);
});

Deno.test("patchText() merges objects, replaces lists and takes null out", () => {
  const patched = patchText(TEXT, {
    channels: { sms: { dmPolicy: null, allowFrom: ["+3"], authToken: { source: "env" } } },
    bridge: { limits: { a: 1 } },
  });
  assertEquals(value(patched), {
    channels: { sms: { allowFrom: ["+3"], authToken: { source: "env" } } },
    bridge: { limits: { a: 1 } },
  });
  assertEquals(patched.startsWith("// Mine\n"), true);
  assertEquals(value(patchText("{ a: 1 }", { a: { b: 2 } })), { a: { b: 2 } });
  assertEquals(patchText(TEXT, {}), TEXT);
});

Deno.test("patchText() comes to the same as merging the values, whatever they are", () => {
  let seed = 1;
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  const any = (depth: number): unknown =>
    depth > 0 && random(3) > 0
      ? Object.fromEntries(
        Array.from({ length: random(4) }, () => ["abcd-"[random(5)], any(depth - 1)]),
      )
      : [1, "x", null, true, [1, { y: 2 }]][random(5)];
  const merge = (base: unknown, over: unknown): unknown => {
    const isObject = (one: unknown) =>
      typeof one === "object" && one !== null && !Array.isArray(one);
    if (!isObject(over)) return over;
    const result: Record<string, unknown> = isObject(base) ? { ...base as object } : {};
    for (const [key, one] of Object.entries(over as object)) {
      if (one === null) delete result[key];
      else result[key] = merge(result[key], one);
    }
    return result;
  };
  for (let round = 0; round < 2_000; round++) {
    const [base, patch] = [{ a: any(3), b: any(2) }, { a: any(3), c: any(3) }];
    const text = random(2) ? JSON.stringify(base) : JSON.stringify(base, null, 2);
    assertEquals(
      value(patchText(text, patch as never)),
      merge(base, patch),
      `${text} + ${JSON.stringify(patch)}`,
    );
  }
});

Deno.test("setValue() refuses a text that is not JSON5, and a way through what is not an object", () => {
  assertThrows(() => setValue("{", ["a"], 1), EditError);
  assertThrows(() => setValue("[]", ["a"], 1), EditError);
  assertThrows(() => setValue("{ a: 1 }", ["a", "b"], 1), EditError, "a is not an object");
});
