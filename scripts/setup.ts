// deno-lint-ignore-file no-console
/**
 * Puts the `@std` packages into `vendor/` so that every task runs from a fresh clone.
 *
 * Where JSR answers, Deno fetches them itself and this script has nothing more to do. In a network
 * that reaches the npm registry only, it takes the same modules from the npm package `deno-std`,
 * checks the tarball against the sum below, and lays them out as a vendored copy under the checksums
 * of `deno.lock`. Types come from `scripts/std_types`. It imports nothing that would have to be fetched.
 *
 * @module
 */
import { readTarGz, type TarFile } from "../src/system/tar.ts";

const STAND_IN = {
  spec: "deno-std@1.4.0",
  sha512:
    "7c0Y6tyn0Sx0NKiaAeGtDwrpG+C7VFcOStVcYXPnjAuIEonxzVV+n6s8iuFjg6keqzxo/zrPbR/J9EY9BLNsRA==",
};
/** What the project imports of each package: the entry as JSR names it → the module in the package. */
const ENTRIES: Record<string, Record<string, string>> = {
  assert: { ".": "assert/mod.js" },
  cli: { "./parse-args": "cli/parse_args.js", "./prompt-secret": "cli/prompt_secret.js" },
  crypto: { "./timing-safe-equal": "crypto/timing_safe_equal.js" },
  encoding: {
    "./base64": "encoding/base64.js",
    "./base64url": "encoding/base64url.js",
    "./hex": "encoding/hex.js",
  },
  http: {
    "./cookie": "http/cookie.js",
    "./server-sent-event-stream": "http/server_sent_event_stream.js",
    "./status": "http/status.js",
  },
};
const JSR_TIMEOUT_MS = 30_000;

const root = new URL("../", import.meta.url);
const vendor = new URL("vendor/jsr.io/@std/", root);

interface Locked {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

async function lockedPackages(): Promise<Locked[]> {
  const lock = JSON.parse(await Deno.readTextFile(new URL("deno.lock", root)));
  return Object.entries(lock.jsr as Record<string, { integrity: string }>)
    .map(([key, { integrity }]) => {
      const [, name = "", version = ""] = key.match(/^@std\/(.+)@(.+)$/) ?? [];
      return { name, version, integrity };
    })
    .filter(({ name }) => name in ENTRIES);
}

/** Whether the packages are there, with every part that is imported today. */
async function vendored(packages: Locked[]): Promise<boolean> {
  for (const { name, version } of packages) {
    const meta = new URL(`${name}/${version}_meta.json`, vendor);
    const text = await Deno.readTextFile(meta).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return "{}";
      throw error;
    });
    const { exports = {} }: { exports?: Record<string, string> } = JSON.parse(text);
    if (!Object.keys(ENTRIES[name]!).every((part) => part in exports)) return false;
  }
  return true;
}

/** Lets Deno fetch the locked packages; false when JSR cannot be reached. */
async function fetchFromJsr(): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["install", "--frozen", "--quiet", "--entrypoint", "main.ts"],
    cwd: root,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(JSR_TIMEOUT_MS),
  });
  return (await command.output()).success;
}

async function packStandIn(folder: string): Promise<TarFile[]> {
  const npm = Deno.build.os === "windows" ? "npm.cmd" : "npm";
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(npm, {
      args: ["pack", "--silent", "--pack-destination", folder, STAND_IN.spec],
      cwd: folder,
      stdin: "null",
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error("neither JSR nor npm is there: connect to JSR once, or install npm");
  }
  if (!output.success) {
    const why = new TextDecoder().decode(output.stderr).trim();
    throw new Error(`JSR does not answer and "npm pack ${STAND_IN.spec}" failed: ${why}`);
  }
  const tarball = new TextDecoder().decode(output.stdout).trim().split("\n").at(-1) ?? "";
  const bytes = await Deno.readFile(`${folder}/${tarball}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
  const sum = btoa(String.fromCharCode(...digest));
  if (sum !== STAND_IN.sha512) {
    throw new Error(`${STAND_IN.spec} is not the package expected: its sha512 is ${sum}`);
  }
  return await readTarGz(bytes);
}

async function writePackage(into: URL, locked: Locked, files: TarFile[]): Promise<void> {
  const { name, version, integrity } = locked;
  const entries = ENTRIES[name]!;
  const typed = new Map<string, string>();
  const folder = new URL(`${name}/${version}/`, into);
  for (const module of Object.values(entries)) {
    const types = module.replace(/\.js$/, ".d.ts");
    typed.set(module, `./${types.split("/").at(-1)}`);
    await write(
      new URL(types, folder),
      await Deno.readFile(new URL(`scripts/std_types/${types}`, root)),
    );
  }
  for (const { path, bytes } of files) {
    const module = path.replace(/^package\//, "");
    if (!module.startsWith(`${name}/`) && !module.startsWith("internal/")) continue;
    if (!module.endsWith(".js")) continue;
    const head = typed.has(module) ? `// @ts-self-types="${typed.get(module)}"\n` : "";
    await write(
      new URL(module, folder),
      new TextEncoder().encode(head + new TextDecoder().decode(bytes)),
    );
  }
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  await write(
    new URL(`${name}/meta.json`, into),
    json({ scope: "std", name, latest: version, versions: { [version]: {} } }),
  );
  const exports = Object.fromEntries(Object.entries(entries).map(([k, v]) => [k, `./${v}`]));
  await write(
    new URL(`${name}/${version}_meta.json`, into),
    json({ manifest: {}, exports, lockfileChecksum: integrity, standIn: STAND_IN.spec }),
  );
}

async function write(url: URL, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(new URL(".", url), { recursive: true });
  await Deno.writeFile(url, bytes);
}

async function layOutStandIn(packages: Locked[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-setup-" });
  // Written beside the target and renamed, so that a task started meanwhile never sees half of it.
  const staged = new URL(`vendor/.staged-${Deno.pid}/`, root);
  try {
    const files = await packStandIn(folder);
    for (const locked of packages) await writePackage(staged, locked, files);
    for (const { name } of packages) {
      await Deno.mkdir(vendor, { recursive: true });
      await Deno.remove(new URL(name, vendor), { recursive: true }).catch(() => {});
      await Deno.rename(new URL(name, staged), new URL(name, vendor)).catch((error) => {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(staged, { recursive: true }).catch(() => {});
  }
}

async function main(): Promise<void> {
  const packages = await lockedPackages();
  if (await vendored(packages)) return;
  if (await fetchFromJsr() && await vendored(packages)) return;
  console.error(
    `setup: JSR does not answer; taking the @std packages from npm (${STAND_IN.spec}), once`,
  );
  await layOutStandIn(packages);
}

try {
  await main();
} catch (error) {
  console.error(`setup: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
