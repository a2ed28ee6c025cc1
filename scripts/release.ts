// deno-lint-ignore-file no-console
/**
 * Makes a release in `dist/release`: an archive for each target, a `.deb` for Linux where dpkg-deb is,
 * an SBOM (SPDX), `SHA256SUMS`, `install.sh`, and with `--base-url` a Homebrew formula and a Containerfile.
 *
 *     deno task release [--target TRIPLE]… [--base-url URL] [--releases-url URL] [--require-all]
 *
 * Says of each target whether it could be made here. `--base-url` is where `install.sh` is to fetch the
 * archives from, `--releases-url` where `upgrade` is to look for newer ones; `--require-all` fails when one is missing. With `DENORT_BIN`, only this machine's own
 * target is made. The archives' times are those of the commit (or `SOURCE_DATE_EPOCH`), so that they
 * depend on the sources and the compiler alone.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { encodeHex } from "@std/encoding/hex";
import { COMMANDS } from "../src/cli/commands/table.ts";
import { renderCompletions } from "../src/cli/completions.ts";
import { launchdPlist, systemdUnit, UNIT_NAME } from "../src/daemon/service_unit.ts";
import { exampleConfig } from "../src/config/describe.ts";
import { VERSION } from "../src/system/version.ts";
import { manPage } from "./man.ts";
import { containerfile, DEB_ARCHITECTURES, homebrewFormula, writeDeb } from "./packages.ts";
import { type Lock, sbom } from "./sbom.ts";
import { type TarEntry, writeTarGz } from "./tar.ts";

/** What a release is made for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
  "aarch64-pc-windows-msvc",
] as const;

/** What the program imports of JSR; the tests import `@std/assert` besides. */
export const RUNTIME_IMPORTS = ["@std/cli", "@std/crypto", "@std/encoding", "@std/http"] as const;
const SBOM = "sms-bridge.spdx.json";

const root = new URL("../", import.meta.url);
const folder = new URL("dist/release/", root);

/** What came of one target. */
interface Made {
  readonly target: string;
  /** The archive's name; null when it could not be made. */
  readonly archive: string | null;
  readonly note: string;
}

async function output(program: string, args: string[]): Promise<string | null> {
  try {
    const command = new Deno.Command(program, { args, cwd: root, stderr: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null;
  }
}

/** The time of the archives' files, in seconds since the epoch. */
async function sourceTimeSec(): Promise<number> {
  const said = Deno.env.get("SOURCE_DATE_EPOCH") ??
    await output("git", ["log", "-1", "--format=%ct"]) ?? "0";
  return Number(said) || 0;
}

/** Completions for the shells, and the manual page. */
function documents(): Record<string, string> {
  return {
    "sms-bridge.1": manPage(COMMANDS, VERSION),
    "completions/sms-bridge.bash": renderCompletions("bash", COMMANDS),
    "completions/_sms-bridge": renderCompletions("zsh", COMMANDS),
    "completions/sms-bridge.fish": renderCompletions("fish", COMMANDS),
  };
}

/** The files beside the executable: how to run it as a service, to configure it, and to read about it. */
export function companions(target: string): Record<string, string> {
  const config = { "config.example.json5": exampleConfig() };
  if (target.includes("windows")) {
    return { ...config, "completions/sms-bridge.ps1": renderCompletions("powershell", COMMANDS) };
  }
  const example = { ...config, ...documents() };
  if (target.includes("apple")) {
    const plist = launchdPlist("/usr/local/bin/sms-bridge", "/tmp/sms-bridge.log");
    return { ...example, "sms-bridge.plist": plist };
  }
  const unit = systemdUnit({
    program: "%h/.local/bin/sms-bridge",
    scope: "user",
    user: "sms-bridge",
    environmentFile: "%h/.openclaw/sms-bridge/env",
  });
  return { ...example, [UNIT_NAME]: unit };
}

async function compile(
  target: string,
  file: string,
  releasesUrl: string,
): Promise<string | null> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-read",
      "--allow-write",
      "--allow-run",
      "--allow-env",
      "scripts/compile.ts",
      // A runtime that is given is this machine's, and needs no other to be fetched.
      ...(Deno.env.has("DENORT_BIN") ? [] : ["--target", target]),
      "--bundled",
      "--output",
      file,
      "--releases",
      releasesUrl,
    ],
    cwd: root,
    stdout: "null",
  }).output();
  if (success) return null;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  return lines.find((line) => /error/i.test(line)) ?? lines[0] ?? "failed";
}

