import { assertEquals } from "@std/assert";
import { checkLayout, functionLengths, unusedExports } from "../scripts/check_layout.ts";
import { MUTANTS } from "../scripts/mutants.ts";

Deno.test("checkLayout() finds nothing wrong with the tree", async () => {
  assertEquals((await checkLayout()).filter(({ advice }) => !advice), []);
});

Deno.test("functionLengths() counts from the signature to the closing brace", () => {
  const source =
    "export function a(\n  b: string,\n): void {\n  if (b) {\n    c();\n  }\n}\n\nconst d = 1;\n";
  assertEquals([...functionLengths(source)], [{ line: 1, lines: 7 }]);
});

Deno.test("unusedExports() finds a name that only its own file uses", () => {
  const sources = new Map([
    ["src/a.ts", "export const used = 1;\nexport function alone() {}\nalone();\n"],
    ["src/b.ts", 'import { used } from "./a.ts";\n'],
  ]);
  const problem = "exports alone, which no other source file uses";
  assertEquals([...unusedExports(sources)], [{ file: "src/a.ts", problem }]);
});

Deno.test("every mutant still finds the one place that it breaks", async () => {
  for (const { name, file, from } of MUTANTS) {
    const source = await Deno.readTextFile(new URL(`../${file}`, import.meta.url));
    assertEquals(source.split(from).length, 2, name);
  }
});
