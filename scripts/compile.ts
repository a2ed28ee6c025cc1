// deno-lint-ignore-file no-console
/**
 * Compiles the program into one executable, `dist/sms-bridge`.
 *
 *     deno task compile [--target TRIPLE] [--output FILE] [--releases URL]
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

await Deno.mkdir(new URL("dist/", root), { recursive: true });
// Part of the executable, so that `version` can tell it.
const commitFile = new URL("dist/commit", root);
await Deno.writeTextFile(commitFile, await currentCommit());
// The compiler notes the file's time, which is to be the same each time.
await Deno.utime(commitFile, 0, 0);
// Where `upgrade` looks for newer releases.
const releasesFile = new URL("dist/releases", root);
await Deno.writeTextFile(releasesFile, flags.releases ?? "");
await Deno.utime(releasesFile, 0, 0);
const command = new Deno.Command(Deno.env.get("DENO_COMPILE") ?? Deno.execPath(), {
  args: [
    "compile",
    "--quiet",
    // Types are checked by `deno task check`; here they would ask for packages of built-ins.
    "--no-check",
    "--no-prompt",
    // Its file has a name that everybody can guess, in a folder that everybody may write.
    "--no-code-cache",
    ...PERMISSIONS,
    ...(target === undefined ? [] : ["--target", target]),
    "--include",
    "dist/commit",
    "--include",
    "dist/releases",
    "--include",
    "src/daemon/worker.ts",
    "--output",
    output,
    "main.ts",
  ],
  cwd: root,
  stdin: "null",
});
const { success } = await command.spawn().status;
if (!success) {
  console.error(
    "compile: failed. Without access to Deno's download site, set DENORT_BIN to a runtime of the same version.",
  );
  Deno.exit(1);
}
const { size } = await Deno.stat(new URL(output, root));
console.log(`${output}  ${(size / 1e6).toFixed(1)} MB`);
