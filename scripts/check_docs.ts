// deno-lint-ignore-file no-console
/**
 * Checks that every exported symbol under `src` is documented, with `deno doc --lint`.
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

const { success, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...await sourceFiles("src")],
  stdout: "null",
  stderr: "piped",
}).output();
if (!success) {
  // `Phone` is a brand on a string; its private key is meant to be unreachable.
  await Deno.stderr.write(stderr);
  Deno.exit(1);
}
console.log("docs: ok");
