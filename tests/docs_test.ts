import { assert, assertEquals } from "@std/assert";
import { MAY_IMPORT } from "../scripts/rooms.ts";

const ROOT = new URL("../", import.meta.url);
const PAGES = [
  "README.md",
  ".github/ARCHITECTURE.md",
  ".github/CHANGELOG.md",
  ".github/CONTRIBUTING.md",
];
const WALK_FILES_MAX = 15;

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/** What stands between the markers of a name. */
function between(page: string, name: string): string {
  return page.split(`<!-- ${name} -->`)[1]!.split(`<!-- /${name} -->`)[0]!;
}

/** Paths of this repository that a page names as code or links to. */
function pathsIn(page: string): string[] {
  const named = page.matchAll(/(?<![\w/.~-])(?:src|tests|scripts|\.github|\.vscode)\/[\w./-]*\w/g);
  return [...new Set([...named].map(([path]) => path))];
}

Deno.test("the documents name only files and folders that are there", async () => {
  const missing: string[] = [];
  for (const page of PAGES) {
    for (const path of pathsIn(await read(page))) {
      const found = await Deno.stat(new URL(path, ROOT)).then(() => true, () => false);
      if (!found) missing.push(`${page}: ${path}`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("ARCHITECTURE.md names every room once, each below all that it may import", async () => {
  const table = between(await read(".github/ARCHITECTURE.md"), "rooms");
  const rooms = [...table.matchAll(/^\| `([a-z0-9/]+)`/gm)].map(([, room]) => room!);
  assertEquals(rooms.toSorted(), Object.keys(MAY_IMPORT).sort());
  for (const [at, room] of rooms.entries()) {
    const above = rooms.slice(0, at);
    for (const target of MAY_IMPORT[room]!) {
      const known = above.some((one) => target === one || target.startsWith(`${one}/`));
      assert(known, `${room} may import ${target}, which is not above it`);
    }
  }
});

Deno.test("ARCHITECTURE.md walks a text through at most 15 files, each used by one before it", async () => {
  const walk = between(await read(".github/ARCHITECTURE.md"), "walk");
  const files = [...walk.matchAll(/^\d+\. `(src\/[^`]+)`/gm)].map(([, file]) => file!);
  assert(files.length > 3 && files.length <= WALK_FILES_MAX, `${files.length} files`);
  assertEquals(new Set(files).size, files.length);
  // The listener is given its routes by the service, so the walk enters at both.
  const [listener, service, ...rest] = files;
  const imported = new Set<string>();
  const follow = async (file: string) => {
    for (const [, path = ""] of (await read(file)).matchAll(/from "(\.[^"]+)"/g)) {
      imported.add(new URL(path, new URL(file, ROOT)).href.slice(ROOT.href.length));
    }
  };
  await follow(listener!);
  await follow(service!);
  for (const file of rest) {
    assert(imported.has(file), `${file} is imported by none before it`);
    await follow(file);
  }
});
