import { assert, assertEquals, assertThrows } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { type Lock, sbom } from "../../scripts/sbom.ts";
import { RUNTIME_IMPORTS } from "../../scripts/release.ts";

const lock: Lock = JSON.parse(await Deno.readTextFile(new URL("../../deno.lock", import.meta.url)));
const parts = { version: "9.9.9", deno: "2.9.6", lock, imports: RUNTIME_IMPORTS, timeSec: 0 };

Deno.test("sbom() names the program, Deno and every package that the program needs, each once", () => {
  const { packages, relationships } = JSON.parse(sbom(parts));
  const names = packages.map(({ name }: { name: string }) => name);
  for (
    const name of ["sms-bridge", "deno", "@std/http", "@std/cli", "@std/internal", "@std/path"]
  ) {
    assert(names.includes(name), name);
  }
  assert(!names.includes("@std/assert"), "the tests' own");
  const ids = new Set(packages.map(({ SPDXID }: { SPDXID: string }) => SPDXID));
  assertEquals(ids.size, packages.length);
  for (const id of ids) assert(/^SPDXRef-[A-Za-z0-9.-]+$/.test(String(id)), String(id));
  for (const { relatedSpdxElement } of relationships) assert(ids.has(relatedSpdxElement));
  assertEquals(relationships.length, packages.length);
  assertEquals(sbom(parts), sbom(parts));
});

Deno.test("sbom() has all that the source imports, and refuses what the lock file does not pin", () => {
  const declared = Object.keys(config.imports).filter((name) => name !== "@std/assert");
  assertEquals([...RUNTIME_IMPORTS].sort(), declared.sort());
  assertThrows(() => sbom({ ...parts, imports: ["@std/nothing"] }), RangeError, "@std/nothing");
});
