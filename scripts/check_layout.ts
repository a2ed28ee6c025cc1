// deno-lint-ignore-file no-console
/**
 * Checks the rules of the source tree: which folder may import which, where effects may be, how long
 * files and functions may get, and that nothing lies about unused. Reads `deno info --json`.
 *
 *     deno run --allow-read --allow-run scripts/check_layout.ts
 *
 * @module
 */

import { EFFECTS, FOLDER_FILES_MAX, MAY_IMPORT } from "./rooms.ts";

/** One broken rule, or one piece of advice: where, and what to do. */
export interface Finding {
  readonly file: string;
  readonly problem: string;
  /** Told, but no reason to fail. */
  readonly advice?: true;
}

interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

const TOP_LEVEL = [
  "LICENSE",
  "README.md",
  "deno.json",
  "deno.lock",
  "main.ts",
  "scripts",
  "src",
  "tests",
];
/** Beyond the first a length is told, beyond the second it is a finding. */
const FILE_LINES = { told: 350, max: 500 };
const FUNCTION_LINES = { told: 60, max: 100 };
const BANNED_NAME = /^(utils?|helpers?|common|misc|shared|types)\.ts$/;

const root = new URL("../", import.meta.url);

async function moduleGraph(entry: string): Promise<Map<string, string[]>> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: root,
    stderr: "null",
  }).output();
  const info = JSON.parse(new TextDecoder().decode(output.stdout)) as { modules: InfoModule[] };
  const graph = new Map<string, string[]>();
  for (const { specifier, dependencies = [] } of info.modules) {
    graph.set(
      relative(specifier),
      dependencies.map((d) => relative(d.code?.specifier ?? d.type?.specifier ?? d.specifier)),
    );
  }
  return graph;
}

function relative(specifier: string): string {
  return specifier.startsWith(root.href) ? specifier.slice(root.href.length) : specifier;
}

async function sourceFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) files.push(...await sourceFiles(`${path}/`));
    else if (entry.name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

/** The files below `src/sim` that some test imports. */
async function testImports(): Promise<ReadonlySet<string>> {
  const imported = new Set<string>();
  for (const file of await sourceFiles("tests/")) {
    const source = await Deno.readTextFile(new URL(file, root));
    for (const [, path = ""] of source.matchAll(/from "(?:\.\.\/)+(src\/sim\/[^"]+)"/g)) {
      imported.add(path);
    }
  }
  return imported;
}

/** The room of a file below `src`: its folder. */
function roomOf(file: string): string {
  return file.slice("src/".length, Math.max(file.lastIndexOf("/"), "src/".length));
}

function* importFindings(file: string, imports: readonly string[]): Generator<Finding> {
  const room = roomOf(file);
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined) {
    yield { file, problem: `room src/${room} has no row in scripts/rooms.ts` };
    return;
  }
  for (const target of imports) {
    if (!target.startsWith("src/")) {
      if (!/^jsr:\/?@std\/|^node:/.test(target)) {
        yield { file, problem: `imports ${target}: only @std packages and built-ins are allowed` };
      }
      continue;
    }
    const inside = target.slice("src/".length).replace(/\.ts$/, "");
    const fine = [room, ...allowed].some((to) => inside === to || roomOf(target) === to);
    if (!fine) yield { file, problem: `imports ${target}: src/${room} may not` };
  }
}

/** The rooms that each room imports. */
function roomGraph(graph: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const rooms = new Map<string, Set<string>>();
  for (const [file, imports] of graph) {
    if (!file.startsWith("src/")) continue;
    const room = `src/${roomOf(file)}`;
    const targets = rooms.get(room) ?? new Set();
    rooms.set(room, targets);
    for (const target of imports) {
      const to = `src/${roomOf(target)}`;
      if (target.startsWith("src/") && to !== room) targets.add(to);
    }
  }
  return new Map([...rooms].map(([room, targets]) => [room, [...targets]]));
}

function* folderFindings(files: readonly string[]): Generator<Finding> {
  const counts = Map.groupBy(files, (file) => `src/${roomOf(file)}`);
  for (const [folder, { length }] of counts) {
    if (length > FOLDER_FILES_MAX) {
      yield { file: folder, problem: `has ${length} files: at most ${FOLDER_FILES_MAX}; part it` };
    }
  }
}

/**
 * Exports that serve nobody: no other file of the program or its scripts uses the name, and either its
 * own file does not either, or no test asks for it.
 */
export function* unusedExports(sources: ReadonlyMap<string, string>): Generator<Finding> {
  const uses = new Map<string, Set<string>>();
  for (const [file, source] of sources) {
    for (const word of new Set(source.match(/\w+/g))) {
      uses.set(word, (uses.get(word) ?? new Set()).add(file));
    }
  }
  for (const [file, source] of sources) {
    if (!file.startsWith("src/")) continue;
    const exported = source.matchAll(/^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm);
    for (const [, name = ""] of exported) {
      const others = [...uses.get(name) ?? []].filter((other) => other !== file);
      if (others.some((other) => !other.startsWith("tests/"))) continue;
      const usedHere = source.split(new RegExp(`\\b${name}\\b`)).length > 2;
      if (others.length > 0 && usedHere) continue;
      yield { file, problem: `exports ${name}, which no other source file uses` };
    }
  }
}

