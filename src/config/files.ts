/**
 * Configuration files: read with what they include, as OpenClaw does; written whole or not at all, for their
 * owner alone.
 *
 * @module
 */
import { errorText, Failure } from "../system/failure.ts";
import {
  CONFIG_BYTES_MAX,
  CONFIG_FILES_MAX,
  CONFIG_INCLUDE_DEPTH_MAX,
  CONFIG_VALUES_MAX,
  JSON5_DEPTH_MAX,
} from "../system/limits.ts";
import { parseJson5, placesOf, repeatedKeys } from "./json5/json5.ts";
import type { Problem } from "./problem.ts";
import { emptyTree, mergeTrees, type Tree, treeOf } from "./json5/tree.ts";
import { dirname, isBelow, resolve } from "../system/path.ts";

/** A file that was read, with everything it includes. */
export interface ConfigFile {
  readonly path: string;
  readonly tree: Tree;
  /** All files that it is made of. */
  readonly parts: readonly string[];
  /** Keys that stand twice, where that is no fault. */
  readonly warnings: readonly string[];
}

/** What came of reading one; `absent` when there is no such file. */
export type FileReading =
  | { readonly kind: "file"; readonly file: ConfigFile }
  | { readonly kind: "absent" }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** Ends the reading of a file. */
class FileFault extends Failure {
  constructor(readonly problem: Problem) {
    const message = `Cannot use ${problem.name}: it ${problem.problem}`;
    super("configuration", { code: "file-unusable", message, hint: problem.fix });
  }
}

function fault(where: string, problem: string, fix: string): never {
  throw new FileFault({ name: where, problem, fix });
}

/** The text of a file; null when there is none. */
export function readText(path: string): string | null {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) fault(path, "is not a regular file", "name a file");
    if (size > CONFIG_BYTES_MAX) {
      fault(path, `is longer than ${CONFIG_BYTES_MAX} bytes`, "configuration is small text");
    }
    return Deno.readTextFileSync(path);
  } catch (error) {
    const absent = [Deno.errors.NotFound, Deno.errors.NotADirectory];
    if (absent.some((kind) => error instanceof kind)) return null;
    if (error instanceof FileFault) throw error;
    fault(path, `cannot be read: ${errorText(error)}`, "check its owner and mode");
  }
}

interface Reading {
  /** What may be included lies below. */
  readonly root: string;
  readonly parts: string[];
  /** Takes keys that stand twice, as OpenClaw does: the last counts. */
  readonly repeatsWarn: boolean;
  readonly warnings: string[];
  /** What was read so far, over all files. */
  chars: number;
  values: number;
}

