import { assertEquals } from "@std/assert";
import { checkLayout, functionLengths } from "../scripts/check_layout.ts";

Deno.test("checkLayout() finds nothing wrong with the tree", async () => {
  assertEquals(await checkLayout(), []);
});

Deno.test("functionLengths() counts from the signature to the closing brace", () => {
  const source =
    "export function a(\n  b: string,\n): void {\n  if (b) {\n    c();\n  }\n}\n\nconst d = 1;\n";
  assertEquals([...functionLengths(source)], [{ line: 1, lines: 7 }]);
});
