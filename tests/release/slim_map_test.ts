import { assertEquals } from "@std/assert";
import { SourceMap } from "node:module";
import { slimMap, type SourceMap as Map } from "../../scripts/slim_map.ts";

/** Two sources in one line, then one of them below it. */
const MAP: Map & { readonly names: string[] } = {
  version: 3,
  sources: ["a.ts", "b.ts"],
  names: ["x"],
  mappings: "AAAAA,IAAIA,KACGA,OCzBTA,IADFA,GAEEA;EDcAA,MAAMA",
};

function places(map: Map): unknown[] {
  const known = new SourceMap({ file: "", names: [], sourceRoot: "", ...map } as never);
  return [0, 1].flatMap((line) =>
    Array.from({ length: 40 }, (_, column) => {
      const found = known.findEntry(line, column) as Record<string, unknown>;
      return [found.originalSource, found.originalLine];
    })
  );
}

Deno.test("A source map of an executable names the same lines in less", () => {
  const slim = slimMap(MAP);
  assertEquals(places(slim), places(MAP));
  assertEquals(new Set(places(MAP).map(String)).size > 4, true);
  assertEquals(slim.mappings.length < MAP.mappings.length / 1.5, true);
});