function parse(reading: Reading, text: string, path: string): Tree {
  reading.parts.push(path);
  reading.chars += text.length;
  if (reading.parts.length > CONFIG_FILES_MAX) {
    fault(path, `is one of more than ${CONFIG_FILES_MAX} included files`, "include fewer");
  }
  if (reading.chars > CONFIG_BYTES_MAX) {
    const problem = `makes all files together longer than ${CONFIG_BYTES_MAX} characters`;
    fault(path, problem, "configuration is small text");
  }
  const read = parseJson5(text);
  if (read.kind === "fault") {
    const { line, column } = read.at;
    fault(`${path}:${line}:${column}`, `is not JSON5: ${read.message}`, "correct the file there");
  }
  const placeOf = placesOf(text);
  for (const { key, path: keys, first, again } of repeatedKeys(read.node)) {
    const [where, before] = [`${path}:${placeOf(again).line}`, placeOf(first).line];
    if (!reading.repeatsWarn) {
      fault(where, `repeats the key "${key}" of line ${before}`, "leave one of them");
    }
    reading.warnings.push(`${where} repeats ${keys} of line ${before}: the last counts`);
  }
  return treeOf(read.node, path, placeOf);
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

function includedPath(reading: Reading, from: string, include: Tree): string {
  const { origin } = include;
  const where = origin.kind === "file" ? `${origin.file}:${origin.line}` : from;
  if (include.kind !== "value" || typeof include.value !== "string") {
    fault(where, "must include a path or a list of paths", '$include: "./sms.json5"');
  }
  const path = resolve(include.value, dirname(from));
  if (!isBelow(realPath(path), reading.root)) {
    fault(where, `includes a file outside of ${reading.root}`, "keep included files below it");
  }
  return path;
}

function readTree(
  reading: Reading,
  path: string,
  chain: readonly string[],
  depth: number,
): Tree {
  if (chain.includes(path)) fault(path, "includes itself", "break the circle");
  if (chain.length > CONFIG_INCLUDE_DEPTH_MAX) {
    fault(path, `is included more than ${CONFIG_INCLUDE_DEPTH_MAX} files deep`, "flatten them");
  }
  const text = readText(path);
  if (text === null) fault(path, "is included but not there", "write it, or drop the $include");
  return resolveIncludes(reading, parse(reading, text, path), [...chain, path], depth);
}

/** Counts a value against the limits of all files together. */
function count(reading: Reading, path: string, depth: number): void {
  if (++reading.values > CONFIG_VALUES_MAX) {
    const problem = `makes all files together hold more than ${CONFIG_VALUES_MAX} values`;
    fault(path, problem, "include fewer");
  }
  if (depth > JSON5_DEPTH_MAX) {
    fault(path, `nests values deeper than ${JSON5_DEPTH_MAX}`, "flatten them");
  }
}

/** Puts the files in that a tree includes; `chain` ends with the file that it is of. */
function resolveIncludes(
  reading: Reading,
  tree: Tree,
  chain: readonly string[],
  depth: number,
): Tree {
  const path = chain.at(-1)!;
  count(reading, path, depth);
  if (tree.kind === "value") return tree;
  const inside = (one: Tree) => resolveIncludes(reading, one, chain, depth + 1);
  if (tree.kind === "list") return { ...tree, items: tree.items.map(inside) };
  const include = tree.entries.get("$include");
  const rest = [...tree.entries].filter(([key]) => key !== "$include");
  const own: Tree = { ...tree, entries: new Map(rest.map(([key, one]) => [key, inside(one)])) };
  if (include === undefined) return own;
  const files = include.kind === "list" ? include.items : [include];
  const included = files.map((one) =>
    readTree(reading, includedPath(reading, path, one), chain, depth)
  );
  const base = included.reduce<Tree>(
    (below, one) => mergeTrees(below, one, "append"),
    emptyTree(tree.origin),
  );
  return rest.length === 0 ? base : mergeTrees(base, own, "append");
}

/**
 * Reads a configuration file with all that it includes.
 *
 * @param repeatsWarn Whether keys may stand twice, of which the last counts.
 */
export function readConfigFile(given: string, repeatsWarn = false): FileReading {
  const path = resolve(given);
  try {
    const text = readText(path);
    if (text === null) return { kind: "absent" };
    const reading: Reading = {
      root: realPath(dirname(path)),
      parts: [],
      repeatsWarn,
      warnings: [],
      chars: 0,
      values: 0,
    };
    const tree = resolveIncludes(reading, parse(reading, text, path), [path], 1);
    if (tree.kind !== "object") {
      fault(path, "must hold one object", "{ channels: { sms: { … } } }");
    }
    return { kind: "file", file: { path, tree, parts: reading.parts, warnings: reading.warnings } };
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    return { kind: "problems", problems: [error.problem] };
  }
}

/** The file itself, when the path is a link to it. */
function target(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/**
 * Replaces a file in one step, mode 0600; its folder is made if need be.
 *
 * @throws {Deno.errors.PermissionDenied} And others of the system's.
 */
export async function writeConfigFile(path: string, text: string): Promise<void> {
  const file = target(path);
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  const handle = await Deno.open(next, { write: true, createNew: true, mode: 0o600 });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await handle.write(bytes.subarray(at));
    await handle.syncData();
    await Deno.rename(next, file);
  } catch (error) {
    await Deno.remove(next).catch(() => {});
    throw error;
  } finally {
    handle.close();
  }
}

/**
 * Reads a file, has it changed and writes it, while no other command does: what another has written meanwhile
 * would be lost. Returns what it was and is.
 */
export async function changeConfigFile(
  path: string,
  edit: (before: string) => string,
): Promise<{ readonly before: string; readonly after: string }> {
  const folder = dirname(target(path));
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  // Windows opens no folder.
  using lock = await Deno.open(folder).catch(() => null);
  await lock?.lock(true);
  const before = readText(path) ?? "";
  const after = edit(before);
  if (after !== before) await writeConfigFile(path, after);
  return { before, after };
}

/** Keeps a copy of a file beside it; returns the copy's path. */
export async function backUpFile(path: string): Promise<string> {
  const file = target(path);
  const copy = `${file}.bak`;
  await Deno.copyFile(file, copy);
  await Deno.chmod(copy, 0o600);
  return copy;
}