/** Cycles of a graph, each once. Edges out of `src/` are passed over. */
function* cycleFindings(graph: ReadonlyMap<string, readonly string[]>): Generator<Finding> {
  const done = new Set<string>();
  const path: string[] = [];
  function* visit(file: string): Generator<Finding> {
    if (path.includes(file)) {
      yield { file, problem: `cycle: ${[...path.slice(path.indexOf(file)), file].join(" → ")}` };
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) if (next.startsWith("src/")) yield* visit(next);
    path.pop();
    done.add(file);
  }
  for (const file of graph.keys()) yield* visit(file);
}

/** Lengths of the functions of a file formatted by `deno fmt`: a body ends at its first line's indent. */
export function* functionLengths(source: string): Generator<{ line: number; lines: number }> {
  const lines = source.split("\n");
  for (const [at, line] of lines.entries()) {
    const starts =
      /^(\s*)(export )?(async )?(function\b.*|(const|let) \w+ = (async )?.*=>.*|#?\w+\(.*)$/
        .exec(line);
    if (
      starts === null || !/[{(,]$/.test(line) ||
      /^\s*(if|for|while|switch|return|await)\b/.test(line)
    ) {
      continue;
    }
    const indent = starts[1]!;
    const end = lines.findIndex((l, i) =>
      i > at && /^[})\]]/.test(l.slice(indent.length)) &&
      l.startsWith(indent) && !/[{(]$/.test(l)
    );
    if (end > at) yield { line: at + 1, lines: end - at + 1 };
  }
}

function* lengthFindings(file: string, source: string): Generator<Finding> {
  const long = (what: string, lines: number, { told, max }: typeof FILE_LINES): Finding[] => {
    if (lines <= told) return [];
    const problem = `${what} ${lines} lines`;
    return lines > max
      ? [{ file, problem: `${problem}: at most ${max}; split it by idea` }]
      : [{ file, problem: `${problem}: could it be two ideas?`, advice: true }];
  };
  yield* long("has", source.split("\n").length, FILE_LINES);
  for (const { line, lines } of functionLengths(source)) {
    yield* long(`function at line ${line} has`, lines, FUNCTION_LINES);
  }
}

function* textFindings(file: string, source: string): Generator<Finding> {
  yield* lengthFindings(file, source);
  if (BANNED_NAME.test(file.split("/").at(-1)!)) {
    yield { file, problem: "is named after nothing: name it after its one idea" };
  }
  const code = source.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  if (file.startsWith("src/") && !EFFECTS.some((at) => at.test(file))) {
    const effect = code.match(/(?<![\w."'`])(Deno\.(?!errors\b|Kv\b)|fetch\()/);
    if (effect !== null) yield { file, problem: `uses ${effect[0]}: effects stand at the edges` };
  }
  if (/^export (default\b|\* from\b)/m.test(code)) {
    yield { file, problem: "has a default export or a barrel" };
  }
  if (/^(export )?const .*= (failure|new \w*(Error|Failure))\(/m.test(code)) {
    yield {
      file,
      problem: "makes an error while it loads: that takes V8 as long as all of its file",
    };
  }
}

/** Every broken rule of the tree. */
export async function checkLayout(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { name } of Deno.readDir(root)) {
    if (name.startsWith(".") || TOP_LEVEL.includes(name)) continue;
    if (["vendor", "dist", "coverage"].includes(name)) continue;
    findings.push({ file: name, problem: "does not belong at the top level" });
  }
  const graph = await moduleGraph("main.ts");
  const tested = await testImports();
  const files = await sourceFiles("src/");
  for (const file of files) {
    const imports = graph.get(file);
    // The fakes serve the tests as well as the demo; everything else must be part of the program.
    if (imports === undefined && file.startsWith("src/sim/") && tested.has(file)) continue;
    if (imports === undefined) findings.push({ file, problem: "is imported by nobody" });
    else findings.push(...importFindings(file, imports));
  }
  findings.push(...cycleFindings(graph), ...cycleFindings(roomGraph(graph)));
  findings.push(...folderFindings(files));
  const sources = new Map<string, string>();
  for (const file of ["main.ts", ...files, ...await sourceFiles("scripts/")]) {
    if (file.endsWith(".d.ts")) continue;
    const source = await Deno.readTextFile(new URL(file, root));
    sources.set(file, source);
    findings.push(...textFindings(file, source));
  }
  for (const file of await sourceFiles("tests/")) {
    sources.set(file, await Deno.readTextFile(new URL(file, root)));
  }
  // The fakes are there for the tests, which use more of them than the demo does.
  findings.push(...[...unusedExports(sources)].filter(({ file }) => !file.startsWith("src/sim/")));
  return findings;
}

if (import.meta.main) {
  const findings = await checkLayout();
  for (const { file, problem, advice } of findings) {
    console.error(`${advice ? "advice: " : ""}${file}: ${problem}`);
  }
  if (findings.some(({ advice }) => !advice)) Deno.exit(1);
  console.log("layout: ok");
}