async function make(target: string, mtimeSec: number, releasesUrl: string): Promise<Made> {
  if (Deno.env.has("DENORT_BIN") && target !== Deno.build.target) {
    return { target, archive: null, note: "DENORT_BIN is a runtime of this machine's target only" };
  }
  const name = `sms-bridge-${VERSION}-${target}`;
  const program = target.includes("windows") ? "sms-bridge.exe" : "sms-bridge";
  const file = `dist/build/${target}/${program}`;
  const problem = await compile(target, file, releasesUrl);
  if (problem !== null) return { target, archive: null, note: problem };
  const entry = (path: string, bytes: Uint8Array, executable = false): TarEntry => {
    return { path: `${name}/${path}`, bytes, executable };
  };
  const entries = [entry(program, await Deno.readFile(new URL(file, root)), true)];
  for (const path of ["LICENSE", "README.md"]) {
    entries.push(entry(path, await Deno.readFile(new URL(path, root))));
  }
  for (const [path, text] of Object.entries(companions(target))) {
    entries.push(entry(path, new TextEncoder().encode(text)));
  }
  const bytes = await writeTarGz(entries, mtimeSec);
  await Deno.writeFile(new URL(`${name}.tar.gz`, folder), bytes);
  return { target, archive: `${name}.tar.gz`, note: `${(bytes.length / 1e6).toFixed(1)} MB` };
}

/** Writes the sums of the files; returns them by name. */
async function writeSums(names: readonly string[]): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  for (const name of [...names].sort()) {
    const bytes = await Deno.readFile(new URL(name, folder));
    sums.set(name, encodeHex(await crypto.subtle.digest("SHA-256", bytes)));
  }
  const lines = [...sums].map(([name, sum]) => `${sum}  ${name}\n`);
  await Deno.writeTextFile(new URL("SHA256SUMS", folder), lines.join(""));
  return sums;
}

/** Makes a `.deb` of each Linux target that was made; returns the files' names. */
async function makeDebs(made: readonly Made[], mtimeSec: number): Promise<string[]> {
  const names: string[] = [];
  for (const { target, archive } of made) {
    const architecture = DEB_ARCHITECTURES[target];
    if (archive === null || architecture === undefined) continue;
    const name = `sms-bridge_${VERSION}_${architecture}.deb`;
    const problem = await writeDeb({
      program: new URL(`dist/build/${target}/sms-bridge`, root),
      version: VERSION,
      architecture,
      license: await Deno.readTextFile(new URL("LICENSE", root)),
      output: new URL(name, folder),
      mtimeSec,
    });
    if (problem === null) names.push(name);
    console.log(
      `${problem === null ? "made    " : "not made"}  ${name}  ${problem ?? ""}`.trimEnd(),
    );
  }
  return names;
}

/** What the executables are made of. */
async function writeSbom(timeSec: number): Promise<void> {
  const lock: Lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", root)));
  const deno = Deno.version.deno;
  const text = sbom({ version: VERSION, deno, lock, imports: RUNTIME_IMPORTS, timeSec });
  await Deno.writeTextFile(new URL(SBOM, folder), text);
}

/** The formula and the Containerfile: both fetch archives, so they need an address. */
async function writeRecipes(baseUrl: string, sums: ReadonlyMap<string, string>): Promise<void> {
  const byTarget = TARGETS.flatMap((target) => {
    const sum = sums.get(`sms-bridge-${VERSION}-${target}.tar.gz`);
    return sum === undefined ? [] : [[target, sum] as const];
  });
  const archives = { version: VERSION, baseUrl, sums: new Map(byTarget) };
  await Deno.writeTextFile(new URL("sms-bridge.rb", folder), homebrewFormula(archives));
  const container = containerfile(archives);
  if (container !== null) await Deno.writeTextFile(new URL("Containerfile", folder), container);
}

async function writeInstaller(baseUrl: string): Promise<void> {
  const text = await Deno.readTextFile(new URL("scripts/install.sh", root));
  const filled = text
    .replace(/^version=.*$/m, `version=\${SMS_BRIDGE_VERSION:-${VERSION}}`)
    .replace(/^base=.*$/m, `base=\${SMS_BRIDGE_RELEASES:-${baseUrl}}`);
  await Deno.writeTextFile(new URL("install.sh", folder), filled, { mode: 0o755 });
}

async function main(): Promise<void> {
  const flags = parseArgs(Deno.args, {
    string: ["base-url", "releases-url", "target"],
    boolean: ["require-all"],
    collect: ["target"],
  });
  const targets: readonly string[] = flags.target.length > 0 ? flags.target : TARGETS;
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  const mtimeSec = await sourceTimeSec();
  const all: Made[] = [];
  for (const target of targets) {
    await Deno.mkdir(new URL(`dist/build/${target}/`, root), { recursive: true });
    const made = await make(target, mtimeSec, flags["releases-url"] ?? "");
    all.push(made);
    console.log(`${made.archive === null ? "not made" : "made    "}  ${target}  ${made.note}`);
  }
  const archives = all.flatMap(({ archive }) => archive === null ? [] : [archive]);
  await writeSbom(mtimeSec);
  const sums = await writeSums([...archives, ...await makeDebs(all, mtimeSec), SBOM]);
  const baseUrl = flags["base-url"] ?? "";
  await writeInstaller(baseUrl);
  if (baseUrl === "") console.log("no formula and Containerfile: --base-url is not given");
  else await writeRecipes(baseUrl, sums);
  console.log(`${archives.length} of ${targets.length} targets are in dist/release`);
  if (archives.length === 0 || (flags["require-all"] && archives.length < all.length)) Deno.exit(1);
}

if (import.meta.main) await main();
