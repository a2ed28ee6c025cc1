// deno-lint-ignore-file no-console
/**
 * Compiles the program into one executable, `dist/sms-bridge`.
 *
 *     deno task compile [--target TRIPLE] [--output FILE] [--releases URL]
 *
 * The sources are bundled first, into `dist/bundle`: a few files start sooner than some hundreds. Stack traces
 * name the sources all the same. `deno bundle` fetches esbuild from npm's registry.
 *
 * `DENORT_BIN` names a runtime to build on where Deno's download site cannot be reached, and
 * `DENO_COMPILE` the `deno` that goes with it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { PERMISSIONS } from "./permissions.ts";

const root = new URL("../", import.meta.url);
const flags = parseArgs(Deno.args, { string: ["target", "output", "releases"] });
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

async function deno(hint: string, program: string, ...args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args: [...args], cwd: root, stdin: "null" })
    .spawn().status;
  if (success) return;
  console.error(`compile: failed. ${hint}`);
  Deno.exit(1);
}

/** Bundles what these modules import into files beside one another. */
async function bundle(...modules: readonly string[]): Promise<void> {
  await deno(
    "Without access to npm's registry, put esbuild into Deno's cache first.",
    Deno.execPath(),
    ...["bundle", "--quiet", "--platform", "deno", "--sourcemap", "linked"],
    ...(modules.length > 1 ? ["--code-splitting"] : []),
    ...["--outdir", BUNDLE, ...modules],
  );
}

/** Writes a file into `dist` that becomes part of the executable. */
async function write(name: string, text: string): Promise<void> {
  const file = new URL(`dist/${name}`, root);
  await Deno.writeTextFile(file, text);
}

await Deno.remove(new URL(BUNDLE, root), { recursive: true }).catch(() => {});
await Deno.mkdir(new URL(BUNDLE, root), { recursive: true });
// So that `version` can tell it.
await write("commit", await currentCommit());
// Where `upgrade` looks for newer releases.
await write("releases", flags.releases ?? "");
// All commands, as their modules are known to the bundler only when they are imported at once.
await bundle("main.ts", "src/cli/commands/table.ts");
await bundle("src/daemon/worker.ts");
// The name that the worker is started by.
await write("bundle/worker.ts", 'import "./worker.js";\n');
await deno(
  "Without access to Deno's download site, set DENORT_BIN to a runtime of the same version.",
  Deno.env.get("DENO_COMPILE") ?? Deno.execPath(),
  ...["compile", "--quiet", "--no-prompt"],
  // Types are checked by `deno task check`; here they would ask for packages of built-ins.
  "--no-check",
  // Its file has a name that everybody can guess, in a folder that everybody may write.
  "--no-code-cache",
  ...PERMISSIONS,
  ...(target === undefined ? [] : ["--target", target]),
  ...["--include", "dist/commit", "--include", "dist/releases", "--include", BUNDLE],
  ...["--output", output, `${BUNDLE}/main.js`],
);
const { size } = await Deno.stat(new URL(output, root));
console.log(`${output}  ${(size / 1e6).toFixed(1)} MB`);
