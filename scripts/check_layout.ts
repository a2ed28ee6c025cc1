// deno-lint-ignore-file no-console
/**
 * Checks the rules of the source tree: which folder may import which, where effects may be, how long
 * files and functions may get, and that nothing lies about unused. Reads `deno info --json`.
 *
 *     deno run --allow-read --allow-run scripts/check_layout.ts
 *
 * @module
 */

/** One broken rule: where, and what to do. */
export interface Finding {
  readonly file: string;
  readonly problem: string;
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
/** Folders below `src` and the folders they may import besides their own. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  system: [],
  policy: ["system"],
  twilio: ["system", "policy/phone"],
  gateway: ["system", "policy/phone"],
  text: ["system"],
  config: ["system", "policy", "text/render"],
  store: ["system", "policy/phone"],
  server: ["system"],
  bridge: ["system", "policy", "twilio", "gateway", "text", "config", "store", "server"],
  sim: ["system", "policy/phone", "twilio", "gateway", "text", "store", "bridge", "config"],
  cli: [
    "system",
    "policy",
    "twilio",
    "gateway",
    "text",
    "config",
    "store",
    "server",
    "bridge",
    "sim",
  ],
};
/** Where `Deno.` and `fetch(` may stand. */
const EFFECTS = [
  /^src\/(store|server|system|cli|sim)\//,
  /^src\/gateway\/link\.ts$/,
  /^src\/twilio\/(rest|media)\.ts$/,
  /^src\/config\/(load|secrets|files)[a-z_]*\.ts$/,
];
const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
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

function* importFindings(file: string, imports: readonly string[]): Generator<Finding> {
  const folder = file.split("/")[1] ?? "";
  const allowed = MAY_IMPORT[folder];
  if (allowed === undefined) {
    yield { file, problem: `folder src/${folder} has no row in MAY_IMPORT` };
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
    const fine = inside.startsWith(`${folder}/`) ||
      allowed.some((to) => inside === to || inside.startsWith(`${to}/`));
    if (!fine) yield { file, problem: `imports ${target}: src/${folder} may not` };
  }
}

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

function* textFindings(file: string, source: string): Generator<Finding> {
  const lines = source.split("\n").length;
  if (lines > FILE_LINES_MAX) {
    yield { file, problem: `has ${lines} lines: at most ${FILE_LINES_MAX}; split it by idea` };
  }
  for (const { line, lines } of functionLengths(source)) {
    if (lines > FUNCTION_LINES_MAX) {
      yield {
        file,
        problem: `function at line ${line} has ${lines} lines: at most ${FUNCTION_LINES_MAX}`,
      };
    }
  }
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
  findings.push(...cycleFindings(graph));
  for (const file of [...files, ...await sourceFiles("scripts/")]) {
    if (file.endsWith(".d.ts")) continue;
    findings.push(...textFindings(file, await Deno.readTextFile(new URL(file, root))));
  }
  return findings;
}

if (import.meta.main) {
  const findings = await checkLayout();
  for (const { file, problem } of findings) console.error(`${file}: ${problem}`);
  if (findings.length > 0) Deno.exit(1);
  console.log("layout: ok");
}
