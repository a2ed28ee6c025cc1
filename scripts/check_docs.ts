// deno-lint-ignore-file no-console
/**
 * Checks that every exported symbol under `src` has a docstring, and every file says what it is about.
 *
 * @module
 */

async function sourceFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await sourceFiles(path));
    else if (entry.name.endsWith(".ts")) files.push(path);
  }
  return files;
}

async function undocumented(file: string): Promise<string[]> {
  const source = await Deno.readTextFile(file);
  const lines = source.split("\n");
  const missing: string[] = [];
  if (!/^(\/\/.*\n)*\/\*\*[^]*?@module/.test(source)) {
    missing.push(`${file}: has no @module comment`);
  }
  for (const [at, line] of lines.entries()) {
    const exported = line.match(
      /^export (?:async |abstract )?(?:const|function\*?|class|interface|type|let) (\w+)/,
    );
    if (exported === null) continue;
    const before = lines.slice(0, at).findLast((one) => !/^(\/\/|@)/.test(one)) ?? "";
    if (!before.trimEnd().endsWith("*/")) {
      missing.push(`${file}:${at + 1}: ${exported[1]} has no docstring`);
    }
  }
  return missing;
}

const missing = (await Promise.all((await sourceFiles("src")).map(undocumented))).flat();
for (const line of missing) console.error(line);
if (missing.length > 0) Deno.exit(1);
console.log("docs: ok");
