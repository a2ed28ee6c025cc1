// deno-lint-ignore-file no-console
/**
 * Compiles the program into one executable, `dist/sms-bridge`.
 *
 *     deno task compile [--target TRIPLE] [--output FILE] [--releases URL] [--bundled]
 *
 * The sources are bundled first, into `dist/bundle`: a few short files start sooner than some hundreds, and take
 * less memory. Stack traces name files and lines of the sources all the same, as of runtimes that read source maps
 * in an executable. `deno bundle` fetches esbuild from npm's registry; where that cannot be reached, the sources are
 * compiled as they are, or with `--bundled` not at all.
 *
 * `DENORT_BIN` names a runtime to build on where Deno's download site cannot be reached, and
 * `DENO_COMPILE` the `deno` that goes with it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { PERMISSIONS } from "./permissions.ts";
import { slimMap } from "./slim_map.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const root = new URL("../", import.meta.url);
const flags = parseArgs(Deno.args, {
  string: ["target", "output", "releases"],
  boolean: ["bundled"],
});
const target: string | undefined = flags.target;
const windows = target?.includes("windows") ?? Deno.build.os === "windows";
const output: string = flags.output ?? `dist/sms-bridge${windows ? ".exe" : ""}`;
const BUNDLE = "dist/bundle";

/** The commit that is checked out; empty where there is no git. */
async function currentCommit(): Promise<string> {
  try {
    const args = ["rev-parse", "HEAD"];
    const { stdout } = await new Deno.Command("git", { args, cwd: root, stderr: "null" }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return "";
  }
}

async function runs(program: string, ...args: string[]): Promise<boolean> {
  const command = new Deno.Command(program, { args, cwd: root, stdin: "null" });
  return (await command.spawn().status).success;
}

function fail(hint: string): never {
  console.error(`compile: failed. ${hint}`);
  Deno.exit(1);
}

/** Bundles what these modules import into files beside one another. */
function bundles(...modules: readonly string[]): Promise<boolean> {
  const options = ["--quiet", "--platform", "deno", "--minify", "--sourcemap", "linked"];
  const splitting = modules.length > 1 ? ["--code-splitting"] : [];
  return runs(Deno.execPath(), "bundle", ...options, "--outdir", BUNDLE, ...splitting, ...modules);
}

const write = (name: string, text: string) =>
  Deno.writeTextFile(new URL(`dist/${name}`, root), text);

/** Leaves in the source maps what names a line: an executable reads them all when it starts. */
async function slim(folder: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}/${name}`;
    if (!isFile) await slim(path);
    else if (name.endsWith(".map")) {
      const map = JSON.parse(await Deno.readTextFile(new URL(path, root)));
      await Deno.writeTextFile(new URL(path, root), JSON.stringify(slimMap(map)));
    }
  }
}

/** The compiler notes the files' times, which are to be the same each time. */
async function stamp(folder: string): Promise<void> {
  for await (const { name, isFile } of Deno.readDir(new URL(folder, root))) {
    if (isFile) await Deno.utime(new URL(`${folder}/${name}`, root), 0, 0);
    else await stamp(`${folder}/${name}`);
  }
}

await Deno.remove(new URL(BUNDLE, root), { recursive: true }).catch(() => {});
await Deno.mkdir(new URL(BUNDLE, root), { recursive: true });
// So that `version` can tell it.
await write("commit", await currentCommit());
// Where `upgrade` looks for newer releases.
await write("releases", flags.releases ?? "");
// With what is imported only when it is asked for, as the bundler knows no such modules.
const bundled = await bundles("main.ts", "src/cli/commands/table.ts", "src/cli/chapter.ts") &&
  await bundles("src/daemon/worker.ts");
const unbundled = "It is not bundled, as esbuild cannot be fetched from npm's registry";
if (!bundled && flags.bundled) fail(unbundled);
if (!bundled) console.error(`compile: ${unbundled}: it starts more slowly.`);
await slim(BUNDLE);
// The name that the worker is started by.
await write("bundle/worker.ts", 'import "./worker.js";\n');
for (const name of ["commit", "releases"]) await Deno.utime(new URL(`dist/${name}`, root), 0, 0);
await stamp(BUNDLE);
const compiled = await runs(
  Deno.env.get("DENO_COMPILE") ?? Deno.execPath(),
  ...["compile", "--quiet", "--no-prompt"],
  // Types are checked by `deno task check`; here they would ask for packages of built-ins.
  "--no-check",
  // Its file has a name that everybody can guess, in a folder that everybody may write.
  "--no-code-cache",
  V8_FLAGS,
  ...PERMISSIONS,
  ...(target === undefined ? [] : ["--target", target]),
  ...["--include", "dist/commit", "--include", "dist/releases", "--include"],
  ...(bundled
    ? [BUNDLE, "--output", output, `${BUNDLE}/main.js`]
    : ["src", "--output", output, "main.ts"]),
);
if (!compiled) {
  fail("Without access to Deno's download site, set DENORT_BIN to a runtime of the same version.");
}
const { size } = await Deno.stat(new URL(output, root));
console.log(`${output}  ${(size / 1e6).toFixed(1)} MB`);
