import { assert, assertEquals } from "@std/assert";
import { posix, win32 } from "node:path";
import { pathsOf } from "../../src/system/path.ts";

const NAMES = ["", ".", "..", "a", "b.c", "a/b", "/", "/a", "/a/", "/a/../b", "../../a", "a/.."];
const WINDOWS_NAMES = [
  ...NAMES,
  "C:\\",
  "c:/a\\b",
  "C:\\a\\..\\..\\b",
  "\\a",
  "\\\\host\\share\\a",
];

for (
  const [system, theirs, names] of [["posix", posix, NAMES], [
    "win32",
    win32,
    WINDOWS_NAMES,
  ]] as const
) {
  const ours = pathsOf(system === "win32");

  const plain = (path: string) => path.replace(/(?<=[^:\\/])[\\/]$/, "");

  Deno.test(`join() joins as node:path does (${system})`, () => {
    for (const left of names) {
      for (const right of ["", "a", "../a", "..", "./b//c", "../../../x"]) {
        assertEquals(ours.join(left, right), theirs.join(left, right), `${left} + ${right}`);
      }
    }
  });

  Deno.test(`isAbsolute() agrees with node:path (${system})`, () => {
    for (const name of names) assertEquals(ours.isAbsolute(name), theirs.isAbsolute(name), name);
  });

  Deno.test(`dirname() cuts the last part as node:path does (${system})`, () => {
    for (const name of names) {
      const expected = plain(theirs.normalize(theirs.dirname(name)));
      assertEquals(plain(ours.join(ours.dirname(name))), expected, name);
    }
  });
}

Deno.test("isBelow() is true for what lies in a folder, and for nothing beside it", () => {
  const { isBelow } = pathsOf(false);
  assert(isBelow("/a/b", "/a"));
  assert(isBelow("/a/b/../c", "/a/"));
  assert(isBelow("/a", "/"));
  for (const path of ["/a", "/a/", "/ab", "/", "/a/../b", "/A/b"]) {
    assert(!isBelow(path, "/a"), path);
  }
});

Deno.test("isBelow() takes a name of Windows in either case and with either separator", () => {
  const { isBelow } = pathsOf(true);
  assert(isBelow("c:/Users/me", "C:\\users"));
  assert(isBelow("C:\\a", "C:\\"));
  for (const path of ["D:\\users\\me", "C:\\users2", "C:\\users\\..\\x"]) {
    assert(!isBelow(path, "C:\\users"), path);
  }
});
